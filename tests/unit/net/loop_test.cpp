// SPDX-License-Identifier: Apache-2.0
#include "net/loop/loop.h"

#include <atomic>
#include <catch2/catch.hpp>
#include <chrono>
#include <thread>
#include <vector>

#include "tests/unit/net/support.h"

using net::Loop;
using net::Timer;

TEST_CASE("tasks of four threads all run, each thread's in order") {
  Loop loop;
  constexpr int each = 5000;
  std::vector<std::vector<int>> seen(4);
  std::vector<std::thread> producers;
  for (std::size_t p = 0; p < 4; ++p) {
    producers.emplace_back([&, p] {
      for (int i = 0; i < each; ++i) loop.post([&seen, p, i] { seen[p].push_back(i); });
    });
  }
  std::thread stopper([&] {
    for (auto& producer : producers) producer.join();
    loop.stop();
  });
  loop.run();
  stopper.join();
  for (const auto& numbers : seen) {
    REQUIRE(numbers.size() == each);
    CHECK(std::is_sorted(numbers.begin(), numbers.end()));
  }
  CHECK(loop.stats().mailbox_tasks == 4 * each);
}

TEST_CASE("what is posted before the loop runs is drained by one wake-up") {
  Loop loop;
  std::uint64_t first = 0;
  std::uint64_t last = 0;
  loop.post([&] { first = loop.stats().iterations; });
  for (int i = 0; i < 1000; ++i) loop.post([] {});
  loop.post([&] {
    last = loop.stats().iterations;
    loop.stop();
  });
  loop.run();
  CHECK(first == last);
}

// Whoever is about to wake the loop when it ends must not find its descriptor closed.
TEST_CASE("threads may post and stop while the loop ends") {
  for (int round = 0; round < 100; ++round) {
    Loop loop;
    std::atomic<bool> ended{false};
    std::vector<std::thread> producers;
    for (int p = 0; p < 3; ++p)
      producers.emplace_back([&] {
        while (!ended) loop.post([] {});
      });
    std::thread stopper([&] { loop.stop(); });
    loop.run();
    ended = true;
    stopper.join();
    for (auto& producer : producers) producer.join();
  }
}

TEST_CASE("a task posted while draining runs in the next iteration, after timers had their turn") {
  Loop loop;
  std::uint64_t outer = 0;
  std::uint64_t inner = 0;
  loop.post([&] {
    outer = loop.stats().iterations;
    loop.post([&] {
      inner = loop.stats().iterations;
      loop.stop();
    });
  });
  loop.run();
  CHECK(inner == outer + 1);
}

TEST_CASE("a task that posts itself for ever does not starve a timer") {
  Loop loop;
  std::function<void()> again = [&] { loop.post([&] { again(); }); };
  loop.post([&] { again(); });
  Timer timer(loop);
  bool fired = false;
  timer.start(base::milliseconds(5), [&] {
    fired = true;
    loop.stop();
  });
  loop.run();
  CHECK(fired);
}

TEST_CASE("after stop tasks are destroyed without running") {
  const auto token = std::make_shared<int>(0);
  bool ran = false;
  {
    Loop loop;
    loop.post([&loop] { loop.stop(); });
    loop.run();
    loop.post([token, &ran] { ran = true; });
    CHECK(token.use_count() == 1);
  }
  {
    Loop never_run;
    never_run.post([token, &ran] { ran = true; });
    CHECK(token.use_count() == 2);
  }
  CHECK(token.use_count() == 1);
  CHECK_FALSE(ran);
}

TEST_CASE("what was posted before stop still runs") {
  Loop loop;
  bool ran = false;
  std::thread other([&] {
    loop.post([&] { ran = true; });
    loop.stop();
  });
  loop.run();
  other.join();
  CHECK(ran);
}

TEST_CASE("a timer fires once, not before its time") {
  Loop loop;
  Timer timer(loop);
  Timer guard(loop);
  int fired = 0;
  const auto start = std::chrono::steady_clock::now();
  std::chrono::steady_clock::duration after{};
  timer.start(base::milliseconds(20), [&] {
    ++fired;
    after = std::chrono::steady_clock::now() - start;
    guard.start(base::milliseconds(60), [&] { loop.stop(); });
  });
  CHECK(timer.active());
  loop.run();
  CHECK(fired == 1);
  CHECK(after >= std::chrono::milliseconds(19));  // libuv's clock has whole milliseconds
  CHECK_FALSE(timer.active());
}

TEST_CASE("a repeating timer goes on until it is stopped in its own callback") {
  Loop loop;
  Timer timer(loop);
  Timer guard(loop);
  int fired = 0;
  timer.repeat(base::milliseconds(2), [&] {
    if (++fired < 3) return;
    timer.stop();
    guard.start(base::milliseconds(20), [&] { loop.stop(); });
  });
  loop.run();
  CHECK(fired == 3);
}

TEST_CASE("a timer may be restarted and destroyed in its own callback") {
  Loop loop;
  auto timer = std::make_unique<Timer>(loop);
  int stage = 0;
  timer->start(base::milliseconds(1), [&] {
    stage = 1;
    timer->start(base::milliseconds(1), [&] {
      stage = 2;
      timer.reset();
      loop.post([&] { loop.stop(); });
    });
  });
  loop.run();
  CHECK(stage == 2);
}

TEST_CASE("a timer may outlive its loop") {
  std::unique_ptr<Timer> timer;
  bool fired = false;
  {
    Loop loop;
    timer = std::make_unique<Timer>(loop);
    timer->start(base::seconds(1), [&] { fired = true; });
    loop.post([&loop] { loop.stop(); });
    loop.run();
  }
  timer->start(base::milliseconds(0), [&] { fired = true; });
  CHECK_FALSE(timer->active());
  timer.reset();
  CHECK_FALSE(fired);
}

TEST_CASE("an iteration of more than ten milliseconds is counted and reported, waiting is not") {
  Loop loop;
  base::Micros reported = 0;
  int reports = 0;
  loop.on_slow_iteration([&](base::Micros length) {
    reported = length;
    ++reports;
    loop.stop();
  });
  Timer timer(loop);
  timer.start(base::milliseconds(50), [&] {  // the wait before this is no work
    const auto until = std::chrono::steady_clock::now() + std::chrono::milliseconds(30);
    while (std::chrono::steady_clock::now() < until) {
    }
  });
  loop.run();
  CHECK(reports == 1);
  CHECK(loop.stats().slow_iterations == 1);
  CHECK(reported >= base::milliseconds(30));
  CHECK(reported < base::milliseconds(2000));
}
