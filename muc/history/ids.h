// SPDX-License-Identifier: Apache-2.0
// The ids people see. A stanza id (XEP-0359) is one AES block over room id and number: nobody can
// predict or order them but us, and no table is needed to find the message again. An occupant id
// (XEP-0421) is a keyed hash: stable for a person in a room, different in each, not invertible.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "xmpp/jid.h"

namespace muc {

struct MessageId {
  std::int64_t room_id = 0;
  std::int64_t number = 0;
  friend bool operator==(const MessageId&, const MessageId&) = default;
};

std::string make_stanza_id(std::string_view key, const MessageId& id);  // key: 16 bytes
// nullopt for what we never gave out (as far as its form tells).
std::optional<MessageId> read_stanza_id(std::string_view key, std::string_view text);

std::string make_occupant_id(std::string_view key, const xmpp::Jid& room, const xmpp::Jid& real);

}  // namespace muc
