// SPDX-License-Identifier: Apache-2.0
// What is counted while the server runs. Counter and Histogram are written where things happen and
// cost a relaxed increment; whoever is counted on several shards has a counter for each. Metrics is
// the list of all that is shown, and reads them when it is asked.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace base {

// Any thread. On a cache line of its own, so that neighbours do not slow each other down.
class alignas(64) Counter {
 public:
  void add(std::uint64_t n = 1) noexcept { value_.fetch_add(n, std::memory_order_relaxed); }
  void set(std::uint64_t n) noexcept { value_.store(n, std::memory_order_relaxed); }
  std::uint64_t value() const noexcept { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_{0};
};

// The same count kept by each shard for itself; read as the sum.
class ShardedCounter {
 public:
  explicit ShardedCounter(std::size_t shards) : counters_(shards) {}
  Counter& operator[](std::size_t shard) { return counters_[shard]; }
  std::uint64_t sum() const noexcept {
    std::uint64_t total = 0;
    for (const Counter& counter : counters_) total += counter.value();
    return total;
  }

 private:
  std::vector<Counter> counters_;
};

// How often a value was at most so large. Any thread.
class Histogram {
 public:
  // Upper bounds, ascending; the last bucket, without one, is added.
  explicit Histogram(std::vector<double> bounds);
  void observe(double value) noexcept;

  struct Reading {
    std::vector<std::uint64_t> cumulative;  // one for each bound, then all
    double sum = 0;
  };
  Reading read() const;
  const std::vector<double>& bounds() const { return bounds_; }

 private:
  std::vector<double> bounds_;
  std::vector<std::atomic<std::uint64_t>> buckets_;
  std::atomic<double> sum_{0};
};

// A name, what it means and how to read it. All are added before text() is first called; what they
// read must outlive that. text() from any thread, if the functions may be called there. Names
// follow Prometheus: base units, counters end in _total; a name that does not is our own error and
// stops the program.
class Metrics {
 public:
  struct Sample {
    std::vector<std::string> labels;  // values, in the order in which the names were declared
    double value = 0;
  };
  using Value = std::function<double()>;
  using Samples = std::function<std::vector<Sample>()>;

  void counter(std::string name, std::string help, Value value);
  void gauge(std::string name, std::string help, Value value);
  void counters(std::string name, std::string help, std::vector<std::string> labels, Samples read);
  void gauges(std::string name, std::string help, std::vector<std::string> labels, Samples read);
  void histogram(std::string name, std::string help, const Histogram& histogram);

  // Prometheus' text format 0.0.4, in the order in which they were added.
  std::string text() const;

 private:
  struct Family {
    std::string name, help;
    const char* type;
    std::vector<std::string> labels;
    Samples read;
    const Histogram* histogram = nullptr;
  };
  void add(Family family);

  std::vector<Family> families_;
};

}  // namespace base
