// SPDX-License-Identifier: Apache-2.0
// Leaving and being put out, XEP-0045 7.14, 8.2, 9.1.
#include "base/check.h"
#include "muc/verbs/verbs.h"
#include "xmpp/ns.h"

namespace muc {
namespace {

// One of several sessions goes; the occupant stays. If it was the one that stood for the occupant,
// another takes its place.
void one_session_leaves(Turn& turn, Occupant& occupant, const xmpp::Jid& real) {
  const bool was_primary = occupant.sessions[occupant.primary].jid == real;
  turn.room.occupants.remove_session(occupant, real);
  if (was_primary) announce(turn, occupant);
}

void last_session_leaves(Turn& turn, Occupant& occupant, const Shape& shape,
                         const xmpp::Jid& real) {
  const Variants others = occupant.shown ? render_both(turn.room, occupant, shape) : Variants{};
  turn.room.occupants.remove_session(occupant, real);
  turn.broadcast(others);
  after_leaving(turn);
}

Shape shape_of(const Eviction& eviction) {
  return {.codes = eviction.codes,
          .unavailable = true,
          .actor_nick = eviction.actor_nick,
          .reason = eviction.reason};
}

void record_eviction(Turn& turn, const Occupant& occupant, const Session& session,
                     const Eviction& eviction) {
  turn.record(actor_of(occupant, session), record::OccupantLeft{.nick = occupant.nick(),
                                                                .cause = eviction.cause,
                                                                .by = eviction.by,
                                                                .reason = eviction.reason});
}

void put_out(Turn& turn, const Occupant& occupant, const Session& session,
             const Eviction& eviction) {
  Shape self = shape_of(eviction);
  self.codes.insert(self.codes.begin(), Status::self_presence);
  const bool sees_jids = turn.room.sees_jids(occupant);
  turn.send(session.jid, render(turn.room, occupant, self, sees_jids, &session));
  turn.unseat(session.jid);
  forget_relays(turn, session.jid);
}

}  // namespace

void leave(Turn& turn, const Incoming& in) {
  Room& room = turn.room;
  Occupant* occupant = room.occupants.by_session(in.from);
  if (occupant == nullptr) return;  // 17.3: ignored

  // The creator gives up before the room was configured (10.1.3).
  if (room.settings.get(locked) && room.occupants.size() == 1 && occupant->sessions.size() == 1)
    return destroy(turn, actor_of(*occupant, *occupant->session(in.from)), {});

  const std::string farewell = relayed_presence(room, in.stanza);
  const Session session = *occupant->session(in.from);
  turn.record(actor_of(*occupant, session),
              record::OccupantLeft{.nick = occupant->nick(), .cause = record::LeaveCause::leave});
  const Shape shape{.unavailable = true, .farewell = farewell};
  Shape self = shape;
  self.codes = {Status::self_presence};
  self.id = in.stanza.attr("id");
  turn.send(in.from, render(room, *occupant, self, room.sees_jids(*occupant), &session));
  turn.unseat(in.from);
  forget_relays(turn, in.from);
  if (occupant->sessions.size() > 1)
    one_session_leaves(turn, *occupant, in.from);
  else
    last_session_leaves(turn, *occupant, shape, in.from);
}

Variants evict(Turn& turn, Occupant& occupant, const Eviction& eviction) {
  Room& room = turn.room;
  const std::vector<Session> sessions = occupant.sessions;
  for (const auto& session : sessions) record_eviction(turn, occupant, session, eviction);
  const Variants others =
      occupant.shown ? render_both(room, occupant, shape_of(eviction)) : Variants{};
  for (const auto& session : sessions) put_out(turn, occupant, session, eviction);
  for (const auto& session : sessions) room.occupants.remove_session(occupant, session.jid);
  return others;
}

void evict_session(Turn& turn, Occupant& occupant, const xmpp::Jid& real,
                   const Eviction& eviction) {
  CHECK(occupant.sessions.size() > 1);
  const Session session = *occupant.session(real);
  record_eviction(turn, occupant, session, eviction);
  put_out(turn, occupant, session, eviction);
  one_session_leaves(turn, occupant, real);
}

void after_leaving(Turn& turn) {
  if (turn.room.destroyed) return;
  if (turn.room.occupants.empty()) turn.room.empty_since = turn.now;
  note_size(turn);
  settle_sight(turn);
  for_each_hook<&Feature::on_left>(turn);
}

}  // namespace muc
