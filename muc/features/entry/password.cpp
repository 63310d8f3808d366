// SPDX-License-Identifier: Apache-2.0
// Password-protected rooms: a joiner must present the room's secret. Admins and owners too.
#include "base/crypto.h"
#include "muc/feature.h"
#include "xmpp/ns.h"

namespace muc {
namespace {

const Setting<bool> is_protected{.var = "muc#roomconfig_passwordprotectedroom",
                                 .label = "A password is needed to enter"};
const Setting<std::string> room_secret{
    .var = "muc#roomconfig_roomsecret", .label = "Password", .secret = true};
const AnySetting settings[] = {is_protected, room_secret};

void disco(const Room& room, DiscoInfo& info) {
  info.features.emplace_back(room.settings.get(is_protected) ? "muc_passwordprotected"
                                                             : "muc_unsecured");
}

Refusal gate_join(const Room& room, const Join& join) {
  if (!room.settings.get(is_protected)) return std::nullopt;
  if (base::equal_constant_time(join.password, room.settings.get(room_secret))) return std::nullopt;
  return xmpp::StanzaError{xmpp::Condition::not_authorized, "The password is missing or wrong."};
}

// Who reads from outside has not shown that it knows the password. An owner may look it up.
Refusal gate_reading(const Room& room, const xmpp::Jid& real, Affiliation affiliation) {
  if (!room.settings.get(is_protected) || affiliation == Affiliation::owner) return std::nullopt;
  if (!room.occupants.of(real.bare()).empty()) return std::nullopt;  // from another device
  return xmpp::StanzaError{xmpp::Condition::not_authorized, "Enter the room with its password."};
}

void decorate_invitation(const Room& room, xmpp::Element& message) {
  if (!room.settings.get(is_protected)) return;
  message.child("x", xmpp::ns::muc_user)
      ->add("password", xmpp::ns::muc_user)
      .set_text(room.settings.get(room_secret));
}

Refusal gate_config(const Room&, const Settings& proposed) {
  if (!proposed.get(is_protected) || !proposed.get(room_secret).empty()) return std::nullopt;
  return xmpp::StanzaError{xmpp::Condition::not_acceptable, "A protected room needs a password."};
}

}  // namespace

extern const Feature password_feature{.name = "password",
                                      .spec = "XEP-0045 7.2.5, 7.8.2",
                                      .settings = settings,
                                      .disco = disco,
                                      .gate_reading = gate_reading,
                                      .gate_join = gate_join,
                                      .gate_config = gate_config,
                                      .decorate_invitation = decorate_invitation};

}  // namespace muc
