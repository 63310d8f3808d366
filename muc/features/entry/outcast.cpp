// SPDX-License-Identifier: Apache-2.0
// Outcasts enter no room.
#include "muc/feature.h"

namespace muc {
namespace {

Refusal gate_access(const Room&, const xmpp::Jid&, Affiliation affiliation) {
  if (affiliation != Affiliation::outcast) return std::nullopt;
  return xmpp::StanzaError{xmpp::Condition::forbidden, "You are banned from this room."};
}

}  // namespace

extern const Feature outcast_feature{
    .name = "outcast", .spec = "XEP-0045 7.2.7", .gate_access = gate_access};

}  // namespace muc
