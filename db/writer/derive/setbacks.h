// SPDX-License-Identifier: Apache-2.0
// Setbacks: notes where a room's history goes back in time because a clock did. Whoever looks for a
// time by the order of numbers must know how far around to look (db/stores/history/search.h). While
// clocks go forward this costs one read for each room. Writer's thread only. For db/'s own files.
#pragma once

#include <cstdint>
#include <unordered_map>

#include "base/time.h"
#include "db/sql/sql.h"

namespace db {

namespace rows {

// A time that none in the room's history exceeds.
struct LatestAt {
  std::int64_t room_id = 0, at_us = 0;
  static constexpr const char* sql =
      "SELECT at_us + coalesce((SELECT us FROM history_setback s WHERE s.room_id ="
      " history.room_id), 0) FROM history WHERE room_id = :a ORDER BY number DESC LIMIT 1";
  void bind(Statement& s) {
    s.use(room_id);
    s.into(at_us);
  }
};

struct PutSetback {
  std::int64_t room_id = 0, us = 0;
  static constexpr const char* sql =
      "INSERT INTO history_setback (room_id, us) VALUES (:a, :b) ON CONFLICT (room_id)"
      " DO UPDATE SET us = excluded.us WHERE history_setback.us < excluded.us";
  void bind(Statement& s) {
    s.use(room_id);
    s.use(us);
  }
};

}  // namespace rows

class Setbacks {
 public:
  explicit Setbacks(Session& session) : latest_at_(session), put_(session) {}

  // A row of that time is about to follow in the room's history. What a transaction that was rolled
  // back had noted stays: a setback too many costs little, one too few would hide messages.
  void note(std::int64_t room_id, base::Time at);
  // All rows that were noted are in the database: what is remembered of them may go.
  void flushed();

 private:
  Prepared<rows::LatestAt> latest_at_;
  Prepared<rows::PutSetback> put_;
  std::unordered_map<std::int64_t, std::int64_t> latest_;  // none in the room's history exceeds it
};

}  // namespace db
