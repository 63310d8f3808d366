// SPDX-License-Identifier: Apache-2.0
#include "muc/administration/register.h"

#include "muc/people/names.h"

namespace muc {

using xmpp::Condition;
using xmpp::StanzaError;

std::string_view reserved_nick(const Room& room, const xmpp::Jid& real) {
  const auto* entry = room.affiliations.entry(real);
  return entry == nullptr ? std::string_view{} : std::string_view(entry->nick);
}

Affiliation personal_affiliation(const Room& room, const xmpp::Jid& real) {
  const auto* entry = room.affiliations.entry(real);
  return entry == nullptr ? Affiliation::none : entry->affiliation;
}

Refusal may_reserve(const Room& room, const xmpp::Jid& real, std::string_view nick) {
  if (!acceptable_nick(nick, room.world.config.limits.nick_bytes))
    return StanzaError{Condition::bad_request, "This nickname cannot be used."};
  // That it is not the one reserved by now is no reason: nick_lockdown.
  const auto refusal = first_refusal<&Feature::gate_nick>(room, real, nick);
  if (refusal && refusal->condition == Condition::conflict) return refusal;
  const Occupant* holder = room.occupants.by_nick(nick);
  if (holder != nullptr && holder->real() != real.bare())
    return StanzaError{Condition::conflict, "This nickname is in use."};
  return std::nullopt;
}

void take_registration(Turn& turn, const xmpp::Jid& actor, const xmpp::Jid& target,
                       const Registration& said, Later& later) {
  Room& room = turn.room;
  const record::Actor who = actor_of(room, actor);
  const Affiliation before = personal_affiliation(room, target);
  const bool member_anyway = before >= Affiliation::member;
  const auto kept = room.people.get(target, registered_key);
  const bool came_of_it = !member_anyway || kept == made_member;
  apply(turn, actor,
        {.target = target.bare(), .to = std::max(before, Affiliation::member), .nick = said.nick},
        later);
  keep(turn, who, target,
       {{waiting_key, ""}, {registered_key, std::string(came_of_it ? made_member : was_member)}});
}

void rename_registered(Turn& turn, const xmpp::Jid& target) {
  const std::string nick(reserved_nick(turn.room, target));
  const auto inside = turn.room.occupants.of(target.bare());
  if (nick.empty() || inside.empty() || turn.room.occupants.by_nick(nick) != nullptr) return;
  give_nick(turn, *inside.front(), nick);
}

void unregister(Turn& turn, const xmpp::Jid& real, Later& later) {
  Room& room = turn.room;
  const xmpp::Jid person = real.bare();
  const record::Actor who = actor_of(room, real);
  const bool came_of_it = room.people.get(person, registered_key) == made_member;
  keep(turn, who, person, {{waiting_key, ""}, {registered_key, ""}});
  const auto* entry = room.affiliations.entry(person);
  if (entry == nullptr) return;
  const bool ends = came_of_it && entry->affiliation == Affiliation::member;
  apply(turn, real,
        {.target = person, .to = ends ? Affiliation::none : entry->affiliation, .nick = ""}, later);
}

}  // namespace muc
