// SPDX-License-Identifier: Apache-2.0
// record: how many messages a second become durable when many small rooms talk at once; latency:
// how long one's own message takes to come back at a moderate rate. A message only comes back when
// it is on disk, so both measure the record writer's batching.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <stop_token>
#include <thread>
#include <vector>

#include "bench/load/traffic.h"
#include "bench/scenarios/scenario.h"

namespace bench {
namespace {

void report_commits(const Target& target, double commits_before, double messages, double wall,
                    Report& report) {
  const double commits = status_number(target, "commits") - commits_before;
  if (commits <= 0) return;
  report.info("record", "messages in a commit, mean", messages / commits, "");
  report.info("record", "messages in a commit, most", status_number(target, "largest_commit"), "");
  report.info("record", "commits", commits / wall, "/s");
  report.info("record", "rows not yet in the archive at the end",
              status_number(target, "archive_backlog"), "");
}

// How long what is recorded waits for the archive, looked at again and again meanwhile.
class Lag {
 public:
  // Now nobody says anything. What was recorded before the start was archived after it.
  Lag(const Target& target, double rate)
      : ahead_(status_number(target, "archived") - status_number(target, "events_recorded")),
        thread_([this, &target, rate](const std::stop_token& stop) {
          while (!stop.stop_requested()) {
            // The later figure first: what comes in between makes the lag longer, not shorter.
            const double archived = status_number(target, "archived");
            const double recorded = status_number(target, "events_recorded");
            seconds_.push_back(std::max(0.0, recorded - archived + ahead_) / rate);
            std::this_thread::sleep_for(std::chrono::milliseconds(50));
          }
        }) {}
  std::vector<double> stop() {
    thread_.request_stop();
    thread_.join();
    return std::move(seconds_);
  }

 private:
  const double ahead_;
  std::vector<double> seconds_;
  std::jthread thread_;
};

}  // namespace

void measure_record(const Target& target, const Sizes& sizes, Report& report) {
  Poller poller;
  Fleet fleet(poller, target);
  const ProcessMeter meter(target.pid);
  const auto rooms = small_rooms(sizes);
  fleet.log_in(people(rooms));
  fleet.enter(rooms, 100);
  Traffic traffic(fleet, rooms, sizes.body_bytes);
  traffic.closed_loop(sizes.record_messages / 10, sizes.record_window);  // warm
  traffic.take_latencies();

  const double commits = status_number(target, "commits");
  const double cpu = meter.cpu_seconds();
  const double own_cpu = own_cpu_seconds();
  const auto start = Clock::now();
  traffic.closed_loop(sizes.record_messages, sizes.record_window);
  const double wall = seconds_between(start, Clock::now());
  const double used = meter.cpu_seconds() - cpu;
  const auto count = static_cast<double>(sizes.record_messages);
  const auto latencies = traffic.take_latencies();
  report.at_least("record", "messages recorded", count / wall, "/s", 10000);
  report.info("record", "server CPU per message", used * 1e6 / count, "µs");
  report.info("record", "generator CPU per message", (own_cpu_seconds() - own_cpu) * 1e6 / count,
              "µs");
  report.info("record", fmt::format("reflection p50, {} in flight", sizes.record_window),
              quantile(latencies, 0.5), "ms");
  report_commits(target, commits, count, wall, report);
  report.check("record", traffic.verdict());
  fleet.close_all();
}

void measure_latency(const Target& target, const Sizes& sizes, Report& report) {
  Poller poller;
  Fleet fleet(poller, target);
  const ProcessMeter meter(target.pid);
  const auto rooms = small_rooms(sizes);
  fleet.log_in(people(rooms));
  fleet.enter(rooms, 100);
  Traffic traffic(fleet, rooms, sizes.body_bytes);
  traffic.at_rate(sizes.latency_messages / 10, sizes.latency_rate);  // warm
  traffic.take_latencies();

  std::this_thread::sleep_for(std::chrono::seconds(1));
  const double cpu = meter.cpu_seconds();
  Lag lag(target, sizes.latency_rate);
  traffic.at_rate(sizes.latency_messages, sizes.latency_rate);
  const auto lags = lag.stop();
  const double used = meter.cpu_seconds() - cpu;
  const auto latencies = traffic.take_latencies();
  const auto at = fmt::format("{:.0f} messages/s", sizes.latency_rate);
  report.at_most("latency", "reflection p50, " + at, quantile(latencies, 0.5), "ms", 5);
  report.at_most("latency", "reflection p99, " + at, quantile(latencies, 0.99), "ms", 50);
  report.info("latency", "reflection maximum, " + at, quantile(latencies, 1), "ms");
  if (status_number(target, "archived") > 0)
    report.at_most("latency", "copy to the archive p99, " + at, quantile(lags, 0.99), "s", 1);
  report.info("latency", "server CPU per message, " + at,
              used * 1e6 / static_cast<double>(sizes.latency_messages), "µs");
  report.check("latency", traffic.verdict());
  fleet.close_all();
}

}  // namespace bench
