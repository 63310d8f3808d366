// SPDX-License-Identifier: Apache-2.0
// Pulse: whether every shard still runs what is posted to it. One of them asks all of them every
// second; if that one does not come to it either, nobody beats, which is what a watchdog waits for.
#pragma once

#include <atomic>
#include <cstddef>
#include <functional>
#include <vector>

#include "base/time.h"
#include "net/loop/shards.h"

namespace server {

class Pulse {
 public:
  // Both must outlive it; destroyed after the shards have joined.
  Pulse(net::Shards& shards, const base::Clock& clock, base::Micros period = base::seconds(1));

  // Both on the first shard's thread. `beat` runs there each time all have answered lately.
  void start(std::function<void()> beat);
  void stop();

  // Shards that have not answered for so long. Any thread.
  std::size_t silent(base::Micros for_longer_than = base::seconds(10)) const;

 private:
  void ask();

  net::Shards& shards_;
  const base::Clock& clock_;
  const base::Micros period_;
  net::Timer timer_;
  std::function<void()> beat_;
  std::vector<std::atomic<std::int64_t>> answered_;  // monotonic microseconds
};

}  // namespace server
