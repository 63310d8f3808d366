// SPDX-License-Identifier: Apache-2.0
// A nick that a member has reserved is nobody else's.
#include <unordered_map>

#include "muc/feature.h"

namespace muc {
namespace {

Refusal gate_nick(const Room& room, const xmpp::Jid& real, std::string_view nick) {
  const xmpp::Jid* holder = room.affiliations.holder_of(nick);
  if (holder == nullptr || holder->str() == real.bare_str()) return std::nullopt;
  return xmpp::StanzaError{xmpp::Condition::conflict, "This nickname is reserved."};
}

Refusal gate_reservations(const Room&, const std::vector<Reservation>& all) {
  std::unordered_map<std::string_view, const xmpp::Jid*> holders;
  for (const auto& [nick, account] : all) {
    const auto [at, first] = holders.emplace(nick, &account);
    if (!first && *at->second != account) return xmpp::StanzaError{xmpp::Condition::conflict};
  }
  return std::nullopt;
}

}  // namespace

// For entering under it and for reserving it, the rule is one.
extern const Feature reserved_nick_feature{.name = "reserved_nick",
                                           .spec = "XEP-0045 7.2.8, 7.6",
                                           .gate_nick = gate_nick,
                                           .gate_reservation = gate_nick,
                                           .gate_reservations = gate_reservations};

}  // namespace muc
