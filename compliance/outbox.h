// SPDX-License-Identifier: Apache-2.0
// Outbox: the copies of events that wait for the archive. Those of a source lie together, in their
// order; the sources follow one another as they were opened.
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
  std::int64_t position = 0;  // order over all sources of this node; dense within a source
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

// Positions from the first to the last.
struct Positions {
  std::int64_t first = 0, last = 0;
  friend bool operator==(const Positions&, const Positions&) = default;
};

// Calls block; one thread.
class Outbox {
 public:
  virtual ~Outbox() = default;
  virtual base::Result<std::vector<OutboxRow>, StoreError> next(std::int64_t after_position,
                                                                std::size_t max) = 0;
  // Archived up to here, but for `kept`, which are in order: may go. Idempotent; what was kept once
  // stays as long as this lives.
  virtual base::Result<void, StoreError> clear(std::int64_t up_to_position,
                                               const std::vector<Positions>& kept) = 0;
  // Up to which number events of a source are lost for the archive, as is on record; 0: none is.
  virtual base::Result<std::int64_t, StoreError> lost_up_to(const std::string& source) = 0;
  // The last position that a row of the source at this one can have.
  virtual std::int64_t end_of_source(std::int64_t position) const = 0;
};

}  // namespace compliance
