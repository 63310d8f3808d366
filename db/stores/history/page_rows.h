// SPDX-License-Identifier: Apache-2.0
// The statements that read a room's history page by page. Each walks the primary key (room_id,
// number) and sorts nothing; a test asks the database for its plans. For db/'s own files.
#pragma once

#include <cstdint>
#include <string>

#include "db/sql/sql.h"

namespace db {
namespace rows {

// The first row from a number on.
struct RowFrom {
  std::int64_t of = 0, from = 0, number = 0, at_us = 0;
  static constexpr const char* sql =
      "SELECT number, at_us FROM history WHERE room_id = :a AND number >= :b"
      " ORDER BY number LIMIT 1";
  void bind(Statement& s) {
    s.use(of);
    s.use(from);
    s.into(number);
    s.into(at_us);
  }
};

struct LastRow {
  std::int64_t of = 0, number = 0;
  static constexpr const char* sql =
      "SELECT number FROM history WHERE room_id = :a ORDER BY number DESC LIMIT 1";
  void bind(Statement& s) {
    s.use(of);
    s.into(number);
  }
};

struct Setback {
  std::int64_t of = 0, us = 0;
  static constexpr const char* sql = "SELECT us FROM history_setback WHERE room_id = :a";
  void bind(Statement& s) {
    s.use(of);
    s.into(us);
  }
};

// Numbers above `after` and below `before`, of these times.
struct Range {
  std::int64_t room_id = 0, after = 0, before = 0, start = 0, end = 0;
  void bind(Statement& s) {
    s.use(room_id);
    s.use(after);
    s.use(before);
    s.use(start);
    s.use(end);
  }
};

// By whom: senders from `first` to before `behind`, as one nick or, if any_nick is 1, as any.
struct Speaker {
  std::string first, behind, as;
  int any_nick = 1;
  void bind(Statement& s) {
    s.use(first);
    s.use(behind);
    s.use(any_nick);
    s.use(as);
  }
};

struct PageRow {
  std::int64_t number = 0, at_us = 0;
  std::string nick, sender, stanza;
  void bind(Statement& s) {
    s.into(number);
    s.into(at_us);
    s.into(nick);
    s.into(sender);
    s.into(stanza);
  }
};

// A page from one end of a range: so many rows (Prepared::each_while wants `max`).
template <bool newest>
struct Page : Range, PageRow {
  std::int64_t max = 0;
  static constexpr const char* sql =
      newest ? "SELECT number, at_us, nick, sender, stanza FROM history WHERE room_id = :a"
               " AND number > :b AND number < :c AND at_us >= :d AND at_us <= :e"
               " ORDER BY number DESC LIMIT :f"
             : "SELECT number, at_us, nick, sender, stanza FROM history WHERE room_id = :a"
               " AND number > :b AND number < :c AND at_us >= :d AND at_us <= :e"
               " ORDER BY number LIMIT :f";
  void bind(Statement& s) {
    Range::bind(s);
    s.use(max);
    PageRow::bind(s);
  }
};

template <bool newest>
struct PageOf : Range, Speaker, PageRow {
  std::int64_t max = 0;
  static constexpr const char* sql =
      newest ? "SELECT number, at_us, nick, sender, stanza FROM history WHERE room_id = :a"
               " AND number > :b AND number < :c AND at_us >= :d AND at_us <= :e"
               " AND sender >= :f AND sender < :g AND (:h = 1 OR nick = :i)"
               " ORDER BY number DESC LIMIT :j"
             : "SELECT number, at_us, nick, sender, stanza FROM history WHERE room_id = :a"
               " AND number > :b AND number < :c AND at_us >= :d AND at_us <= :e"
               " AND sender >= :f AND sender < :g AND (:h = 1 OR nick = :i)"
               " ORDER BY number LIMIT :j";
  void bind(Statement& s) {
    Range::bind(s);
    Speaker::bind(s);
    s.use(max);
    PageRow::bind(s);
  }
};

struct CountRange : Range, Speaker {
  std::int64_t found = 0;
  static constexpr const char* sql =
      "SELECT count(*) FROM history WHERE room_id = :a AND number > :b AND number < :c"
      " AND at_us >= :d AND at_us <= :e AND sender >= :f AND sender < :g"
      " AND (:h = 1 OR nick = :i)";
  void bind(Statement& s) {
    Range::bind(s);
    Speaker::bind(s);
    s.into(found);
  }
};

}  // namespace rows

struct HistoryPageRows {
  explicit HistoryPageRows(Session& s)
      : row_from(s),
        last_row(s),
        setback(s),
        oldest(s),
        newest(s),
        oldest_of(s),
        newest_of(s),
        count(s) {}

  Prepared<rows::RowFrom> row_from;
  Prepared<rows::LastRow> last_row;
  Prepared<rows::Setback> setback;
  Prepared<rows::Page<false>> oldest;
  Prepared<rows::Page<true>> newest;
  Prepared<rows::PageOf<false>> oldest_of;
  Prepared<rows::PageOf<true>> newest_of;
  Prepared<rows::CountRange> count;
};

}  // namespace db
