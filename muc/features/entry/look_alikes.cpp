// SPDX-License-Identifier: Apache-2.0
// Nicknames that look alike: one that would be taken for somebody else's, present or reserved, is
// refused (BI-MUC-04). What somebody has reserved is theirs all the same, as long as nobody inside
// looks so.
#include <unordered_map>

#include "muc/feature.h"
#include "xmpp/nickname.h"

namespace muc {
namespace {

const Setting<bool> no_look_alikes{.var = "hansard#no_look_alikes",
                                   .fallback = true,
                                   .label = "Nicknames that look like another's are refused"};
const AnySetting settings[] = {no_look_alikes};

Refusal conflict() {
  return xmpp::StanzaError{xmpp::Condition::conflict, "This nickname looks like another's."};
}

Refusal gate_nick(const Room& room, const xmpp::Jid& real, std::string_view nick) {
  if (!room.settings.get(no_look_alikes)) return std::nullopt;
  const auto looks = xmpp::looks_of(nick);
  const xmpp::Jid* holder = room.affiliations.holder_of(nick);
  const bool own = holder != nullptr && holder->str() == real.bare_str();
  if (!own && room.affiliations.taken_for_another(looks, real)) return conflict();
  if (room.occupants.taken_for_another(looks, real)) return conflict();
  return std::nullopt;
}

Refusal gate_reservation(const Room& room, const xmpp::Jid& account, std::string_view nick) {
  if (!room.settings.get(no_look_alikes)) return std::nullopt;
  if (!room.affiliations.taken_for_another(xmpp::looks_of(nick), account)) return std::nullopt;
  return conflict();
}

Refusal gate_reservations(const Room& room, const std::vector<Reservation>& all) {
  if (!room.settings.get(no_look_alikes)) return std::nullopt;
  std::unordered_map<std::string, const xmpp::Jid*> holders;
  for (const auto& [nick, account] : all)
    for (auto& looks : xmpp::looks_of(nick)) {
      const auto [at, first] = holders.emplace(std::move(looks), &account);
      if (!first && *at->second != account) return conflict();
    }
  return std::nullopt;
}

}  // namespace

extern const Feature look_alikes_feature{.name = "look_alikes",
                                         .spec = "XEP-0045 14.7, RFC 8266, UTS 39",
                                         .settings = settings,
                                         .gate_nick = gate_nick,
                                         .gate_reservation = gate_reservation,
                                         .gate_reservations = gate_reservations};

}  // namespace muc
