// SPDX-License-Identifier: Apache-2.0
// Element: one XML element as a value: name, namespace, attributes, children in document order.
// Comparable and copyable. Depth is bounded by the parser (LIM-DEPTH), so recursion is safe.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace xmpp {

class Element;

struct Attribute {
  std::string name;  // local name
  std::string value;
  std::string ns;  // "" for the usual unprefixed attribute; the URI for xml:lang and the like
  friend bool operator==(const Attribute&, const Attribute&) = default;
};

class Element {
 public:
  using Node = std::variant<Element, std::string>;  // child element or character data

  Element() = default;
  Element(std::string_view name, std::string_view ns) : name_(name), ns_(ns) {}

  const std::string& name() const { return name_; }
  const std::string& ns() const { return ns_; }
  void set_name(std::string_view name) { name_ = name; }
  void set_ns(std::string_view ns) { ns_ = ns; }
  bool is(std::string_view name, std::string_view ns) const { return name_ == name && ns_ == ns; }

  // Attributes without a namespace. attr() is "" when absent; find_attr() tells the difference.
  std::string_view attr(std::string_view name) const;
  const std::string* find_attr(std::string_view name) const;
  Element& set_attr(std::string_view name, std::string_view value);  // adds or replaces
  void remove_attr(std::string_view name);
  const std::vector<Attribute>& attributes() const { return attributes_; }
  std::vector<Attribute>& attributes() { return attributes_; }
  std::string_view lang() const;  // xml:lang of this element itself, "" if none
  void set_lang(std::string_view lang);

  const std::vector<Node>& nodes() const { return nodes_; }
  std::vector<Node>& nodes() { return nodes_; }

  // First child element with that name and namespace, or null.
  const Element* child(std::string_view name, std::string_view ns) const;
  Element* child(std::string_view name, std::string_view ns);
  // First child element of any name in that namespace, or of any namespace at all.
  const Element* child_in(std::string_view ns) const;
  const Element* first_child() const;
  std::size_t child_count() const;  // elements only

  template <class F>
  void for_each_child(F&& f) const {
    for (const auto& node : nodes_)
      if (const auto* e = std::get_if<Element>(&node)) f(*e);
  }
  // Removes child elements for which pred holds; returns how many.
  std::size_t remove_children_if(const std::function<bool(const Element&)>& pred);

  Element& add(Element child);                               // returns the child as stored
  Element& add(std::string_view name, std::string_view ns);  // the same with a new empty child
  Element& with(Element child) &;                            // returns *this, for chaining
  Element&& with(Element child) &&;
  void add_text(std::string_view text);      // merges with preceding text
  Element& set_text(std::string_view text);  // replaces all nodes
  std::string text() const;                  // character data of this element itself, joined

  friend bool operator==(const Element&, const Element&) = default;

 private:
  std::string name_;
  std::string ns_;
  std::vector<Attribute> attributes_;
  std::vector<Node> nodes_;
};

// text of child(name, ns), nullopt if there is no such child.
std::optional<std::string> child_text(const Element& e, std::string_view name, std::string_view ns);

}  // namespace xmpp
