// SPDX-License-Identifier: Apache-2.0
#include "record/by_rate.h"

#include <cstdint>
#include <iterator>
#include <utility>

namespace record {
namespace {

// What holds for several: the last of them, without what only it had; their number, their size.
struct Merge {
  std::int64_t count, bytes;

  void operator()(MessageRejected& e) {
    e.count += count;
    e.bytes += bytes;
    e.to.clear();
    e.stanza = {};
    e.stanza_sha256.clear();
  }
  void operator()(JoinRefused& e) {
    e.count += count;
    e.to.clear();
  }
  void operator()(AuthRefused& e) { e.count += count; }
  template <class Other>
  void operator()(Other&) {}
};

Merge sum_of(const std::vector<Event>& counted) {
  if (counted.empty()) return {0, 0};
  return std::visit(
      [](const auto& e) -> Merge {
        if constexpr (requires { e.bytes; }) return {e.count, e.bytes};
        if constexpr (requires { e.count; }) return {e.count, 0};
        return {0, 0};
      },
      counted.front().body);
}

void append(std::vector<Event>& to, std::vector<Event>&& more) {
  to.insert(to.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
  more.clear();
}

}  // namespace

std::vector<Event> ByRate::add(std::string key, Event event, base::Time now) {
  std::vector<Event> out;
  if (kinds_.size() >= kinds_max && !kinds_.contains(key)) {
    // Still one kind for each code, so that a sum is of things alike.
    key = "\n" + std::to_string(static_cast<int>(event.code()));
    event.actor = {};
    event.room_id = event.number = 0;
  }
  Kind& kind = kinds_.try_emplace(std::move(key), Kind{now}).first->second;
  if (over(kind, now)) {
    append(out, std::move(kind.counted));
    kind = Kind{now};
  }
  if (kind.own < each) {
    ++kind.own;
    out.push_back(std::move(event));
    return out;
  }
  std::visit(sum_of(kind.counted), event.body);
  kind.counted.clear();
  kind.counted.push_back(std::move(event));
  return out;
}

std::vector<Event> ByRate::due(base::Time now) {
  std::vector<Event> out;
  for (auto at = kinds_.begin(); at != kinds_.end();) {
    const bool ends = over(at->second, now);
    if (ends) append(out, std::move(at->second.counted));
    at = ends ? kinds_.erase(at) : std::next(at);
  }
  return out;
}

std::vector<Event> ByRate::all() {
  std::vector<Event> out;
  for (auto& [key, kind] : kinds_) append(out, std::move(kind.counted));
  kinds_.clear();
  return out;
}

}  // namespace record
