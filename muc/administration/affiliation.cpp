// SPDX-License-Identifier: Apache-2.0
// Changing an affiliation, XEP-0045 9 and 10: for long, by bare JID or domain, inside or not.
#include "muc/administration/rights.h"
#include "muc/verbs/verbs.h"

namespace muc {

using xmpp::Condition;
using xmpp::StanzaError;

std::string nick_of(const Room& room, const xmpp::Jid& real) {
  const Occupant* occupant = room.occupants.by_session(real);
  if (occupant == nullptr || sight_of(room, *occupant) == Sight::hidden) return {};
  return occupant->nick();
}

Refusal may_change(const Room& room, const xmpp::Jid& actor, const AffiliationChange& change) {
  const Affiliation own = room.affiliation_of(actor);
  if (own < Affiliation::admin) return StanzaError{Condition::forbidden};
  const auto* entry = room.affiliations.entry(change.target);
  const Affiliation old = entry == nullptr ? Affiliation::none : entry->affiliation;
  if (change.to == Affiliation::outcast && change.target == actor.bare())
    return StanzaError{Condition::conflict, "You cannot ban yourself."};
  if (!may_move(own, old, change.to))
    return StanzaError{change.to == Affiliation::outcast ? Condition::not_allowed
                                                         : Condition::forbidden};
  if (!change.nick || change.nick->empty()) return std::nullopt;
  return first_refusal<&Feature::gate_reservation>(room, change.target,
                                                   std::string_view(*change.nick));
}

Role role_after(const Room& room, const Occupant& occupant, Affiliation now) {
  const Role fitting = role_on_entry(room, occupant.real(), now);
  if (now >= Affiliation::admin) return fitting;
  // Who is no longer an admin does not stay moderator by that; voice, once had, stays.
  if (occupant.affiliation >= Affiliation::admin) return fitting;
  return std::max(occupant.role, fitting);
}

namespace {

void apply_inside(Turn& turn, const xmpp::Jid& actor, const AffiliationChange& change,
                  Occupant& occupant, Later& later) {
  Room& room = turn.room;
  const Affiliation now = room.affiliation_of(occupant.real());
  if (now == occupant.affiliation) return;
  const bool own = actor.bare() == occupant.real();  // registers, or gives something up
  const std::string actor_nick = own ? std::string{} : nick_of(room, actor);
  const bool stays = !first_refusal<&Feature::gate_access>(room, occupant.real(), now);
  if (stays) {
    const Standing standing{now, role_after(room, occupant, now), actor_nick, change.reason};
    return reassign(turn, occupant, standing, later);
  }
  const bool ban = now == Affiliation::outcast;
  occupant.affiliation = now;
  later.push_back({evict(turn, occupant,
                         {.cause = ban ? record::LeaveCause::ban : record::LeaveCause::members_only,
                          .codes = {ban ? Status::banned : Status::affiliation_lost},
                          .by = actor.bare(),
                          .actor_nick = actor_nick,
                          .reason = change.reason})});
}

}  // namespace

void apply(Turn& turn, const xmpp::Jid& actor, const AffiliationChange& change, Later& later) {
  Room& room = turn.room;
  const auto* entry = room.affiliations.entry(change.target);
  const Affiliation old = entry == nullptr ? Affiliation::none : entry->affiliation;
  const std::string old_nick = entry == nullptr ? std::string{} : entry->nick;
  const bool keeps_nick = change.to >= Affiliation::member;  // 9.1: an outcast's goes
  const std::string nick = keeps_nick ? change.nick.value_or(old_nick) : std::string{};
  if (old == change.to && old_nick == nick) return;

  const record::Actor who = actor_of(room, actor);
  turn.record(who, record::AffiliationChanged{change.target, old, change.to, nick, change.reason});
  room.affiliations.set(change.target, change.to, nick);
  if (old != change.to) for_each_hook<&Feature::on_affiliation>(turn, who, change.target);
  for (Occupant* occupant : room.occupants.of(change.target))
    apply_inside(turn, actor, change, *occupant, later);
}

}  // namespace muc
