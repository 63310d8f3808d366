// SPDX-License-Identifier: Apache-2.0
// Trimming: messages go out of a room's history, never out of the archive. There is one writer, and
// it has messages to record: it deletes in slices of some milliseconds between its commits
// (committer.h). For db/'s own files.
#pragma once

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>

#include "db/sql/sql.h"

namespace db {

// Of one room, the messages with numbers up to `up_to` that are older than `before_us`.
class Trim {
 public:
  Trim(std::int64_t room, std::int64_t up_to_number, std::int64_t before)
      : room_id(room), up_to(up_to_number), before_us(before) {}
  const std::int64_t room_id, up_to, before_us;

  // Any thread. Whether it is done (or given up, since the writer has ended); waits for it at most
  // so long.
  bool wait(std::chrono::milliseconds at_most);
  std::int64_t removed() const;
  bool given_up() const;

  // Writer's thread.
  void note(std::int64_t rows, bool done);
  void give_up();
  std::int64_t after = 0;  // up to this number it is done

 private:
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::int64_t removed_ = 0;
  bool done_ = false, given_up_ = false;
};

// What waits to be trimmed. Any thread.
class TrimQueue {
 public:
  ~TrimQueue() { close(); }
  void push(std::shared_ptr<Trim> trim);
  std::shared_ptr<Trim> front() const;  // null if nothing waits
  void pop();
  void close();  // gives up what waits and whatever comes

 private:
  mutable std::mutex mutex_;
  std::deque<std::shared_ptr<Trim>> waiting_;
  bool closed_ = false;
};

// The deleting of slices; on the writer's connection, within its transaction. Throws DatabaseError.
class TrimRows {
 public:
  explicit TrimRows(Session& session) : end_(session), delete_(session) {}
  struct Slice {
    std::int64_t rows = 0, after = 0;
    bool last = false;
  };
  Slice remove(const Trim& trim, std::int64_t rows_max);

 private:
  struct End {
    std::int64_t room_id = 0, after = 0, up_to = 0, before = 0, max = 0, end = 0, found = 0;
    static constexpr const char* sql =
        "SELECT coalesce(max(number), 0), count(*) FROM (SELECT number FROM history"
        " WHERE room_id = :a AND number > :b AND number <= :c AND at_us < :d"
        " ORDER BY number LIMIT :e) AS slice";
    void bind(Statement& s) {
      s.use(room_id);
      s.use(after);
      s.use(up_to);
      s.use(before);
      s.use(max);
      s.into(end);
      s.into(found);
    }
  };
  struct Delete {
    std::int64_t room_id = 0, after = 0, up_to = 0, before = 0;
    static constexpr const char* sql =
        "DELETE FROM history WHERE room_id = :a AND number > :b AND number <= :c AND at_us < :d";
    void bind(Statement& s) {
      s.use(room_id);
      s.use(after);
      s.use(up_to);
      s.use(before);
    }
  };
  Prepared<End> end_;
  Prepared<Delete> delete_;
};

}  // namespace db
