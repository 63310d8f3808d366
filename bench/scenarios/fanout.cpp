// SPDX-License-Identifier: Apache-2.0
// fanout: one room of a thousand occupants. What a delivery costs the server, against a bare loop
// of write() in the same run. The figure that counts is the dearest case: one message in flight, so
// that no two deliveries share a write.
#include <fmt/format.h>

#include "bench/load/traffic.h"
#include "bench/scenarios/bare_loop.h"
#include "bench/scenarios/scenario.h"

namespace bench {
namespace {

constexpr std::size_t slices = 6;

struct Cost {
  double cpu = 0;
  std::size_t deliveries = 0;
  double micros() const { return cpu * 1e6 / static_cast<double>(deliveries); }
};

template <class F>
void measure(const ProcessMeter& meter, Traffic& traffic, Cost& cost, F&& run) {
  const double cpu = meter.cpu_seconds();
  const std::size_t deliveries = traffic.totals().deliveries;
  run();
  cost.cpu += meter.cpu_seconds() - cpu;
  cost.deliveries += traffic.totals().deliveries - deliveries;
}

void measure_single(const Sizes& sizes, const ProcessMeter& meter, Traffic& traffic,
                    Report& report) {
  traffic.closed_loop(20, 1);  // warm
  const auto bytes = static_cast<std::size_t>(traffic.totals().bytes /
                                              static_cast<double>(traffic.totals().deliveries));
  BareLoop bare(sizes.occupants, bytes);
  bare.run(20);
  Cost server;
  double bare_cpu = 0;
  const std::size_t messages = std::max<std::size_t>(1, sizes.fanout_messages / slices);
  // In turns: what else the machine does then falls on both.
  for (std::size_t i = 0; i < slices; ++i) {
    measure(meter, traffic, server, [&] { traffic.closed_loop(messages, 1); });
    bare_cpu += bare.run(messages);
  }
  const double bare_micros = bare_cpu * 1e6 / slices;
  report.info("fanout", fmt::format("bare loop: CPU for one write() of {} bytes", bytes),
              bare_micros, "µs");
  report.info("fanout", "server CPU per delivery, 1 message in flight", server.micros(), "µs");
  report.at_most("fanout", "server CPU per delivery / bare loop", server.micros() / bare_micros,
                 "×", 1.5);
}

}  // namespace

void measure_fanout(const Target& target, const Sizes& sizes, Report& report) {
  Poller poller;
  Fleet fleet(poller, target);
  const ProcessMeter meter(target.pid);
  const auto rooms = one_room(sizes.occupants);
  fleet.log_in(sizes.occupants);
  fleet.enter(rooms, 50);
  Traffic traffic(fleet, rooms, sizes.body_bytes);
  measure_single(sizes, meter, traffic, report);

  Cost windowed, paced;
  measure(meter, traffic, windowed, [&] { traffic.closed_loop(sizes.fanout_messages, 32); });
  report.info("fanout", "server CPU per delivery, 32 messages in flight", windowed.micros(), "µs");
  traffic.take_latencies();
  measure(meter, traffic, paced, [&] { traffic.at_rate(sizes.fanout_messages, 20); });
  report.info("fanout", "server CPU per delivery, 20 messages/s", paced.micros(), "µs");
  const auto latencies = traffic.take_latencies();
  report.info("fanout", "reflection p50, 20 messages/s", quantile(latencies, 0.5), "ms");
  report.info("fanout", "reflection p99, 20 messages/s", quantile(latencies, 0.99), "ms");
  report.check("fanout", traffic.verdict());
  fleet.close_all();
}

}  // namespace bench
