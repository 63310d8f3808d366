// SPDX-License-Identifier: Apache-2.0
// ArchiveMode: records whether what is recorded reaches the archive, and what becomes of new
// messages if not:
//
//   following   it does
//   buffering   it does not for now; rows wait in the content database
//   refusing    the door is closed for it (archive.on_outage, archive.outbox_limit)
//
// Looked at every second, for the door opens and closes without anybody asking; that it was closed
// in between is seen too. A change is recorded when the record can be written. It begins as
// following.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "base/time.h"
#include "net/loop/loop.h"
#include "record/recorder.h"
#include "src/rooms/door.h"

namespace server {

class ArchiveMode {
 public:
  // All must outlive it. `in_trouble`: whether the archive cannot be written; any thread.
  ArchiveMode(record::Recorder& recorder, const base::Clock& clock, const Door& door,
              std::function<bool()> in_trouble)
      : recorder_(recorder), clock_(clock), door_(door), in_trouble_(std::move(in_trouble)) {}

  // Both on the loop's thread.
  void start(net::Loop& loop);
  void stop() {
    if (timer_) look();  // what the last second brought
    timer_.reset();
  }
  void look();  // what the timer does

 private:
  void change(const std::string& mode, const char* cause);

  record::Recorder& recorder_;
  const base::Clock& clock_;
  const Door& door_;
  const std::function<bool()> in_trouble_;
  std::string mode_ = "following";
  std::uint64_t closings_ = 0;  // of the door, as far as they were looked at
  std::unique_ptr<net::Timer> timer_;
};

}  // namespace server
