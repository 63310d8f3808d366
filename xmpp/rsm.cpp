// SPDX-License-Identifier: Apache-2.0
#include "xmpp/rsm.h"

#include <algorithm>
#include <charconv>
#include <limits>

#include "xmpp/ns.h"

namespace xmpp {
namespace {

StanzaError bad(const std::string& why) { return {Condition::bad_request, why}; }

std::optional<std::size_t> size_of(const std::string& text) {
  const auto digit = [](char c) { return c >= '0' && c <= '9'; };
  if (text.empty() || !std::all_of(text.begin(), text.end(), digit)) return std::nullopt;
  std::size_t value = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
  return read.ec == std::errc{} ? value : std::numeric_limits<std::size_t>::max();
}

void add_text(Element& set, std::string_view name, const std::string& text) {
  set.add(name, ns::rsm).set_text(text);
}

}  // namespace

base::Result<PageRequest, StanzaError> parse_page_request(const Element& set) {
  PageRequest page;
  std::optional<StanzaError> error;
  set.for_each_child([&](const Element& child) {
    if (child.ns() != ns::rsm || error) return;
    const bool again = (child.name() == "max" && page.max) ||
                       (child.name() == "after" && page.after) ||
                       (child.name() == "before" && page.before);
    if (again) error = bad("<" + child.name() + "/> stands there twice.");
    if (child.name() == "index")
      error = StanzaError{Condition::feature_not_implemented, "There are no pages by index."};
    if (child.name() == "after") page.after = child.text();
    if (child.name() == "before") page.before = child.text();
    if (child.name() == "max" && !(page.max = size_of(child.text())))
      error = bad("<max/> must be a number, 0 or greater.");
  });
  if (error) return base::fail(std::move(*error));
  return page;
}

Element to_element(const PageNote& note) {
  Element set("set", ns::rsm);
  if (!note.first.empty()) {
    Element& first = set.add("first", ns::rsm);
    if (note.index) first.set_attr("index", std::to_string(*note.index));
    first.set_text(note.first);
    add_text(set, "last", note.last);
  }
  if (note.count) add_text(set, "count", std::to_string(*note.count));
  return set;
}

}  // namespace xmpp
