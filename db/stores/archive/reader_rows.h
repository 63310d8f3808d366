// SPDX-License-Identifier: Apache-2.0
// What the archive's readers ask. For db/stores/archive/.
#pragma once

#include <string>
#include <utility>

#include "compliance/archive_reader.h"
#include "db/parts_text.h"
#include "db/sql/sql.h"

namespace db::archive {

// A row of `event`; the statements differ in which rows they want.
struct EventColumns {
  std::int64_t seq = 0, sn = 0, t = 0, ts = 0, room = 0, rn = 0;
  int has_room = 0, has_rn = 0;
  std::string leaf, leaf_hash, src, event_id;
  void bind_columns(Statement& s) {
    s.into(seq);
    s.into(leaf);
    s.into(leaf_hash);
    s.into(src);
    s.into(sn);
    s.into(event_id);
    s.into(t);
    s.into(ts);
    s.into(has_room);
    s.into(room);
    s.into(has_rn);
    s.into(rn);
  }
  // The next row is put into the strings anew.
  compliance::StoredEvent event() {
    compliance::StoredEvent out;
    out.seq = seq;
    out.leaf = std::move(leaf);
    out.leaf_hash = std::move(leaf_hash);
    out.source = src;
    out.sn = sn;
    out.event_id = std::move(event_id);
    out.code = t;
    out.at_us = ts;
    if (has_room != 0) out.room_id = room;
    if (has_rn != 0) out.number = rn;
    return out;
  }
};

#define HANSARD_EVENT_COLUMNS                                     \
  "SELECT seq, leaf, leaf_hash, src, sn, event_id, t, ts,"        \
  " CASE WHEN room IS NULL THEN 0 ELSE 1 END, coalesce(room, 0)," \
  " CASE WHEN rn IS NULL THEN 0 ELSE 1 END, coalesce(rn, 0) FROM event "

struct ReadEvents : EventColumns {
  std::int64_t first = 0, max = 0;
  static constexpr const char* sql = HANSARD_EVENT_COLUMNS "WHERE seq >= :a ORDER BY seq LIMIT :b";
  void bind(Statement& s) {
    s.use(first);
    s.use(max);
    bind_columns(s);
  }
};

struct ReadRoomEvents : EventColumns {
  std::int64_t of_room = 0, first = 0, max = 0;
  static constexpr const char* sql =
      HANSARD_EVENT_COLUMNS "WHERE room = :a AND rn >= :b ORDER BY rn, seq LIMIT :c";
  void bind(Statement& s) {
    s.use(of_room);
    s.use(first);
    s.use(max);
    bind_columns(s);
  }
};

// All of one number: what was read of a room at that moment may be much.
struct ReadNumber : EventColumns {
  std::int64_t of_room = 0, number = 0;
  static constexpr const char* sql =
      HANSARD_EVENT_COLUMNS "WHERE room = :a AND rn = :b ORDER BY seq";
  void bind(Statement& s) {
    s.use(of_room);
    s.use(number);
    bind_columns(s);
  }
};

struct FindEvent : EventColumns {
  std::int64_t first = 0, end = 0;
  std::string id;
  static constexpr const char* sql =
      HANSARD_EVENT_COLUMNS "WHERE seq >= :a AND seq < :b AND event_id = :c ORDER BY seq LIMIT 1";
  void bind(Statement& s) {
    s.use(first);
    s.use(end);
    s.use(id);
    bind_columns(s);
  }
};

#undef HANSARD_EVENT_COLUMNS

struct ReadParts {
  std::int64_t first = 0, last = 0, seq = 0;
  int n = 0;
  std::string kind, salt, data;
  static constexpr const char* sql =
      "SELECT seq, n, kind, salt, data FROM part WHERE seq >= :a AND seq <= :b ORDER BY seq, n";
  void bind(Statement& s) {
    s.use(first);
    s.use(last);
    s.into(seq);
    s.into(n);
    s.into(kind);
    s.into(salt);
    s.into(data);
  }
};

// SQLite keeps whatever was put into a column of numbers: what is no number is behind all of them,
// and no BLOB is before any of that.
struct PartOfNoEvent {
  std::int64_t first = 0, end = 0, seq = 0;
  static constexpr const char* sql =
      "SELECT iif(typeof(seq) = 'integer', seq, -1) FROM part WHERE seq >= :a"
      " AND seq < iif(:b = 9223372036854775807, x'', :c)"
      " AND NOT EXISTS (SELECT 1 FROM event WHERE event.seq = part.seq) ORDER BY seq LIMIT 1";
  static constexpr const char* postgres_sql =
      "SELECT seq FROM part WHERE seq >= :a"
      " AND (seq < :b OR cast(:c AS bigint) = 9223372036854775807)"
      " AND NOT EXISTS (SELECT 1 FROM event WHERE event.seq = part.seq) ORDER BY seq LIMIT 1";
  void bind(Statement& s) {
    s.use(first);
    s.use(end);
    s.use(end);
    s.into(seq);
  }
};

struct ReadManifests {
  std::int64_t above = 0, max = 0, number = 0;
  std::string sha256, body;
  static constexpr const char* sql =
      "SELECT number, sha256, body FROM manifest WHERE number > :a ORDER BY number LIMIT :b";
  void bind(Statement& s) {
    s.use(above);
    s.use(max);
    s.into(number);
    s.into(sha256);
    s.into(body);
  }
};

// Stretches of leaves among which an id may be.
struct StretchesOf {
  std::string id;
  std::int64_t stretch = 0;
  static constexpr const char* sql =
      "SELECT stretch FROM stretch WHERE id_min <= :a AND id_max >= :b ORDER BY stretch";
  void bind(Statement& s) {
    s.use(id);
    s.use(id);
    s.into(stretch);
  }
};

// The first stretch with something as late as that, and in it the first event.
struct FirstAt {
  std::int64_t at = 0, seq = 0;
  static constexpr const char* sql =
      "SELECT seq FROM event WHERE ts >= :a AND seq >= (SELECT 1024 * stretch FROM stretch"
      " WHERE ts_max >= :b ORDER BY stretch LIMIT 1) ORDER BY seq LIMIT 1";
  void bind(Statement& s) {
    s.use(at);
    s.use(at);
    s.into(seq);
  }
};

struct LastBefore {
  std::int64_t at = 0, seq = 0;
  static constexpr const char* sql =
      "SELECT seq FROM event WHERE ts < :a AND seq < 1024 + (SELECT 1024 * stretch FROM stretch"
      " WHERE ts_min < :b ORDER BY stretch DESC LIMIT 1) ORDER BY seq DESC LIMIT 1";
  void bind(Statement& s) {
    s.use(at);
    s.use(at);
    s.into(seq);
  }
};

struct CoveringCheckpoint {
  std::int64_t at_least = 0, size = 0, issued = 0;
  std::string root, note;
  static constexpr const char* sql =
      "SELECT size, root, issued, note FROM checkpoint WHERE size >= :a ORDER BY size LIMIT 1";
  void bind(Statement& s) {
    s.use(at_least);
    s.into(size);
    s.into(root);
    s.into(issued);
    s.into(note);
  }
};

struct RoomsOf {
  std::string jid;
  std::int64_t room = 0;
  static constexpr const char* sql =
      "SELECT room FROM room WHERE jid = :a GROUP BY room ORDER BY min(seq)";
  void bind(Statement& s) {
    s.use(jid);
    s.into(room);
  }
};

// Those of one length: see the schema. `above` is where the longest of them would have to begin.
struct StaysAt {
  std::int64_t of_room = 0, span = 0, above = 0, number = 0;
  std::int64_t join_seq = 0, join_rn = 0, leave_seq = 0, leave_rn = 0, joined = 0;
  std::string session, person, jid, nick;
  static constexpr const char* sql =
      "SELECT session, person, join_seq, join_rn, coalesce(leave_seq, 0), coalesce(leave_rn, 0),"
      " join_ts,"
      " CASE WHEN join_seq < (SELECT first_seq FROM volume) THEN '' ELSE coalesce((SELECT data"
      " FROM part WHERE seq = join_seq AND kind = 'full_jid' ORDER BY n LIMIT 1), '') END,"
      " CASE WHEN join_seq < (SELECT first_seq FROM volume) THEN '' ELSE coalesce((SELECT data"
      " FROM part WHERE seq = join_seq AND kind = 'nick' ORDER BY n LIMIT 1), '') END"
      " FROM stay WHERE room = :a AND span = :b AND join_rn > :c AND join_rn < :d"
      " AND (leave_rn IS NULL OR leave_rn >= :e)";
  // One look at the parts of a join instead of two.
  static constexpr const char* postgres_sql =
      "SELECT session, person, join_seq, join_rn, coalesce(leave_seq, 0), coalesce(leave_rn, 0),"
      " join_ts, coalesce(jid, ''), coalesce(nick, '') FROM stay LEFT JOIN LATERAL"
      " (SELECT max(data) FILTER (WHERE kind = 'full_jid') AS jid,"
      " max(data) FILTER (WHERE kind = 'nick') AS nick FROM part WHERE seq = join_seq) AS named"
      " ON true WHERE room = :a AND span = :b AND join_rn > :c AND join_rn < :d"
      " AND (leave_rn IS NULL OR leave_rn >= :e)";
  void bind(Statement& s) {
    s.use(of_room);
    s.use(span);
    s.use(above);
    s.use(number);
    s.use(number);
    s.into(session);
    s.into(person);
    s.into(join_seq);
    s.into(join_rn);
    s.into(leave_seq);
    s.into(leave_rn);
    s.into(joined);
    s.into(jid);
    s.into(nick);
  }
};

struct GivenAt {
  std::int64_t of_room = 0, span = 0, above = 0, number = 0, seq = 0;
  static constexpr const char* sql =
      "SELECT seq FROM given WHERE room = :a AND span = :b AND first_rn > :c AND first_rn <= :d"
      " AND last_rn >= :e";
  void bind(Statement& s) {
    s.use(of_room);
    s.use(span);
    s.use(above);
    s.use(number);
    s.use(number);
    s.into(seq);
  }
};

}  // namespace db::archive
