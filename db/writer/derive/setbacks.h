// SPDX-License-Identifier: Apache-2.0
// Setbacks: notes where a room's history, or a person's archive, goes back in time because a clock
// did. Whoever looks for a time by the order of numbers must know how far around to look
// (db/stores/search.h). While clocks go forward this costs one read for each room or person.
// Writer's thread only. For db/'s own files.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <unordered_map>

#include "base/time.h"
#include "db/sql/sql.h"

namespace db {

namespace rows {

// A time that none in the room's history exceeds.
struct LatestAt {
  std::int64_t of = 0, at_us = 0;
  static constexpr const char* sql =
      "SELECT at_us + coalesce((SELECT us FROM history_setback s WHERE s.room_id ="
      " history.room_id), 0) FROM history WHERE room_id = :a ORDER BY number DESC LIMIT 1";
  void bind(Statement& s) {
    s.use(of);
    s.into(at_us);
  }
};

struct PutSetback {
  std::int64_t of = 0, us = 0;
  static constexpr const char* sql =
      "INSERT INTO history_setback (us, room_id) VALUES (:a, :b) ON CONFLICT (room_id)"
      " DO UPDATE SET us = excluded.us WHERE history_setback.us < excluded.us";
  void bind(Statement& s) {
    s.use(us);
    s.use(of);
  }
};

// The same of a person's archive.
struct LatestArchivedAt {
  std::string of;
  std::int64_t at_us = 0;
  static constexpr const char* sql =
      "SELECT at_us + coalesce((SELECT us FROM message_setback s WHERE s.localpart ="
      " archived_message.localpart), 0) FROM archived_message WHERE localpart = :a"
      " ORDER BY number DESC LIMIT 1";
  void bind(Statement& s) {
    s.use(of);
    s.into(at_us);
  }
};

// Nothing for an account that is gone, as InsertArchived.
struct PutArchivedSetback {
  std::string of;
  std::int64_t us = 0;
  static constexpr const char* sql =
      "INSERT INTO message_setback (us, localpart)"
      " SELECT cast(:a AS bigint), localpart FROM account WHERE localpart = :b"
      " ON CONFLICT (localpart)"
      " DO UPDATE SET us = excluded.us WHERE message_setback.us < excluded.us";
  void bind(Statement& s) {
    s.use(us);
    s.use(of);
  }
};

}  // namespace rows

template <class Latest, class Put>
class Setbacks {
 public:
  using Key = decltype(Latest::of);
  explicit Setbacks(Session& session) : latest_at_(session), put_(session) {}

  // A row of that time is about to follow. What a transaction that was rolled back had noted stays:
  // a setback too many costs little, one too few would hide messages.
  void note(const Key& of, base::Time at) {
    const auto [known, fresh] = latest_.try_emplace(of, at.us);
    if (fresh) {
      latest_at_.row.of = of;
      if (latest_at_.one()) known->second = latest_at_.row.at_us;
    }
    if (at.us >= known->second) {
      known->second = at.us;
      return;
    }
    put_.row.of = of;
    put_.row.us = known->second - at.us;
    put_.run();
  }
  // All rows that were noted are in the database: what is remembered of them may go.
  void flushed() {
    if (latest_.size() > known_max) latest_.clear();
  }

 private:
  static constexpr std::size_t known_max = 100000;
  Prepared<Latest> latest_at_;
  Prepared<Put> put_;
  std::unordered_map<Key, std::int64_t> latest_;  // none that is stored exceeds it
};

using RoomSetbacks = Setbacks<rows::LatestAt, rows::PutSetback>;
using PersonSetbacks = Setbacks<rows::LatestArchivedAt, rows::PutArchivedSetback>;

}  // namespace db
