// SPDX-License-Identifier: Apache-2.0
// Prometheus' text format 0.0.4 as its documentation gives it: "Exposition formats".
#include "base/metrics/metrics.h"

#include <catch2/catch.hpp>
#include <limits>
#include <thread>
#include <vector>

using base::Counter;
using base::Histogram;
using base::Metrics;
using base::ShardedCounter;

TEST_CASE("a counter and a gauge are a line each, with help and type") {
  Metrics metrics;
  Counter counter;
  metrics.counter("hansard_things_total", "Things.",
                  [&] { return static_cast<double>(counter.value()); });
  metrics.gauge("hansard_level", "A level.", [] { return 0.25; });
  counter.add();
  counter.add(41);
  CHECK(metrics.text() ==
        "# HELP hansard_things_total Things.\n"
        "# TYPE hansard_things_total counter\n"
        "hansard_things_total 42\n"
        "# HELP hansard_level A level.\n"
        "# TYPE hansard_level gauge\n"
        "hansard_level 0.25\n");
}

TEST_CASE("labels are quoted, and what would end the quotes or the line is escaped") {
  Metrics metrics;
  metrics.gauges("hansard_of", "Of \"what\"\n and \\.", {"a", "b"}, [] {
    return std::vector<Metrics::Sample>{{{"plain", "q\"u\\o\nte"}, 1}, {{"", "é"}, 2}};
  });
  CHECK(metrics.text() ==
        "# HELP hansard_of Of \"what\"\\n and \\\\.\n"
        "# TYPE hansard_of gauge\n"
        "hansard_of{a=\"plain\",b=\"q\\\"u\\\\o\\nte\"} 1\n"
        "hansard_of{a=\"\",b=\"é\"} 2\n");
}

TEST_CASE("a family without samples keeps its help and type") {
  Metrics metrics;
  metrics.counters("hansard_none_total", "None yet.", {"reason"},
                   [] { return std::vector<Metrics::Sample>{}; });
  CHECK(metrics.text() ==
        "# HELP hansard_none_total None yet.\n# TYPE hansard_none_total counter\n");
}

TEST_CASE("numbers: whole ones exactly, others so that they read back the same") {
  const auto shown = [](double value) {
    Metrics metrics;
    metrics.gauge("x", "X.", [value] { return value; });
    const std::string text = metrics.text();
    return text.substr(text.rfind("x ") + 2);
  };
  CHECK(shown(0) == "0\n");
  CHECK(shown(-3) == "-3\n");
  CHECK(shown(1e15) == "1000000000000000\n");
  CHECK(shown(9007199254740992) == "9007199254740992\n");  // 2^53
  CHECK(std::stod(shown(1e300)) == 1e300);
  CHECK(std::stod(shown(0.1)) == 0.1);
  CHECK(shown(std::numeric_limits<double>::infinity()) == "+Inf\n");
  CHECK(shown(-std::numeric_limits<double>::infinity()) == "-Inf\n");
  CHECK(shown(std::numeric_limits<double>::quiet_NaN()) == "NaN\n");
}

TEST_CASE("a histogram's buckets are cumulative, a value on a bound is within it") {
  Histogram histogram({0.5, 1, 10});
  for (const double value : {0.5, 0.6, 1.0, 10.0, 11.0}) histogram.observe(value);
  Metrics metrics;
  metrics.histogram("hansard_wait_seconds", "Waits.", histogram);
  CHECK(metrics.text() ==
        "# HELP hansard_wait_seconds Waits.\n"
        "# TYPE hansard_wait_seconds histogram\n"
        "hansard_wait_seconds_bucket{le=\"0.5\"} 1\n"
        "hansard_wait_seconds_bucket{le=\"1\"} 3\n"
        "hansard_wait_seconds_bucket{le=\"10\"} 4\n"
        "hansard_wait_seconds_bucket{le=\"+Inf\"} 5\n"
        "hansard_wait_seconds_sum 23.1\n"
        "hansard_wait_seconds_count 5\n");
}

TEST_CASE("nothing is lost when many threads count") {
  constexpr int rounds = 10000;
  ShardedCounter counter(4);
  Histogram histogram({1, 2, 3});
  std::vector<std::thread> threads;
  for (std::size_t shard = 0; shard < 4; ++shard)
    threads.emplace_back([&, shard] {
      for (int i = 0; i < rounds; ++i) {
        counter[shard].add();
        histogram.observe(static_cast<double>(shard));
      }
    });
  for (auto& thread : threads) thread.join();
  CHECK(counter.sum() == 4 * rounds);
  const auto reading = histogram.read();
  CHECK(reading.cumulative ==
        std::vector<std::uint64_t>{2 * rounds, 3 * rounds, 4 * rounds, 4 * rounds});
  CHECK(reading.sum == 6.0 * rounds);
}
