// SPDX-License-Identifier: Apache-2.0
// Nicknames that look alike: one that would be taken for somebody else's, present or reserved, is
// refused (BI-MUC-04).
#include "muc/feature.h"
#include "xmpp/nickname.h"

namespace muc {
namespace {

const Setting<bool> no_look_alikes{.var = "hansard#no_look_alikes",
                                   .fallback = true,
                                   .label = "Nicknames that look like another's are refused"};
const AnySetting settings[] = {no_look_alikes};

Refusal gate_nick(const Room& room, const xmpp::Jid& real, std::string_view nick) {
  if (!room.settings.get(no_look_alikes)) return std::nullopt;
  const std::string look = xmpp::look_of(nick);
  const auto holder = room.affiliations.holder_of_look(look);
  const bool reserved = holder != nullptr && holder->str() != real.bare_str();
  if (!reserved && !room.occupants.looks_like_another(look, real)) return std::nullopt;
  return xmpp::StanzaError{xmpp::Condition::conflict, "This nickname looks like another's."};
}

}  // namespace

extern const Feature look_alikes_feature{.name = "look_alikes",
                                         .spec = "XEP-0045 14.7, RFC 8266, UTS 39",
                                         .settings = settings,
                                         .gate_nick = gate_nick};

}  // namespace muc
