// SPDX-License-Identifier: Apache-2.0
// Trimming: messages go out of a room's history or a person's archive of direct messages, never out
// of the compliance archive. There is one writer, and it has messages to record: it deletes in
// slices of some milliseconds between its commits (committer.h). For db/'s own files.
#pragma once

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>

#include "db/sql/sql.h"

namespace db {

// The messages with numbers up to `up_to` that are older than `before_us`.
class Trim {
 public:
  using Of = std::variant<std::int64_t, std::string>;  // a room's id, or a person's localpart
  Trim(Of whose, std::int64_t up_to_number, std::int64_t before)
      : of(std::move(whose)), up_to(up_to_number), before_us(before) {}
  const Of of;
  const std::int64_t up_to, before_us;

  enum class State {
    waiting,  // or under way
    done,
    failed,  // the database refuses to delete it: nobody tries again
    closed,  // the writer has ended
  };
  // Any thread. As it is when it waits no more, or after so long.
  State wait(std::chrono::milliseconds at_most);
  std::int64_t removed() const;

  // Writer's thread.
  void note(std::int64_t rows, bool done);
  void give_up(State why);
  std::int64_t after = 0;  // up to this number it is done

 private:
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::int64_t removed_ = 0;
  State state_ = State::waiting;
};

// What waits to be trimmed. Any thread.
class TrimQueue {
 public:
  ~TrimQueue() { close(); }
  void push(std::shared_ptr<Trim> trim);
  std::shared_ptr<Trim> front() const;  // null if nothing waits
  void pop();
  void close();  // what waits is given up, and whatever comes

 private:
  mutable std::mutex mutex_;
  std::deque<std::shared_ptr<Trim>> waiting_;
  bool closed_ = false;
};

// The deleting of slices; on the writer's connection, within its transaction. Throws DatabaseError.
class TrimRows {
 public:
  explicit TrimRows(Session& session) : room_(session), person_(session) {}
  struct Slice {
    std::int64_t rows = 0, after = 0;
    bool last = false;
  };
  Slice remove(const Trim& trim, std::int64_t rows_max);

 private:
  template <class Key>
  struct Range {
    static constexpr bool rooms = std::is_same_v<Key, std::int64_t>;
    Key of{};
    std::int64_t after = 0, up_to = 0, before = 0;
    void bind(Statement& s) {
      s.use(of);
      s.use(after);
      s.use(up_to);
      s.use(before);
    }
  };
  template <class Key>
  struct End : Range<Key> {
    std::int64_t max = 0, end = 0, found = 0;
    static constexpr const char* sql =
        Range<Key>::rooms
            ? "SELECT coalesce(max(number), 0), count(*) FROM (SELECT number FROM history"
              " WHERE room_id = :a AND number > :b AND number <= :c AND at_us < :d"
              " ORDER BY number LIMIT :e) AS slice"
            : "SELECT coalesce(max(number), 0), count(*) FROM (SELECT number FROM archived_message"
              " WHERE localpart = :a AND number > :b AND number <= :c AND at_us < :d"
              " ORDER BY number LIMIT :e) AS slice";
    void bind(Statement& s) {
      Range<Key>::bind(s);
      s.use(max);
      s.into(end);
      s.into(found);
    }
  };
  template <class Key>
  struct Delete : Range<Key> {
    static constexpr const char* sql =
        Range<Key>::rooms ? "DELETE FROM history"
                            " WHERE room_id = :a AND number > :b AND number <= :c AND at_us < :d"
                          : "DELETE FROM archived_message"
                            " WHERE localpart = :a AND number > :b AND number <= :c AND at_us < :d";
  };
  template <class Key>
  struct Statements {
    explicit Statements(Session& session) : end(session), remove(session) {}
    Prepared<End<Key>> end;
    Prepared<Delete<Key>> remove;
  };
  template <class Key>
  static Slice remove(Statements<Key>& from, const Key& of, const Trim& trim,
                      std::int64_t rows_max);

  Statements<std::int64_t> room_;
  Statements<std::string> person_;
};

}  // namespace db
