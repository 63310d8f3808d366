// SPDX-License-Identifier: Apache-2.0
#include "src/operation/pulse.h"

#include <utility>

namespace server {

Pulse::Pulse(net::Shards& shards, const base::Clock& clock, base::Micros period)
    : shards_(shards), clock_(clock), period_(period), timer_(shards[0]), answered_(shards.size()) {
  for (auto& at : answered_) at = clock.monotonic().us;
}

void Pulse::start(std::function<void()> beat) {
  beat_ = std::move(beat);
  for (auto& at : answered_) at = clock_.monotonic().us;
  timer_.repeat(period_, [this] { ask(); });
}

void Pulse::stop() { timer_.stop(); }

void Pulse::ask() {
  if (beat_ && silent(4 * period_) == 0) beat_();
  for (std::size_t i = 0; i < shards_.size(); ++i)
    shards_[i].post([this, i] { answered_[i] = clock_.monotonic().us; });
}

std::size_t Pulse::silent(base::Micros for_longer_than) const {
  const std::int64_t limit = clock_.monotonic().us - for_longer_than;
  std::size_t count = 0;
  for (const auto& at : answered_)
    if (at < limit) ++count;
  return count;
}

}  // namespace server
