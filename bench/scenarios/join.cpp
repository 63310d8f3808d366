// SPDX-License-Identifier: Apache-2.0
// join: a thousand users enter one room, a million presences: all at once, then (in a second room)
// one after the other. CPU of the server, how far its memory grows, and how much it keeps when all
// have left.
#include <fmt/format.h>

#include "bench/scenarios/scenario.h"

namespace bench {
namespace {

constexpr double mebibyte = 1048576;

void enter_once(Fleet& fleet, const ProcessMeter& meter, const Fleet::Rooms& rooms,
                std::size_t window, const std::string& how, Report& report) {
  const double before = settled_memory(fleet.poller(), meter);
  meter.reset_peak();
  const double cpu = meter.cpu_seconds();
  const auto start = Clock::now();
  fleet.enter(rooms, window);
  const double used = meter.cpu_seconds() - cpu;
  const double wall = seconds_between(start, Clock::now());
  const double peak = meter.memory().peak - before;
  const double within = settled_memory(fleet.poller(), meter) - before;
  fleet.leave(rooms);
  const double after = settled_memory(fleet.poller(), meter) - before;
  report.at_most("join", fmt::format("server CPU, {}", how), used, "s", 10);
  report.info("join", fmt::format("time on the clock, {}", how), wall, "s");
  report.at_most("join", fmt::format("memory growth at the peak, {}", how), peak / mebibyte, "MiB",
                 128);
  report.info("join", fmt::format("memory growth while all are in, {}", how), within / mebibyte,
              "MiB");
  report.at_most("join", fmt::format("memory growth kept after all left, {}", how),
                 after / mebibyte, "MiB", 16);
}

}  // namespace

void measure_join(const Target& target, const Sizes& sizes, Report& report) {
  Poller poller;
  Fleet fleet(poller, target);
  const ProcessMeter meter(target.pid);
  fleet.log_in(sizes.occupants);
  const auto first = one_room(sizes.occupants);
  Fleet::Rooms second(2);
  second[1] = first[0];
  enter_once(fleet, meter, first, sizes.occupants, "all at once", report);
  enter_once(fleet, meter, second, 1, "one by one", report);
  fleet.close_all();
}

}  // namespace bench
