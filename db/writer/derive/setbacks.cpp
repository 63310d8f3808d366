// SPDX-License-Identifier: Apache-2.0
#include "db/writer/derive/setbacks.h"

namespace db {
namespace {
constexpr std::size_t known_max = 100000;
}

void Setbacks::note(std::int64_t room_id, base::Time at) {
  const auto [known, fresh] = latest_.try_emplace(room_id, at.us);
  if (fresh) {
    latest_at_.row.room_id = room_id;
    if (latest_at_.one()) known->second = latest_at_.row.at_us;
  }
  if (at.us >= known->second) {
    known->second = at.us;
    return;
  }
  put_.row.room_id = room_id;
  put_.row.us = known->second - at.us;
  put_.run();
}

void Setbacks::flushed() {
  if (latest_.size() > known_max) latest_.clear();
}

}  // namespace db
