// SPDX-License-Identifier: Apache-2.0
// Outbox: the copies of events that wait for the archive, in the order of their source.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "record/leaf.h"

namespace compliance {

enum class StoreError { unavailable, refused };

// One leaf with its parts, as the writer put it into the outbox and as it goes into the archive.
struct OutboxRow {
  std::int64_t position = 0;  // order over all sources of this node; dense is not promised
  std::string source;
  std::int64_t sn = 0;
  std::string event_id;
  int code = 0;
  std::int64_t at_us = 0;
  std::int64_t room_id = 0, number = 0;
  std::string leaf;  // bytes
  base::Sha256 leaf_hash{};
  std::vector<record::Part> parts;
};

// Calls block; one thread.
class Outbox {
 public:
  virtual ~Outbox() = default;
  virtual base::Result<std::vector<OutboxRow>, StoreError> next(std::int64_t after_position,
                                                                std::size_t max) = 0;
  // Archived up to here: may go. Idempotent.
  virtual base::Result<void, StoreError> clear(std::int64_t up_to_position) = 0;
};

}  // namespace compliance
