// SPDX-License-Identifier: Apache-2.0
#include "xmpp/sanitise.h"

#include "xmpp/ns.h"

namespace xmpp {
namespace {

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
  if (ns == ns::occupant_id) return true;
  if (ns == ns::stanza_id) return child.name() == "stanza-id" && speaks_for(child, by);
  if (ns == ns::delay) return delayed_by(child, by);
  return ns == ns::muc || ns == ns::muc_user || ns == ns::muc_admin || ns == ns::muc_owner;
}

}  // namespace

void strip_in_name_of(Element& stanza,
                      const std::function<bool(std::string_view domain)>& is_ours) {
  stanza.remove_children_if([&](const Element& child) {
    const bool id = child.is("stanza-id", ns::stanza_id);
    if (!id && child.ns() != ns::delay) return false;
    const auto claimed = Jid::parse(child.attr(id ? "by" : "from"));
    return claimed && is_ours(claimed->domain());
  });
}

void strip_forged(Element& stanza, const Jid& by) {
  stanza.remove_children_if([&](const Element& child) { return is_forged(child, by); });
}

}  // namespace xmpp
