// SPDX-License-Identifier: Apache-2.0
// RoomMeters: what is counted of the rooms. Each shard writes its own, any thread reads.
#pragma once

#include <array>
#include <cstddef>
#include <vector>

#include "base/metrics/metrics.h"
#include "xmpp/errors/stanza_error.h"

namespace server {

struct RoomMeters {
  static constexpr std::size_t conditions =
      static_cast<std::size_t>(xmpp::Condition::unexpected_request) + 1;

  struct Shard {
    base::Counter deliveries;  // stanzas of rooms given to sessions
    std::array<base::Counter, conditions> refusals;
    // As of the last second.
    base::Counter rooms, occupants;
    base::Counter lines, line_bytes;  // rooms in which something waits for a record, and how much

    void refused(xmpp::Condition condition) {
      refusals.at(static_cast<std::size_t>(condition)).add();
    }
  };

  explicit RoomMeters(std::size_t count) : shards(count) {}
  std::vector<Shard> shards;
};

}  // namespace server
