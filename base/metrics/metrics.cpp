// SPDX-License-Identifier: Apache-2.0
#include "base/metrics/metrics.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "base/check.h"

namespace base {
namespace {

// [a-z_][a-z0-9_]*: what Prometheus allows, less capitals and colons.
bool is_name(std::string_view text) {
  constexpr std::string_view first = "abcdefghijklmnopqrstuvwxyz_";
  constexpr std::string_view all = "abcdefghijklmnopqrstuvwxyz_0123456789";
  return !text.empty() && first.find(text.front()) != std::string_view::npos &&
         text.find_first_not_of(all) == std::string_view::npos;
}

Metrics::Samples alone(Metrics::Value value) {
  return [value = std::move(value)] { return std::vector<Metrics::Sample>{{{}, value()}}; };
}

}  // namespace

Histogram::Histogram(std::vector<double> bounds)
    : bounds_(std::move(bounds)), buckets_(bounds_.size() + 1) {
  CHECK(!bounds_.empty() && std::is_sorted(bounds_.begin(), bounds_.end()));
}

void Histogram::observe(double value) noexcept {
  const auto at = std::lower_bound(bounds_.begin(), bounds_.end(), value) - bounds_.begin();
  buckets_[static_cast<std::size_t>(at)].fetch_add(1, std::memory_order_relaxed);
  sum_.fetch_add(value, std::memory_order_relaxed);
}

Histogram::Reading Histogram::read() const {
  Reading reading;
  std::uint64_t total = 0;
  for (const auto& bucket : buckets_)
    reading.cumulative.push_back(total += bucket.load(std::memory_order_relaxed));
  reading.sum = sum_.load(std::memory_order_relaxed);
  return reading;
}

void Metrics::add(Family family) {
  CHECK(is_name(family.name));
  CHECK(std::all_of(family.labels.begin(), family.labels.end(), is_name));
  const bool counts = std::string_view(family.type) == "counter";
  CHECK(counts == family.name.ends_with("_total"));
  CHECK(std::none_of(families_.begin(), families_.end(),
                     [&](const Family& known) { return known.name == family.name; }));
  families_.push_back(std::move(family));
}

void Metrics::counter(std::string name, std::string help, Value value) {
  add({std::move(name), std::move(help), "counter", {}, alone(std::move(value))});
}

void Metrics::gauge(std::string name, std::string help, Value value) {
  add({std::move(name), std::move(help), "gauge", {}, alone(std::move(value))});
}

void Metrics::counters(std::string name, std::string help, std::vector<std::string> labels,
                       Samples read) {
  add({std::move(name), std::move(help), "counter", std::move(labels), std::move(read)});
}

void Metrics::gauges(std::string name, std::string help, std::vector<std::string> labels,
                     Samples read) {
  add({std::move(name), std::move(help), "gauge", std::move(labels), std::move(read)});
}

void Metrics::histogram(std::string name, std::string help, const Histogram& histogram) {
  add({std::move(name), std::move(help), "histogram", {}, {}, &histogram});
}

}  // namespace base
