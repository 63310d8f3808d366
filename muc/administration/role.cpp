// SPDX-License-Identifier: Apache-2.0
// Changing a role, XEP-0045 8 and 9.6, 9.7: for this visit, by nick. Role none is a kick.
#include "muc/verbs/verbs.h"

namespace muc {

using xmpp::Condition;
using xmpp::StanzaError;

namespace {

Refusal may_kick(const Occupant& actor, const Occupant& target) {
  if (&actor == &target) return StanzaError{Condition::conflict, "You cannot kick yourself."};
  if (target.affiliation > actor.affiliation) return StanzaError{Condition::not_allowed};
  return std::nullopt;
}

// 8.4: not at or above one's own affiliation ("none" is no rank), and never admins and owners.
Refusal may_silence(const Occupant& actor, const Occupant& target) {
  const bool ranked = target.affiliation >= Affiliation::member;
  if (target.affiliation >= Affiliation::admin ||
      (ranked && target.affiliation >= actor.affiliation))
    return StanzaError{Condition::not_allowed};
  return std::nullopt;
}

}  // namespace

Refusal may_change(const Room& room, const xmpp::Jid& actor_jid, const RoleChange& change) {
  const Occupant* actor = room.occupants.by_session(actor_jid);
  if (actor == nullptr || actor->role != Role::moderator) return StanzaError{Condition::forbidden};
  const Occupant* target = room.occupants.by_nick(change.nick);
  if (target == nullptr) return StanzaError{Condition::item_not_found};
  if (change.to == target->role) return std::nullopt;
  if (change.to == Role::none) return may_kick(*actor, *target);

  const bool lowers = change.to < target->role;
  if (lowers && target->affiliation >= Affiliation::admin)
    return StanzaError{Condition::not_allowed};  // 9.7, 8.4
  const bool moderator_matter = change.to == Role::moderator || target->role == Role::moderator;
  if (moderator_matter && actor->affiliation < Affiliation::admin)
    return StanzaError{Condition::forbidden};  // 9.6
  return change.to == Role::visitor ? may_silence(*actor, *target) : std::nullopt;
}

void apply(Turn& turn, const xmpp::Jid& actor, const RoleChange& change, Later& later) {
  Room& room = turn.room;
  Occupant* target = room.occupants.by_nick(change.nick);
  if (target == nullptr || target->role == change.to) return;
  const std::string actor_nick = nick_of(room, actor);
  if (change.to == Role::none) {
    later.push_back({evict(turn, *target,
                           {.cause = record::LeaveCause::kick,
                            .codes = {Status::kicked},
                            .by = actor.bare(),
                            .actor_nick = actor_nick,
                            .reason = change.reason})});
    return;
  }
  const record::Actor who = actor_of(room, actor);
  turn.record(who, record::RoleChanged{target->real(), target->nick(), target->role, change.to,
                                       change.reason});
  const Standing standing{target->affiliation, change.to, actor_nick, change.reason};
  for_each_hook<&Feature::on_role>(turn, who, std::as_const(*target), change.to);
  reassign(turn, *target, standing, later);
}

void reassign(Turn& turn, Occupant& occupant, const Standing& standing, Later& later) {
  Room& room = turn.room;
  const bool saw_jids = room.sees_jids(occupant);
  occupant.affiliation = standing.affiliation;
  occupant.role = standing.role;
  refresh(room, occupant);
  const Shape shape{.actor_nick = standing.actor_nick, .reason = standing.reason};
  Shape self = shape;
  self.codes = {Status::self_presence};
  const bool sees_jids = room.sees_jids(occupant);
  const base::Payload own = render(room, occupant, self, sees_jids);
  for (const auto& session : occupant.sessions) turn.send(session.jid, own);
  if (sees_jids != saw_jids) turn.seat(occupant);
  const bool plain = standing.actor_nick.empty() && standing.reason.empty();
  if (is_to_be_shown(room, occupant)) {
    occupant.shown = true;
    later.push_back(
        {plain ? kept(room, occupant) : render_both(room, occupant, shape), occupant.number});
  } else if (occupant.shown) {
    occupant.shown = false;
    later.push_back({out_of_sight(room, occupant), occupant.number});
  }
}

void tell(Turn& turn, Later& later) {
  for (auto& telling : later) turn.broadcast(std::move(telling.variants), telling.except);
  later.clear();
  after_leaving(turn);
}

}  // namespace muc
