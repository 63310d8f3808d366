// SPDX-License-Identifier: Apache-2.0
// The end of a room, XEP-0045 10.9: one presence to each who is inside, not one for each other.
#include "muc/verbs/verbs.h"
#include "xmpp/ns.h"

namespace muc {
namespace {

xmpp::Element destroy_element(const Destruction& what) {
  xmpp::Element e("destroy", xmpp::ns::muc_user);
  if (!what.alternate.empty()) e.set_attr("jid", what.alternate.str());
  if (!what.password.empty()) e.add("password", xmpp::ns::muc_user).set_text(what.password);
  if (!what.reason.empty()) e.add("reason", xmpp::ns::muc_user).set_text(what.reason);
  return e;
}

}  // namespace

void destroy(Turn& turn, const record::Actor& actor, const Destruction& what) {
  Room& room = turn.room;
  for (const auto& occupant : room.occupants)
    for (const auto& session : occupant->sessions)
      turn.record(actor_of(*occupant, session),
                  record::OccupantLeft{.nick = occupant->nick(),
                                       .cause = record::LeaveCause::destroy,
                                       .by = actor.jid.empty() ? xmpp::Jid{} : actor.jid.bare(),
                                       .reason = what.reason});
  turn.record(actor, record::RoomDestroyed{what.reason, what.alternate});
  give_up_relays(turn);

  const xmpp::Element ending = destroy_element(what);
  for (const auto& occupant : room.occupants) {
    xmpp::Element presence =
        outsider_presence(occupant->jid, Affiliation::none, {Status::self_presence});
    presence.child("x", xmpp::ns::muc_user)->add(ending);
    for_each_hook<&Feature::decorate_presence>(room, *occupant, presence);
    for (const auto& session : occupant->sessions) turn.send(session.jid, presence);
  }
  room.destroyed = true;
}

}  // namespace muc
