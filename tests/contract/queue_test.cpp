// SPDX-License-Identifier: Apache-2.0
// What waits for the writer: how much of it closes the door, and in what order of time it is.
#include <algorithm>
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <thread>

#include "tests/contract/world.h"

using record::Outcome;
using tests::account_added;
using tests::Answers;
using tests::message;
using tests::Sql;
using tests::World;

namespace {

// A content database whose writer can commit nothing until let go.
struct Held : World {
  explicit Held(const db::RecordingConfig& config) : sql(place.content_url) {
    auto mine = this->config();
    mine.queue_max = config.queue_max;
    mine.queue_bytes_max = config.queue_bytes_max;
    record(mine);
    REQUIRE(commit({tests::room_created(1, "a@chat.localhost")}) == Outcome::durable);
    sql.hold();
  }
  void submit(record::Event event) {
    std::vector<record::Event> events;
    events.push_back(std::move(event));
    content->recorder().submit(std::move(events), answers.next());
  }
  bool accepting() { return content->recorder().accepting(); }
  void let_go() { sql.let_go(); }
  Sql sql;
  Answers answers;
};

db::RecordingConfig events_at_most(std::size_t events) {
  db::RecordingConfig config;
  config.queue_max = events;
  return config;
}
db::RecordingConfig bytes_at_most(std::size_t bytes) {
  db::RecordingConfig config;
  config.queue_bytes_max = bytes;
  return config;
}

// Each reading is later than the one before it, and its reader is slow to use it.
struct SteppingClock final : base::Clock {
  base::Time wall() const override { return real.wall(); }
  base::Time monotonic() const override {
    const base::Time now{++last};
    std::this_thread::yield();
    return now;
  }
  base::SystemClock real;
  mutable std::atomic<std::int64_t> last{0};
};

}  // namespace

TEST_CASE("the queue's limit closes the door at N, not at N - 1") {
  Held world(events_at_most(3));
  world.submit(account_added("a"));
  world.submit(account_added("b"));
  CHECK(world.accepting());
  world.submit(account_added("c"));
  CHECK_FALSE(world.accepting());
  world.submit(account_added("d"));
  CHECK_FALSE(world.accepting());
  world.let_go();
  CHECK(world.answers.all() == std::vector<Outcome>(4, Outcome::durable));
  tests::eventually([&] { return world.accepting(); });
}

TEST_CASE("the queue's limit in bytes closes the door at N, not at N - 1") {
  const std::string text(100000, 'x');
  std::uint64_t size = 0;
  {
    Held world({});
    world.submit(message(1, 2, text));
    size = world.content->writer_stats().queued_bytes;
    world.submit(message(1, 3, text));
    CHECK(world.content->writer_stats().queued_bytes == 2 * size);
    world.let_go();
    (void)world.answers.all();
    CHECK(world.content->writer_stats().queued_bytes == 0);
  }
  CHECK(size > 2 * text.size());  // the body, and the stanza around it
  CHECK(size < 2 * text.size() + 5000);
  for (const std::size_t limit : {2 * size - 1, 2 * size, 2 * size + 1}) {
    INFO(limit << " bytes");
    Held world(bytes_at_most(limit));
    world.submit(message(1, 2, text));
    CHECK(world.accepting());
    world.submit(message(1, 3, text));
    CHECK(world.accepting() == (limit > 2 * size));
    world.submit(message(1, 4, text));
    CHECK_FALSE(world.accepting());
    world.let_go();
    CHECK(world.answers.all() == std::vector<Outcome>(3, Outcome::durable));
    tests::eventually([&] { return world.accepting(); });
  }
}

TEST_CASE("the monotonic clock never goes back within a source, whoever submits") {
  World world;
  SteppingClock clock;
  auto config = world.config();
  config.clock = &clock;
  world.record(config);
  std::atomic<int> durable{0};
  constexpr int threads = 4, each = 500;
  std::vector<std::thread> submitters;
  for (int t = 0; t < threads; ++t)
    submitters.emplace_back([&, t] {
      for (int i = 0; i < each; ++i) {
        std::vector<record::Event> events;
        events.push_back(account_added("u" + std::to_string(t) + "-" + std::to_string(i)));
        world.content->recorder().submit(std::move(events), [&](Outcome outcome) {
          if (outcome == Outcome::durable) ++durable;
        });
      }
    });
  for (auto& thread : submitters) thread.join();
  tests::eventually([&] { return durable == threads * each; });
  Sql sql(world.place.content_url);
  std::int64_t last = -1;
  bool forward = true;
  for (const auto& row : sql.rows("SELECT leaf FROM outbox ORDER BY position")) {
    const std::int64_t mono = nlohmann::json::parse(row[0]).at("mono");
    forward = forward && mono >= last;
    last = mono;
  }
  CHECK(forward);
}
