// SPDX-License-Identifier: Apache-2.0
// Voice: visitors do not speak. In a moderated room who has no affiliation enters as a visitor.
#include "muc/feature.h"

namespace muc {
namespace {

const Setting<bool> moderated{.var = "muc#roomconfig_moderatedroom",
                              .label = "Who enters needs voice to speak"};
const AnySetting settings[] = {moderated};

void disco(const Room& room, DiscoInfo& info) {
  info.features.emplace_back(room.settings.get(moderated) ? "muc_moderated" : "muc_unmoderated");
}

Role initial_role(const Room& room, const xmpp::Jid&, Affiliation affiliation, Role so_far) {
  return affiliation < Affiliation::member && room.settings.get(moderated) ? Role::visitor : so_far;
}

Refusal gate_message(const Room&, const Occupant& occupant, const xmpp::Element&) {
  if (occupant.role >= Role::participant) return std::nullopt;
  return xmpp::StanzaError{xmpp::Condition::forbidden, "You have no voice in this room."};
}

}  // namespace

extern const Feature moderated_feature{.name = "moderated",
                                       .spec = "XEP-0045 5.1.2, 7.4",
                                       .settings = settings,
                                       .disco = disco,
                                       .gate_message = gate_message,
                                       .initial_role = initial_role};

}  // namespace muc
