// SPDX-License-Identifier: Apache-2.0
// idle, occupant: what a session that does nothing and an occupant who says nothing cost in
// resident memory: the difference that many of them make, after a few have warmed the server up.
#include <fmt/format.h>

#include <algorithm>

#include "bench/scenarios/scenario.h"

namespace bench {
namespace {

constexpr std::size_t warm_up = 200;
constexpr std::size_t per_room = 20;
constexpr std::size_t rooms_each = 10;

std::size_t occupant_sessions(const Sizes& sizes) {
  return std::max<std::size_t>(1, sizes.occupancy_rooms / rooms_each) * per_room;
}

}  // namespace

std::size_t accounts_of_idle(const Sizes& sizes) { return sizes.idle_plain + warm_up; }
std::size_t accounts_of_idle_tls(const Sizes& sizes) { return sizes.idle_tls + warm_up; }
std::size_t accounts_of_occupant(const Sizes& sizes) { return occupant_sessions(sizes); }

void measure_idle(const Target& target, const Sizes& sizes, bool tls, Report& report) {
  Poller poller;
  Fleet fleet(poller, target);
  const ProcessMeter meter(target.pid);
  const std::size_t count = tls ? sizes.idle_tls : sizes.idle_plain;
  const Login login{.tls = tls};
  fleet.log_in(warm_up, login);
  const double before = settled_memory(poller, meter);
  fleet.log_in(count, login);
  const double grown = settled_memory(poller, meter) - before;
  report.at_most(
      "idle",
      fmt::format("memory of an idle session, {} ({} of them)", tls ? "TLS" : "plain", count),
      grown / 1024 / static_cast<double>(count), "KiB", tls ? 40 : 16);
  fleet.close_all();
}

// Rooms of twenty; each session is in ten of them, so that the occupants outweigh all else.
void measure_occupant(const Target& target, const Sizes& sizes, Report& report) {
  Poller poller;
  Fleet fleet(poller, target);
  const ProcessMeter meter(target.pid);
  const std::size_t sessions = occupant_sessions(sizes);
  fleet.log_in(sessions);
  // Half as many go before, so that the databases' page caches are full: they do not grow with
  // people.
  const std::size_t warm_rooms = std::max<std::size_t>(1, sizes.occupancy_rooms / 2);
  Fleet::Rooms warm(warm_rooms), rooms(warm_rooms + sizes.occupancy_rooms);
  const auto fill = [sessions](Fleet::Rooms& which, std::size_t room) {
    for (std::size_t i = 0; i < per_room; ++i)
      which[room].push_back((room * per_room + i) % sessions);
  };
  for (std::size_t room = 0; room < warm_rooms; ++room) fill(warm, room);
  for (std::size_t room = warm_rooms; room < rooms.size(); ++room) fill(rooms, room);
  fleet.enter(warm, 100);
  const double before = settled_memory(poller, meter);
  fleet.enter(rooms, 100);
  const double grown = settled_memory(poller, meter) - before;
  const std::size_t count = people(rooms);
  report.at_most("occupant",
                 fmt::format("memory of an occupant, with the room's share ({} in {} rooms)", count,
                             sizes.occupancy_rooms),
                 grown / 1024 / static_cast<double>(count), "KiB", 2);
  fleet.close_all();
}

}  // namespace bench
