// SPDX-License-Identifier: Apache-2.0
// The rows that one node's outbox would hand on: messages in rooms, and people who come and go.
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "base/random.h"
#include "base/time.h"
#include "compliance/outbox.h"
#include "record/leaf.h"

namespace bench::storage {

class ArchiveRows {
 public:
  std::vector<compliance::OutboxRow> next(std::size_t count);
  // Of an event in a room: gets the room's next number.
  compliance::OutboxRow row(record::Event event);

 private:
  struct Room {
    std::int64_t number = 0;
    base::Sha256 hash{};
    bool away = false;  // its one who comes and goes is
  };

  record::Event event();

  base::SystemClock clock_;
  base::SystemRandom random_;
  record::Pseudonyms pseudonyms_{"key"};
  std::map<std::int64_t, Room> rooms_;
  std::int64_t made_ = 0, sn_ = 0;
  base::Sha256 hash_{};
};

}  // namespace bench::storage
