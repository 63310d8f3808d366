// SPDX-License-Identifier: Apache-2.0
#include "muc/administration/changes.h"

namespace muc {

using xmpp::Condition;
using xmpp::StanzaError;

Refusal needs_owner(const Room& room, const std::vector<AffiliationChange>& changes) {
  Affiliations after;
  for (const auto* owner : room.affiliations.listed(Affiliation::owner))
    after.set(owner->first, Affiliation::owner);
  if (after.size() == 0) return std::nullopt;  // only administrators of the service own the room
  for (const auto& change : changes) {
    const bool owner = change.to == Affiliation::owner;
    after.set(change.target, owner ? Affiliation::owner : Affiliation::none);
  }
  if (after.size() > 0) return std::nullopt;
  return StanzaError{Condition::conflict, "A room needs an owner."};
}

Refusal needs_place(const Room& room, const std::vector<AffiliationChange>& changes) {
  std::size_t more = 0;
  for (const auto& change : changes)
    if (change.to != Affiliation::none && room.affiliations.entry(change.target) == nullptr) ++more;
  if (room.has_place_for(more)) return std::nullopt;
  return StanzaError{xmpp::ErrorType::wait, Condition::resource_constraint};
}

}  // namespace muc
