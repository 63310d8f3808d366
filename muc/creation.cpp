// SPDX-License-Identifier: Apache-2.0
#include "muc/creation.h"

#include <algorithm>
#include <limits>
#include <set>

#include "muc/people/names.h"
#include "muc/verbs/verbs.h"

namespace muc {
namespace {

using xmpp::Condition;

// By then a room is on record, or whoever makes rooms is refused at the door.
constexpr base::Micros kept_in_mind = base::minutes(2);

bool owns(const Room& room, const xmpp::Jid& account) {
  const auto* entry = room.affiliations.entry(account);
  return !room.destroyed && entry != nullptr && entry->affiliation == Affiliation::owner;
}

}  // namespace

bool Creation::administers(const xmpp::Jid& who) const {
  const auto& admins = world_.config.admins;
  return std::any_of(admins.begin(), admins.end(),
                     [&](const auto& admin) { return admin.str() == who.bare_str(); });
}

std::optional<xmpp::Jid> Creation::must_know(const Incoming& in) const {
  constexpr auto unlimited = std::numeric_limits<std::size_t>::max();
  if (world_.config.limits.rooms_per_owner == unlimited || !world_.config.anyone_may_create ||
      !asks_to_enter(in) || administers(in.from))
    return std::nullopt;
  return in.from.bare();
}

std::size_t Creation::owned(const xmpp::Jid& account, const std::vector<xmpp::Jid>& stored,
                            const InMemory& in_memory) const {
  std::set<xmpp::Jid> rooms(stored.begin(), stored.end());
  for (const auto& made : lately_)
    if (made.creator == account && in_memory(made.room) != nullptr) rooms.insert(made.room);
  return static_cast<std::size_t>(std::count_if(rooms.begin(), rooms.end(), [&](const auto& jid) {
    const Room* room = in_memory(jid);
    return room == nullptr || owns(*room, account);
  }));
}

Refusal Creation::gate(const Incoming& in, const std::vector<xmpp::Jid>& stored,
                       const InMemory& in_memory) const {
  const Limits& limits = world_.config.limits;
  if (!acceptable_nick(in.to.resource(), limits.nick_bytes))
    return xmpp::StanzaError{Condition::jid_malformed, "This nickname cannot be used."};
  if (administers(in.from)) return std::nullopt;
  if (!world_.config.anyone_may_create)
    return xmpp::StanzaError{Condition::not_allowed, "You may not create rooms here."};
  if (owned(in.from.bare(), stored, in_memory) >= limits.rooms_per_owner)
    return xmpp::StanzaError{xmpp::ErrorType::wait, Condition::resource_constraint,
                             "You own as many rooms as you may. Give up one of them first."};
  return std::nullopt;
}

void Creation::made(const xmpp::Jid& creator, const xmpp::Jid& room, base::Time now) {
  lately_.push_back({creator.bare(), room, now});
}

void Creation::tick(base::Time now) {
  while (!lately_.empty() && now - lately_.front().at >= kept_in_mind) lately_.pop_front();
}

}  // namespace muc
