// SPDX-License-Identifier: Apache-2.0
// Conversations: what clients of accounts say to accounts, outside of rooms, passes through here
// before it is delivered. src/ puts the messages on record first.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>

#include "xmpp/element.h"
#include "xmpp/errors/stanza_error.h"
#include "xmpp/jid.h"

namespace bridge {

class Conversations {
 public:
  // nullopt: deliver. Else it was not recorded and its sender is owed this error.
  using Deliver = std::function<void(std::optional<xmpp::StanzaError>)>;

  virtual ~Conversations() = default;
  // On `shard`'s thread, the home of `to`. `deliver` runs on it exactly once (or never, if the loop
  // ends before), at once or later, for each pair of addresses in the order of the calls: RFC 6120
  // §10.1. `heard`: somebody is there to hear it, so that a message must be on record first.
  virtual void pass(std::size_t shard, const xmpp::Element& stanza, const xmpp::Jid& to, bool heard,
                    Deliver deliver) = 0;
};

}  // namespace bridge
