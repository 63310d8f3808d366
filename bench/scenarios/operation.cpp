// SPDX-License-Identifier: Apache-2.0
// metrics, import: what operators wait for.
#include <fmt/format.h>

#include "bench/failed.h"
#include "bench/load/http_get.h"
#include "bench/scenarios/scenario.h"

namespace bench {

void measure_metrics(const Target& target, const Sizes& sizes, Report& report) {
  if (!target.http) throw Failed("metrics needs the server's --connect-http");
  const auto first = http_get(*target.http, "/metrics");
  if (!first) throw NotOffered("nothing listens at the server's HTTP address");
  if (first->status != 200)
    throw NotOffered(fmt::format("the server answers /metrics with {}", first->status));
  Poller poller;
  Fleet fleet(poller, target);
  const ProcessMeter meter(target.pid);
  fleet.log_in(sizes.metrics_sessions);
  std::vector<double> times;
  double used = 0;
  std::size_t bytes = 0;
  for (std::size_t i = 0; i < sizes.metrics_pages; ++i) {
    poller.run_for(std::chrono::milliseconds(5));  // the sessions live on
    const double cpu = meter.cpu_seconds();
    const auto page = http_get(*target.http, "/metrics");
    used += meter.cpu_seconds() - cpu;
    if (!page || page->status != 200) throw Failed("/metrics no longer answers");
    times.push_back(page->milliseconds);
    bytes = page->body.size();
  }
  const auto with = fmt::format("{} sessions", sizes.metrics_sessions);
  report.at_most("metrics", "the page /metrics p50, " + with, quantile(times, 0.5), "ms", 5);
  report.info("metrics", "the page /metrics p99, " + with, quantile(times, 0.99), "ms");
  report.info("metrics", "server CPU for it",
              used * 1000 / static_cast<double>(sizes.metrics_pages), "ms");
  report.info("metrics", "size of the page", static_cast<double>(bytes) / 1024, "KiB");
  fleet.close_all();
}

void measure_import(const Target& target, const Sizes& sizes, Report& report) {
  if (!target.import_accounts) throw Failed("import needs a server of the generator's own");
  const auto spent = target.import_accounts(sizes.imported);
  report.at_most("import", fmt::format("{} accounts by `hansard user import`", sizes.imported),
                 spent.wall, "s", 30);
  report.info("import", "CPU for it", spent.cpu, "s");
}

}  // namespace bench
