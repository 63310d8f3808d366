// SPDX-License-Identifier: Apache-2.0
#include "xmpp/element.h"

#include <algorithm>

#include "xmpp/ns.h"

namespace xmpp {
namespace {

template <class Attributes>
auto find(Attributes& attributes, std::string_view name, std::string_view ns) {
  return std::find_if(attributes.begin(), attributes.end(),
                      [&](const Attribute& a) { return a.name == name && a.ns == ns; });
}

void set(std::vector<Attribute>& attributes, std::string_view name, std::string_view value,
         std::string_view ns) {
  const auto found = find(attributes, name, ns);
  if (found != attributes.end())
    found->value = value;
  else
    attributes.push_back({std::string(name), std::string(value), std::string(ns)});
}

template <class Nodes, class Pred>
auto first_element(Nodes& nodes, Pred pred) -> decltype(std::get_if<Element>(&nodes.front())) {
  for (auto& node : nodes)
    if (auto* e = std::get_if<Element>(&node); e && pred(*e)) return e;
  return nullptr;
}

}  // namespace

std::string_view Element::attr(std::string_view name) const {
  const std::string* value = find_attr(name);
  return value ? std::string_view(*value) : std::string_view();
}

const std::string* Element::find_attr(std::string_view name) const {
  const auto found = find(attributes_, name, {});
  return found == attributes_.end() ? nullptr : &found->value;
}

Element& Element::set_attr(std::string_view name, std::string_view value) {
  set(attributes_, name, value, {});
  return *this;
}

void Element::remove_attr(std::string_view name) {
  const auto found = find(attributes_, name, {});
  if (found != attributes_.end()) attributes_.erase(found);
}

std::string_view Element::lang() const {
  const auto found = find(attributes_, "lang", ns::xml);
  return found == attributes_.end() ? std::string_view() : std::string_view(found->value);
}

void Element::set_lang(std::string_view lang) { set(attributes_, "lang", lang, ns::xml); }

const Element* Element::child(std::string_view name, std::string_view ns) const {
  return first_element(nodes_, [&](const Element& e) { return e.is(name, ns); });
}

Element* Element::child(std::string_view name, std::string_view ns) {
  return first_element(nodes_, [&](const Element& e) { return e.is(name, ns); });
}

const Element* Element::child_in(std::string_view ns) const {
  return first_element(nodes_, [&](const Element& e) { return e.ns() == ns; });
}

const Element* Element::first_child() const {
  return first_element(nodes_, [](const Element&) { return true; });
}

std::size_t Element::child_count() const {
  std::size_t count = 0;
  for_each_child([&](const Element&) { ++count; });
  return count;
}

std::size_t Element::remove_children_if(const std::function<bool(const Element&)>& pred) {
  return std::erase_if(nodes_, [&](const Node& node) {
    const auto* e = std::get_if<Element>(&node);
    return e && pred(*e);
  });
}

Element& Element::add(Element child) {
  return std::get<Element>(nodes_.emplace_back(std::move(child)));
}

Element& Element::add(std::string_view name, std::string_view ns) {
  return std::get<Element>(nodes_.emplace_back(std::in_place_type<Element>, name, ns));
}

Element& Element::with(Element child) & {
  add(std::move(child));
  return *this;
}

Element&& Element::with(Element child) && {
  add(std::move(child));
  return std::move(*this);
}

void Element::add_text(std::string_view text) {
  if (text.empty()) return;
  if (!nodes_.empty()) {
    if (auto* last = std::get_if<std::string>(&nodes_.back())) {
      *last += text;
      return;
    }
  }
  nodes_.emplace_back(std::in_place_type<std::string>, text);
}

Element& Element::set_text(std::string_view text) {
  const std::string kept(text);  // `text` may point into what is cleared
  nodes_.clear();
  add_text(kept);
  return *this;
}

std::string Element::text() const {
  std::string joined;
  for (const Node& node : nodes_)
    if (const auto* text = std::get_if<std::string>(&node)) joined += *text;
  return joined;
}

std::optional<std::string> child_text(const Element& e, std::string_view name,
                                      std::string_view ns) {
  const Element* found = e.child(name, ns);
  if (!found) return std::nullopt;
  return found->text();
}

}  // namespace xmpp
