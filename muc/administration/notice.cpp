// SPDX-License-Identifier: Apache-2.0
// Somebody whose affiliation changed while not inside is told so by a message to the account
// (XEP-0045 18.1, status 101). A courtesy: what one admin may have the room send is bounded, as
// invitations are and apart from them, and of a long list the first are told.
#include "muc/administration/notice.h"

#include <unordered_set>

#include "muc/render.h"
#include "xmpp/ns.h"

namespace muc {
namespace {

constexpr Pace notices{.burst = 100, .each = base::seconds(6)};  // of one admin, in one room

// What an outcast is, and that it is none any more, the room does not send after people.
bool worth_telling(Affiliation before, Affiliation now) {
  const bool banned = now == Affiliation::outcast;
  const bool pardoned = before == Affiliation::outcast && now == Affiliation::none;
  return before != now && !banned && !pardoned;
}

xmpp::Element notice(const Room& room, const Absentee& who, Affiliation now) {
  xmpp::Element message("message", xmpp::ns::client);
  message.set_attr("from", room.jid.str()).set_attr("to", who.jid.str());
  xmpp::Element& x = message.add("x", xmpp::ns::muc_user);
  xmpp::Element& item = x.add("item", xmpp::ns::muc_user);
  item.set_attr("affiliation", record::name(now)).set_attr("jid", who.jid.str());
  if (!who.reason.empty()) item.add("reason", xmpp::ns::muc_user).set_text(who.reason);
  x.add(status_element(Status::changed_while_away));
  return message;
}

}  // namespace

std::vector<Absentee> absentees(const Room& room, const xmpp::Jid& admin,
                                const std::vector<const AffiliationChange*>& changes) {
  std::vector<Absentee> found;
  std::unordered_set<std::string_view> seen;
  for (const AffiliationChange* change : changes) {
    if (found.size() == static_cast<std::size_t>(notices.burst)) break;
    const xmpp::Jid& target = change->target;
    if (!target.has_local() || target.bare_str() == admin.bare_str() ||
        to_be_invited(room, *change) || !seen.insert(target.str()).second ||
        !room.occupants.of(target).empty())
      continue;
    found.push_back({target, room.affiliation_of(target), change->reason});
  }
  return found;
}

void tell_absentees(Turn& turn, const xmpp::Jid& admin, const std::vector<Absentee>& absent) {
  Room& room = turn.room;
  if (room.destroyed) return;
  for (const Absentee& who : absent) {
    const Affiliation now = room.affiliation_of(who.jid);
    if (!worth_telling(who.before, now)) continue;
    if (!room.notices.take_turn(admin.bare(), notices, turn.now)) return;
    turn.effects.emplace_back(Route{notice(room, who, now)});
  }
}

}  // namespace muc
