// SPDX-License-Identifier: Apache-2.0
// Conversations: what clients of accounts say to accounts, outside of rooms, passes through here
// before it is delivered. src/ puts the messages on record first.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>

#include "xmpp/element.h"
#include "xmpp/errors/stanza_error.h"
#include "xmpp/jid.h"

namespace bridge {

class Conversations {
 public:
  struct Verdict {
    std::optional<xmpp::StanzaError> error = {};  // it was not recorded: its sender is owed this
    std::string archive_id =
        {};  // under which the addressee's own archive has it, "" if it has not
  };
  using Deliver = std::function<void(const Verdict&)>;

  virtual ~Conversations() = default;
  // On `shard`'s thread, the home of `to`. `deliver` runs on it exactly once (or never, if the loop
  // ends before), at once or later, for each pair of addresses in the order of the calls: RFC 6120
  // §10.1. `heard`: somebody is there to hear it, so that a message must be on record first.
  virtual void pass(std::size_t shard, const xmpp::Element& stanza, const xmpp::Jid& to, bool heard,
                    Deliver deliver) = 0;
};

}  // namespace bridge
