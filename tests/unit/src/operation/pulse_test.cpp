// SPDX-License-Identifier: Apache-2.0
#include "src/operation/pulse.h"

#include <atomic>
#include <catch2/catch.hpp>
#include <future>

#include "tests/unit/src/rooms/fakes.h"

using tests::eventually;

TEST_CASE("the pulse beats while all shards answer, and stops when one does not") {
  base::SystemClock clock;
  net::Shards shards(2);
  std::atomic<int> beats{0};
  server::Pulse pulse(shards, clock, base::milliseconds(10));
  shards.start();
  shards[0].post([&] { pulse.start([&] { ++beats; }); });
  CHECK(eventually([&] { return beats > 3; }));
  CHECK(pulse.silent() == 0);

  std::promise<void> go_on;
  shards[1].post([go = go_on.get_future().share()] { go.wait(); });
  CHECK(eventually([&] { return pulse.silent(base::milliseconds(100)) == 1; }));
  int before = beats;
  CHECK(eventually([&] { return std::exchange(before, beats.load()) == beats; }));

  go_on.set_value();
  CHECK(eventually([&] { return beats > before + 3; }));
  CHECK(pulse.silent(base::milliseconds(100)) == 0);
  shards.stop();
  shards.join();
}
