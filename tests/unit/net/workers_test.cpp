// SPDX-License-Identifier: Apache-2.0
#include "net/loop/workers.h"

#include <sys/resource.h>

#include <catch2/catch.hpp>
#include <condition_variable>
#include <set>
#include <thread>

#include "net/loop/shards.h"
#include "net/process.h"
#include "tests/unit/net/support.h"

namespace {

// Holds workers back until it is opened.
class Gate {
 public:
  void pass() {
    std::unique_lock lock(mutex_);
    ++waiting_;
    opened_.wait(lock, [this] { return open_; });
  }
  void open() {
    {
      const std::lock_guard lock(mutex_);
      open_ = true;
    }
    opened_.notify_all();
  }
  int waiting() {
    const std::lock_guard lock(mutex_);
    return waiting_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable opened_;
  int waiting_ = 0;
  bool open_ = false;
};

}  // namespace

TEST_CASE("a worker queue takes exactly its limit and destroys what it refuses") {
  Gate gate;
  std::atomic<int> ran{0};
  const auto token = std::make_shared<int>(0);
  {
    net::Workers workers(1, 3);
    REQUIRE(workers.submit([&] { gate.pass(); }));
    REQUIRE(tests::eventually([&] { return gate.waiting() == 1; }));
    for (int i = 0; i < 3; ++i) CHECK(workers.submit([&ran, token] { ++ran; }));
    CHECK(workers.queued() == 3);
    CHECK_FALSE(workers.submit([&ran, token] { ++ran; }));
    CHECK(token.use_count() == 4);
    gate.open();
  }
  CHECK(ran == 3);  // the destructor finished what was taken
  CHECK(token.use_count() == 1);
}

TEST_CASE("workers run side by side and answer to the loop that asked") {
  Gate gate;
  net::Loop loop;
  net::Workers workers(2, 10);
  std::set<std::thread::id> threads;
  const auto home = std::this_thread::get_id();
  int answers = 0;
  for (int i = 0; i < 2; ++i) {
    REQUIRE(workers.submit([&] {
      gate.pass();
      loop.post([&, worker = std::this_thread::get_id()] {
        CHECK(std::this_thread::get_id() == home);
        threads.insert(worker);
        if (++answers == 2) loop.stop();
      });
    }));
  }
  REQUIRE(tests::eventually([&] { return gate.waiting() == 2; }));
  gate.open();
  loop.run();
  CHECK(threads.size() == 2);
}

TEST_CASE("each shard runs its own loop on its own thread") {
  net::Shards shards(3);
  shards.start();
  std::set<std::thread::id> threads;
  for (std::size_t i = 0; i < shards.size(); ++i) {
    threads.insert(tests::on_loop(shards[i], [] { return std::this_thread::get_id(); }));
  }
  CHECK(threads.size() == 3);
  CHECK(threads.count(std::this_thread::get_id()) == 0);
}

TEST_CASE("the home of a key is stable and every shard is somebody's home") {
  net::Shards shards(4);
  std::set<std::size_t> homes;
  for (int i = 0; i < 200; ++i) {
    const auto key = "user" + std::to_string(i) + "@localhost";
    const auto home = shards.home(key);
    CHECK(home < 4);
    CHECK(home == shards.home(std::string(key)));
    homes.insert(home);
  }
  CHECK(homes.size() == 4);
}

TEST_CASE("shards that never started can be destroyed with tasks in their mailboxes") {
  const auto token = std::make_shared<int>(0);
  {
    net::Shards shards(2);
    shards[1].post([token] {});
  }
  CHECK(token.use_count() == 1);
}

TEST_CASE("the soft limit of descriptors is raised to the hard one") {
  rlimit before{};
  REQUIRE(getrlimit(RLIMIT_NOFILE, &before) == 0);
  rlimit low = before;
  low.rlim_cur = before.rlim_max / 2;
  REQUIRE(setrlimit(RLIMIT_NOFILE, &low) == 0);
  CHECK(net::raise_descriptor_limit() == before.rlim_max);
  rlimit after{};
  REQUIRE(getrlimit(RLIMIT_NOFILE, &after) == 0);
  CHECK(after.rlim_cur == before.rlim_max);
  setrlimit(RLIMIT_NOFILE, &before);
}
