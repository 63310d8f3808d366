// SPDX-License-Identifier: Apache-2.0
// Alarms: said once when they begin, once when they are over, and not to and fro around a
// threshold.
#include "src/operation/watch.h"

#include <catch2/catch.hpp>
#include <map>
#include <utility>

#include "net/loop/shards.h"
#include "tests/support/fakes.h"

using server::DiskSpace;
using server::Severity;
using server::Shortage;
using server::Watch;
using server::WatchConfig;

namespace {

constexpr std::uint64_t gib = std::uint64_t{1} << 30;

class Said final : public base::Log {
 public:
  bool enabled(base::Level) const override { return true; }
  void write(base::Level level, std::string_view event,
             std::initializer_list<base::Field>) override {
    const char* name = level == base::Level::error  ? "error "
                       : level == base::Level::warn ? "warn "
                                                    : "info ";
    said_ += name + std::string(event);
  }
  std::string take() { return std::exchange(said_, {}); }

 private:
  std::string said_;
};

struct World {
  explicit World(WatchConfig c = {}) : config(std::move(c)) {}

  Watch& watch() {
    if (!watch_)
      watch_.emplace(config, Watch::Parts{shards[0], workers, clock, log, [this] { return rows; },
                                          [this](const std::string& path) {
                                            const auto at = disks.find(path);
                                            return at == disks.end() ? std::nullopt
                                                                     : std::optional(at->second);
                                          }});
    return *watch_;
  }
  // Looks, and gives what was said.
  std::string look() {
    watch().look();
    return log.take();
  }

  WatchConfig config;
  net::Shards shards{1};
  net::Workers workers{1, 10};
  tests::FakeClock clock;
  Said log;
  std::uint64_t rows = 0;
  std::map<std::string, DiskSpace> disks;

 private:
  std::optional<Watch> watch_;
};

WatchConfig one_volume() {
  WatchConfig config;
  config.volumes = {{"data_dir", "/data"}};
  return config;
}

}  // namespace

TEST_CASE("a shortage is reached at its threshold and left only some way above it") {
  const Shortage::Thresholds thresholds{.warning = 10, .error = 5, .slack = 0.2};
  Shortage shortage;
  CHECK(shortage.update(10.1, thresholds) == Severity::none);
  CHECK(shortage.update(10, thresholds) == Severity::warning);
  CHECK(shortage.update(12, thresholds) == Severity::warning);
  CHECK(shortage.update(12.1, thresholds) == Severity::none);
  CHECK(shortage.update(11, thresholds) == Severity::none);
  CHECK(shortage.update(5, thresholds) == Severity::error);
  CHECK(shortage.update(6, thresholds) == Severity::error);
  CHECK(shortage.update(6.1, thresholds) == Severity::warning);
  CHECK(shortage.update(5.1, thresholds) == Severity::warning);
  CHECK(shortage.update(100, thresholds) == Severity::none);
}

TEST_CASE("a volume of 5 GiB: low at 10 %, nearly full at 5 %") {
  World world(one_volume());
  auto& disk = world.disks["/data"];
  const auto percent = [&](double left) {
    disk = {static_cast<std::uint64_t>(left / 100 * 5 * gib), 5 * gib, 1};
  };
  percent(10.1);
  CHECK(world.look().empty());
  percent(10);
  CHECK(world.look() == "warn little space is left on a volume");
  CHECK(world.look().empty());
  percent(11.9);
  CHECK(world.look().empty());
  percent(4.9);
  CHECK(world.look().starts_with("error a volume is nearly full"));
  CHECK(world.watch().reading().volumes.at(0).severity == Severity::error);
  percent(5.5);
  CHECK(world.look().empty());
  percent(7);
  CHECK(world.look() == "warn little space is left on a volume");
  percent(13);
  CHECK(world.look() == "info there is space enough on a volume again");
  CHECK(world.watch().reading().volumes.at(0).severity == Severity::none);
}

TEST_CASE("a large volume is nearly full below 1 GiB, not below 5 %") {
  World world(one_volume());
  auto& disk = world.disks["/data"];
  disk = {2 * gib, 1000 * gib, 1};
  CHECK(world.look() == "warn little space is left on a volume");
  disk.free_bytes = gib + 1;
  CHECK(world.look().empty());
  disk.free_bytes = gib;
  CHECK(world.look().starts_with("error a volume is nearly full"));
  disk.free_bytes = gib + gib / 10;
  CHECK(world.look().empty());
  disk.free_bytes = 2 * gib;
  CHECK(world.look() == "warn little space is left on a volume");
}

TEST_CASE("paths on one volume are one alarm, an unknown path is none") {
  WatchConfig config;
  config.volumes = {{"data_dir", "/a"}, {"content", "/b"}, {"archive", "/c"}, {"none", "/d"}};
  World world(config);
  world.disks["/a"] = world.disks["/b"] = {gib / 10, 10 * gib, 1};
  world.disks["/c"] = {9 * gib, 10 * gib, 2};
  CHECK(world.look().starts_with("error a volume is nearly full"));
  const auto volumes = world.watch().reading().volumes;
  REQUIRE(volumes.size() == 3);
  CHECK(volumes[0].severity == Severity::error);
  CHECK(volumes[1].severity == Severity::error);
  CHECK(volumes[2].severity == Severity::none);
}

TEST_CASE("the outbox warns at 80 % of its limit") {
  WatchConfig config;
  config.outbox_limit = 1000;
  World world(config);
  world.rows = 799;
  CHECK(world.look().empty());
  world.rows = 800;
  CHECK(world.look().starts_with("warn many rows wait for the archive"));
  world.rows = 1001;  // that messages are refused is said at the door
  CHECK(world.look().empty());
  CHECK(world.watch().reading().outbox == Severity::error);
  world.rows = 780;
  CHECK(world.look().empty());
  CHECK(world.watch().reading().outbox == Severity::warning);
  world.rows = 759;
  CHECK(world.look() == "info few rows wait for the archive again");
}

TEST_CASE("without an archive no outbox is looked at") {
  World world;
  world.rows = 1'000'000;
  CHECK(world.look().empty());
  CHECK(world.watch().reading().outbox == Severity::none);
}

TEST_CASE("a certificate warns 14 days before its end, and when it has expired") {
  constexpr base::Micros day = 24 * base::minutes(60);
  World world;
  CHECK(world.look().empty());
  world.watch().set_certificate(world.clock.wall() + 14 * day + 1);
  CHECK(world.look().empty());
  world.clock.advance(1);
  CHECK(world.look().starts_with("warn the certificate expires soon"));
  CHECK(world.look().empty());
  world.clock.advance(14 * day);
  CHECK(world.look().starts_with("error the certificate has expired"));
  world.watch().set_certificate(world.clock.wall() + 90 * day);
  CHECK(world.look() == "info the certificate is valid for long enough again");
  CHECK(world.watch().reading().certificate_until == world.clock.wall() + 90 * day);
}
