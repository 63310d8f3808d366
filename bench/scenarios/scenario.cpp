// SPDX-License-Identifier: Apache-2.0
#include "bench/scenarios/scenario.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <string>

#include "bench/failed.h"

namespace bench {

double settled_memory(Poller& poller, const ProcessMeter& meter) {
  if (!meter.known()) return meter.memory().resident;
  constexpr auto step = std::chrono::milliseconds(500);
  double last = meter.memory().resident;
  int still = 0;
  for (int i = 0; i < 80 && (i < 10 || still < 4); ++i) {
    poller.run_for(step);
    const double now = meter.memory().resident;
    still = std::abs(now - last) < 65536 ? still + 1 : 0;
    last = now;
  }
  return last;
}

double status_number(const Target& target, std::string_view name) {
  if (!target.status) return 0;
  const auto status = nlohmann::json::parse(target.status(), nullptr, false);
  if (!status.is_object() || !status.contains(name)) return 0;
  const auto& value = status.at(std::string(name));
  return value.is_number() ? value.get<double>() : 0;
}

Fleet::Rooms one_room(std::size_t occupants) {
  Fleet::Rooms rooms(1);
  for (std::size_t i = 0; i < occupants; ++i) rooms[0].push_back(i);
  return rooms;
}

Fleet::Rooms small_rooms(const Sizes& sizes) {
  Fleet::Rooms rooms(sizes.rooms);
  std::size_t next = 0;
  for (std::size_t room = 0; room < sizes.rooms; ++room) {
    const std::size_t size = sizes.room_size > 0 ? sizes.room_size : 2 + room % 4;
    for (std::size_t i = 0; i < size; ++i) rooms[room].push_back(next++);
  }
  return rooms;
}

std::size_t people(const Fleet::Rooms& rooms) {
  std::size_t sum = 0;
  for (const auto& occupants : rooms) sum += occupants.size();
  return sum;
}

}  // namespace bench
