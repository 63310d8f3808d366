// SPDX-License-Identifier: Apache-2.0
#include "xmpp/sanitise.h"

#include <algorithm>

#include "xmpp/ns.h"

namespace xmpp {
namespace {

constexpr std::string_view carbons = "urn:xmpp:carbons:2";

bool speaks_for(const Element& child, const Jid& by) {
  const auto claimed = Jid::parse(child.attr("by"));
  return claimed && *claimed == by;
}

bool delayed_by(const Element& child, const Jid& by) {
  const auto from = Jid::parse(child.attr("from"));
  if (!from) return false;
  return from->bare_str() == by.bare_str() || from->str() == by.domain();
}

bool is_forged(const Element& child, const Jid& by) {
  const std::string& ns = child.ns();
  if (ns == ns::occupant_id || ns == ns::hats) return true;
  if (ns == ns::stanza_id) return child.name() == "stanza-id" && speaks_for(child, by);
  if (ns == ns::delay) return delayed_by(child, by);
  if (ns == ns::message_retract) return child.name() == "retracted";
  if (ns == ns::message_moderate) return child.name() == "moderated";
  return ns == ns::muc || ns == ns::muc_user || ns == ns::muc_admin || ns == ns::muc_owner;
}

bool is_foreign_wrapper(const Element& child) {
  return child.is("received", carbons) || child.is("sent", carbons) || child.is("result", ns::mam);
}

void strip_odd_language(Element& element) {
  std::erase_if(element.attributes(), [](const Attribute& a) {
    return a.name == "lang" && a.ns == ns::xml && !a.value.empty() && !is_language(a.value);
  });
}

}  // namespace

bool is_language(std::string_view tag) {
  constexpr std::size_t longest = 35;
  return !tag.empty() && tag.size() <= longest && std::all_of(tag.begin(), tag.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
  });
}

void strip_odd_languages(Element& stanza) {
  strip_odd_language(stanza);
  for (auto& node : stanza.nodes())
    if (auto* child = std::get_if<Element>(&node)) strip_odd_language(*child);
}

void strip_in_name_of(Element& stanza,
                      const std::function<bool(std::string_view domain)>& is_ours) {
  stanza.remove_children_if([&](const Element& child) {
    if (is_foreign_wrapper(child)) return true;
    const bool id = child.is("stanza-id", ns::stanza_id);
    if (!id && child.ns() != ns::delay) return false;
    const auto claimed = Jid::parse(child.attr(id ? "by" : "from"));
    return claimed && is_ours(claimed->domain());
  });
}

void strip_forged(Element& stanza, const Jid& by) {
  stanza.remove_children_if([&](const Element& child) { return is_forged(child, by); });
  for (auto& node : stanza.nodes())  // a retraction by a moderator is the room's to tell
    if (auto* child = std::get_if<Element>(&node); child && child->ns() == ns::message_retract)
      child->remove_children_if([](const Element& e) { return e.ns() == ns::message_moderate; });
}

}  // namespace xmpp
