// SPDX-License-Identifier: Apache-2.0
// Availability and the re-join of one who is inside already, XEP-0045 7.7 and 17.3.
#include "muc/verbs/verbs.h"
#include "xmpp/ns.h"
#include "xmpp/sanitise.h"

namespace muc {
namespace {

// Takes over the presence; false if it is what the session had already.
bool take_over(Turn& turn, const Incoming& in, Occupant& occupant) {
  Session& session = *occupant.session(in.from);
  std::string extra = relayed_presence(turn.room, in.stanza);
  const bool fresh = extra != session.extra || in.stanza.lang() != session.lang;
  session.extra = std::move(extra);
  session.lang = in.stanza.lang();
  occupant.primary = static_cast<std::uint32_t>(&session - occupant.sessions.data());
  return fresh;
}

}  // namespace

std::string relayed_presence(const Room& room, const xmpp::Element& stanza) {
  xmpp::Element presence = stanza;
  xmpp::strip_forged(presence, room.jid);
  for_each_hook<&Feature::filter>(room, presence);
  return presence_payload(presence);
}

void announce(Turn& turn, Occupant& occupant) {
  refresh(turn.room, occupant);
  const Shape self{.codes = {Status::self_presence}};
  const base::Payload own = render(turn.room, occupant, self, turn.room.sees_jids(occupant));
  for (const auto& session : occupant.sessions) turn.send(session.jid, own);
  tell_presence(turn, occupant);
}

void update_presence(Turn& turn, const Incoming& in, Occupant& occupant) {
  take_over(turn, in, occupant);
  announce(turn, occupant);
}

// A client that lost track gets everything that one who enters gets (17.3); the others only hear of
// it if something changed.
void resync(Turn& turn, const Incoming& in, Occupant& occupant) {
  if (take_over(turn, in, occupant)) {
    refresh(turn.room, occupant);
    tell_presence(turn, occupant);
  }
  const Session& session = *occupant.session(in.from);
  const Entry entry{occupant, session, {}, in.stanza.attr("id")};
  HistoryPlan plan = plan_history(turn.room, in.from,
                                  parse_history(*in.stanza.child("x", xmpp::ns::muc)), turn.now);
  if (!plan.stanzas.empty()) {
    const auto count = static_cast<std::int64_t>(plan.stanzas.size());
    turn.effects.emplace_back(Record{turn.read_event(
        actor_of(occupant, session), record::HistoryViewed{"join", plan.first, plan.last, count})});
  }
  tell_occupants(turn, entry);
  tell_history(turn, entry, std::move(plan));
}

}  // namespace muc
