// SPDX-License-Identifier: Apache-2.0
// Locked nicks: for whom a nick is reserved goes by no other. On entry the room gives it whatever
// was asked for; changing it is refused (T4: 7.10 rewrites, 7.6 may refuse).
#include "muc/administration/register.h"

namespace muc {
namespace {

const Setting<bool> lockdown{.var = "hansard#nick_lockdown",
                             .label = "Who has a reserved nickname goes by no other"};
const AnySetting settings[] = {lockdown};

std::optional<std::string> assign_nick(const Room& room, const xmpp::Jid& real, std::string_view) {
  const auto nick = reserved_nick(room, real);
  if (nick.empty() || !locks_nicks(room)) return std::nullopt;
  // Not while somebody has it who came before it was reserved: the person could not enter at all.
  const Occupant* holder = room.occupants.by_nick(nick);
  if (holder != nullptr && holder->real() != real.bare()) return std::nullopt;
  return std::string(nick);
}

Refusal gate_nick(const Room& room, const xmpp::Jid& real, std::string_view nick) {
  const auto reserved = assign_nick(room, real, nick);
  if (!reserved || *reserved == nick) return std::nullopt;
  return xmpp::StanzaError{xmpp::Condition::not_acceptable,
                           "Here you go by the nickname that is reserved for you."};
}

}  // namespace

bool locks_nicks(const Room& room) { return room.settings.get(lockdown); }

extern const Feature nick_lockdown_feature{.name = "nick_lockdown",
                                           .spec = "XEP-0045 7.6, 7.10, 7.12",
                                           .settings = settings,
                                           .assign_nick = assign_nick,
                                           .gate_nick = gate_nick};

}  // namespace muc
