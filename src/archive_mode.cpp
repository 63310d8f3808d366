// SPDX-License-Identifier: Apache-2.0
#include "src/archive_mode.h"

#include <utility>

namespace server {

void ArchiveMode::start(net::Loop& loop) {
  timer_ = std::make_unique<net::Timer>(loop);
  timer_->repeat(base::seconds(1), [this] { look(); });
}

void ArchiveMode::look() {
  (void)door_.state();
  const Door::State closed_for = door_.closed_for();
  const bool trouble = in_trouble_();
  // The door was closed and open again since the last look.
  const std::uint64_t closings = door_.closings();
  if (std::exchange(closings_, closings) != closings && closed_for == Door::State::open)
    change("refusing",
           door_.last_closed_for() == Door::State::outbox_full ? "outbox_limit" : "trouble");
  if (closed_for != Door::State::open)
    change("refusing", closed_for == Door::State::outbox_full ? "outbox_limit" : "trouble");
  else if (trouble)
    change("buffering", "trouble");
  else
    change("following", "recovered");
}

void ArchiveMode::change(const std::string& mode, const char* cause) {
  if (mode == mode_) return;
  record::Event event{.at = clock_.wall()};
  event.body = record::ArchiveModeChanged{std::exchange(mode_, mode), mode, cause};
  recorder_.submit({std::move(event)}, [](record::Settlement) {});
}

}  // namespace server
