// SPDX-License-Identifier: Apache-2.0
// The wall clock is set while the writer works.
#include <atomic>
#include <catch2/catch.hpp>

#include "tests/contract/world.h"

namespace {

class SteppedClock final : public base::Clock {
 public:
  base::Time wall() const override { return system_.wall() + by_.load(); }
  base::Time monotonic() const override { return system_.monotonic(); }
  void step(base::Micros by) { by_ += by; }

 private:
  base::SystemClock system_;
  std::atomic<base::Micros> by_{0};
};

}  // namespace

TEST_CASE("a clock that is set is on record before what comes next") {
  tests::KeptLog log;
  tests::World world(&log);
  SteppedClock clock;
  auto config = world.config();
  config.clock = &clock;
  config.outbox = true;
  world.record(config);
  const auto steps = [&] {
    tests::Sql sql(world.place.content_url);
    return sql.rows("SELECT leaf FROM outbox WHERE code = 610 ORDER BY position");
  };
  REQUIRE(world.commit({tests::account_added("one")}) == record::Outcome::durable);
  // Within what a second's turn of the writer may show as such.
  clock.step(base::milliseconds(900));
  REQUIRE(world.commit({tests::account_added("two")}) == record::Outcome::durable);
  CHECK(steps().empty());
  clock.step(-base::minutes(60));
  REQUIRE(world.commit({tests::account_added("three")}) == record::Outcome::durable);
  const auto found = steps();
  REQUIRE(found.size() == 1);
  CHECK(log.has("the wall clock was set"));
  tests::Sql sql(world.place.content_url);
  const auto step = sql.number("SELECT max(sn) FROM outbox WHERE code = 610");
  CHECK(sql.number("SELECT max(sn) FROM outbox WHERE code = 601") == step + 1);
  const std::string leaf = found[0].at(0);
  const auto at = leaf.find("\"delta_us\":-");
  REQUIRE(at != std::string::npos);
  const auto delta = std::stoll(leaf.substr(at + 11));
  CHECK(delta < -3'599'000'000);
  CHECK(delta > -3'601'000'000);
  // Nothing else need happen for it.
  clock.step(base::minutes(60));
  tests::eventually([&] { return steps().size() == 2; });
  CHECK(world.stop());
}
