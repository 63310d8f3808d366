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
  std::string mode = "following", cause = "recovered";
  if (closed_for != Door::State::open) {
    mode = "refusing";
    cause = closed_for == Door::State::outbox_full ? "outbox_limit" : "trouble";
  } else if (trouble) {
    mode = "buffering";
    cause = "trouble";
  }
  if (mode == mode_) return;
  record::Event event{.at = clock_.wall()};
  event.body = record::ArchiveModeChanged{std::exchange(mode_, mode), mode, std::move(cause)};
  recorder_.submit({std::move(event)}, [](record::Settlement) {});
}

}  // namespace server
