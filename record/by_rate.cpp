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

ByRate::Kind& ByRate::in(std::unordered_map<std::string, Kind>& kinds, std::string key,
                         base::Time now, std::vector<Event>& out) {
  Kind& kind = kinds.try_emplace(std::move(key), Kind{now}).first->second;
  if (over(kind, now)) {
    append(out, std::move(kind.counted));
    kind = Kind{now};
  }
  return kind;
}

std::vector<Event> ByRate::add(std::string key, Event event, base::Time now, std::string group) {
  std::vector<Event> out;
  const auto of_anybody = [&] {
    event.actor = {};
    event.room_id = event.number = 0;
    return "\n" + std::to_string(static_cast<int>(event.code()));
  };
  Kind* common = nullptr;
  if (!group.empty()) {
    if (groups_.size() >= kinds_max && !groups_.contains(group)) group = of_anybody();
    common = &in(groups_, std::move(group), now, out);
  }
  const bool flooded = common != nullptr && common->own >= each_of_group;
  if (flooded) of_anybody();
  // Still one kind for each code, so that a sum is of things alike.
  if (!flooded && kinds_.size() >= kinds_max && !kinds_.contains(key)) key = of_anybody();
  Kind& kind = flooded ? *common : in(kinds_, std::move(key), now, out);
  if (!flooded && kind.own < each) {
    ++kind.own;
    if (common != nullptr) ++common->own;
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
  for (auto* of : {&kinds_, &groups_})
    for (auto at = of->begin(); at != of->end();) {
      const bool ends = over(at->second, now);
      if (ends) append(out, std::move(at->second.counted));
      at = ends ? of->erase(at) : std::next(at);
    }
  return out;
}

std::vector<Event> ByRate::all() {
  std::vector<Event> out;
  for (auto* of : {&kinds_, &groups_}) {
    for (auto& [key, kind] : *of) append(out, std::move(kind.counted));
    of->clear();
  }
  return out;
}

}  // namespace record
