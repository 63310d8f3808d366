// SPDX-License-Identifier: Apache-2.0
// The rows of derived.cpp.
#pragma once

#include <string>
#include <utility>

#include "compliance/outbox.h"
#include "db/sql/sql.h"

namespace db::archive {

struct PutStay {
  std::int64_t join_seq = 0, room = 0, join_rn = 0, leave_seq = 0, leave_rn = 0, span = -1;
  std::int64_t join_ts = 0;
  bool ended = false;
  std::string session, person;
  static constexpr const char* sql =
      "INSERT INTO stay (join_seq, room, session, person, join_rn, leave_seq, leave_rn, span,"
      " join_ts) VALUES (:a, :b, :c, :d, :e, :f, :g, :h, :i)"
      " ON CONFLICT (join_seq) DO UPDATE SET room = excluded.room, session = excluded.session,"
      " person = excluded.person, join_rn = excluded.join_rn, leave_seq = excluded.leave_seq,"
      " leave_rn = excluded.leave_rn, span = excluded.span, join_ts = excluded.join_ts";
  static constexpr std::size_t width = 9;
  static constexpr const char* many_sql =
      "INSERT INTO stay (join_seq, room, session, person, join_rn, leave_seq, leave_rn, span,"
      " join_ts)"
      " SELECT a, b, c, d, e, CASE WHEN h >= 0 THEN f END, CASE WHEN h >= 0 THEN g END, h, i"
      " FROM unnest(cast(:a AS bigint[]), cast(:b AS bigint[]), cast(:c AS text[]),"
      " cast(:d AS text[]), cast(:e AS bigint[]), cast(:f AS bigint[]), cast(:g AS bigint[]),"
      " cast(:h AS bigint[]), cast(:i AS bigint[])) AS v (a, b, c, d, e, f, g, h, i)"
      " ON CONFLICT (join_seq) DO UPDATE SET room = excluded.room, session = excluded.session,"
      " person = excluded.person, join_rn = excluded.join_rn, leave_seq = excluded.leave_seq,"
      " leave_rn = excluded.leave_rn, span = excluded.span, join_ts = excluded.join_ts";
  template <class F>
  void columns(F&& f) {
    f(join_seq);
    f(room);
    f(session);
    f(person);
    f(join_rn);
    f(leave_seq);
    f(leave_rn);
    f(span);
    f(join_ts);
  }
  void bind(Statement& s) {
    s.use(join_seq);
    s.use(room);
    s.use(session);
    s.use(person);
    s.use(join_rn);
    s.use(leave_seq, ended);
    s.use(leave_rn, ended);
    s.use(span);
    s.use(join_ts);
  }
};

// Of the stays of a session that are open. Bits are counted where join_rn is.
struct EndStay {
  std::int64_t room = 0, leave_seq = 0, leave_rn = 0;
  std::string session;
  static constexpr const char* sql =
      "UPDATE stay SET leave_seq = :a, leave_rn = :b, span = (WITH RECURSIVE half (v, n) AS"
      " (SELECT :c - stay.join_rn, 0 UNION ALL SELECT v >> 1, n + 1 FROM half WHERE v > 0)"
      " SELECT max(n) FROM half)"
      " WHERE room = :d AND session = :e AND leave_rn IS NULL AND join_rn < :f";
  static constexpr std::size_t width = 4;
  static constexpr const char* many_sql =
      "UPDATE stay SET leave_seq = v.b, leave_rn = v.c,"
      " span = length(ltrim(cast(cast(v.c - join_rn AS bit(64)) AS text), '0'))"
      " FROM unnest(cast(:a AS bigint[]), cast(:b AS bigint[]), cast(:c AS bigint[]),"
      " cast(:d AS text[])) AS v (a, b, c, d)"
      " WHERE room = v.a AND session = v.d AND stay.leave_rn IS NULL AND join_rn < v.c";
  template <class F>
  void columns(F&& f) {
    f(room);
    f(leave_seq);
    f(leave_rn);
    f(session);
  }
  void bind(Statement& s) {
    s.use(leave_seq);
    s.use(leave_rn);
    s.use(leave_rn);
    s.use(room);
    s.use(session);
    s.use(leave_rn);
  }
};

struct PutGiven {
  std::int64_t seq = 0, room = 0, first_rn = 0, last_rn = 0, span = 0;
  static constexpr const char* sql =
      "INSERT INTO given (seq, room, first_rn, last_rn, span) VALUES (:a, :b, :c, :d, :e)"
      " ON CONFLICT (seq) DO UPDATE SET room = excluded.room, first_rn = excluded.first_rn,"
      " last_rn = excluded.last_rn, span = excluded.span";
  static constexpr std::size_t width = 5;
  static constexpr const char* many_sql =
      "INSERT INTO given (seq, room, first_rn, last_rn, span) SELECT * FROM unnest("
      "cast(:a AS bigint[]), cast(:b AS bigint[]), cast(:c AS bigint[]), cast(:d AS bigint[]),"
      " cast(:e AS bigint[]))"
      " ON CONFLICT (seq) DO UPDATE SET room = excluded.room, first_rn = excluded.first_rn,"
      " last_rn = excluded.last_rn, span = excluded.span";
  template <class F>
  void columns(F&& f) {
    f(seq);
    f(room);
    f(first_rn);
    f(last_rn);
    f(span);
  }
  void bind(Statement& s) {
    columns([&](const auto& value) { s.use(value); });
  }
};

struct PutRoom {
  std::int64_t seq = 0, room = 0;
  std::string jid;
  static constexpr const char* sql =
      "INSERT INTO room (seq, room, jid) VALUES (:a, :b, :c)"
      " ON CONFLICT (seq) DO UPDATE SET room = excluded.room, jid = excluded.jid";
  static constexpr std::size_t width = 3;
  static constexpr const char* many_sql =
      "INSERT INTO room (seq, room, jid) SELECT * FROM unnest(cast(:a AS bigint[]),"
      " cast(:b AS bigint[]), cast(:c AS text[]))"
      " ON CONFLICT (seq) DO UPDATE SET room = excluded.room, jid = excluded.jid";
  template <class F>
  void columns(F&& f) {
    f(seq);
    f(room);
    f(jid);
  }
  void bind(Statement& s) {
    columns([&](const auto& value) { s.use(value); });
  }
};

struct PutStretch {
  std::int64_t stretch = 0, ts_min = 0, ts_max = 0;
  std::string id_min, id_max;
  static constexpr const char* sql =
      "INSERT INTO stretch (stretch, ts_min, ts_max, id_min, id_max) VALUES (:a, :b, :c, :d, :e)"
      " ON CONFLICT (stretch) DO UPDATE SET"
      " ts_min = CASE WHEN excluded.ts_min < stretch.ts_min THEN excluded.ts_min"
      " ELSE stretch.ts_min END,"
      " ts_max = CASE WHEN excluded.ts_max > stretch.ts_max THEN excluded.ts_max"
      " ELSE stretch.ts_max END,"
      " id_min = CASE WHEN excluded.id_min < stretch.id_min THEN excluded.id_min"
      " ELSE stretch.id_min END,"
      " id_max = CASE WHEN excluded.id_max > stretch.id_max THEN excluded.id_max"
      " ELSE stretch.id_max END";
  void bind(Statement& s) {
    s.use(stretch);
    s.use(ts_min);
    s.use(ts_max);
    s.use(id_min);
    s.use(id_max);
  }
};

struct PutSize {
  std::int64_t size = 0;
  static constexpr const char* sql = "UPDATE derived SET size = :a";
  void bind(Statement& s) { s.use(size); }
};

struct ReadSize {
  std::int64_t size = 0;
  static constexpr const char* sql = "SELECT size FROM derived";
  void bind(Statement& s) { s.into(size); }
};

// Of what is stored, as much as rows are derived from.
struct ReadPage {
  std::int64_t first = 0, end = 0, seq = 0, ts = 0, room = 0, rn = 0;
  int t = 0;
  std::string leaf, event_id, jid;
  static constexpr const char* sql =
      "SELECT seq, leaf, event_id, t, ts, coalesce(room, 0), coalesce(rn, 0),"
      " CASE WHEN t = 501 THEN coalesce((SELECT data FROM part WHERE part.seq = event.seq"
      " AND kind = 'room' ORDER BY n LIMIT 1), '') ELSE '' END"
      " FROM event WHERE seq >= :a AND seq < :b ORDER BY seq";
  void bind(Statement& s) {
    s.use(first);
    s.use(end);
    s.into(seq);
    s.into(leaf);
    s.into(event_id);
    s.into(t);
    s.into(ts);
    s.into(room);
    s.into(rn);
    s.into(jid);
  }
  compliance::OutboxRow event() const {
    compliance::OutboxRow row;
    row.leaf = leaf;
    row.event_id = event_id;
    row.code = t;
    row.at_us = ts;
    row.room_id = room;
    row.number = rn;
    if (!jid.empty()) row.parts.push_back({0, "room", "", jid});
    return row;
  }
};

}  // namespace db::archive
