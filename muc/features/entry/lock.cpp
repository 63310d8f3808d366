// SPDX-License-Identifier: Apache-2.0
// Locked rooms: until it is configured, nobody but its owner enters, and nothing tells that it
// exists.
#include "muc/feature.h"

namespace muc {
namespace {

Refusal gate_join(const Room& room, const Join& join) {
  if (!room.settings.get(locked) || join.affiliation == Affiliation::owner) return std::nullopt;
  return xmpp::StanzaError{xmpp::Condition::item_not_found};
}

}  // namespace

extern const Feature lock_feature{
    .name = "lock", .spec = "XEP-0045 7.2.10", .gate_join = gate_join};

}  // namespace muc
