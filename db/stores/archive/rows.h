// SPDX-License-Identifier: Apache-2.0
// What the archive's writer puts and asks. For db/stores/archive/.
#pragma once

#include <string>

#include "db/sql/sql.h"

namespace db::archive {

struct InsertEvent {
  std::int64_t seq = 0, sn = 0, ts = 0, room = 0, rn = 0;
  bool about_room = false;
  int t = 0;
  std::string leaf, leaf_hash, src, event_id;
  static constexpr const char* sql =
      "INSERT INTO event (seq, leaf, leaf_hash, src, sn, event_id, t, ts, room, rn)"
      " VALUES (:a, :b, :c, :d, :e, :f, :g, :h, :i, :j)";
  static constexpr std::size_t width = 10;
  static constexpr const char* many_sql =
      "INSERT INTO event (seq, leaf, leaf_hash, src, sn, event_id, t, ts, room, rn)"
      " SELECT a, b, c, d, e, f, g, h, nullif(i, 0), CASE WHEN i <> 0 THEN j END FROM unnest("
      "cast(:a AS bigint[]), cast(:b AS text[]), cast(:c AS text[]), cast(:d AS text[]),"
      " cast(:e AS bigint[]), cast(:f AS text[]), cast(:g AS bigint[]), cast(:h AS bigint[]),"
      " cast(:i AS bigint[]), cast(:j AS bigint[])) AS v (a, b, c, d, e, f, g, h, i, j)";
  template <class F>
  void columns(F&& f) {
    f(seq);
    f(leaf);
    f(leaf_hash);
    f(src);
    f(sn);
    f(event_id);
    f(t);
    f(ts);
    f(room);
    f(rn);
  }
  void bind(Statement& s) {
    s.use(seq);
    s.use(leaf);
    s.use(leaf_hash);
    s.use(src);
    s.use(sn);
    s.use(event_id);
    s.use(t);
    s.use(ts);
    s.use(room, about_room);
    s.use(rn, about_room);
  }
};

struct InsertPart {
  std::int64_t seq = 0;
  int n = 0;
  std::string kind, salt, data;
  static constexpr const char* sql =
      "INSERT INTO part (seq, n, kind, salt, data) VALUES (:a, :b, :c, :d, :e)";
  static constexpr std::size_t width = 5;
  static constexpr const char* many_sql =
      "INSERT INTO part (seq, n, kind, salt, data) SELECT * FROM unnest(cast(:a AS bigint[]),"
      " cast(:b AS bigint[]), cast(:c AS text[]), cast(:d AS text[]), cast(:e AS text[]))";
  template <class F>
  void columns(F&& f) {
    f(seq);
    f(n);
    f(kind);
    f(salt);
    f(data);
  }
  void bind(Statement& s) {
    columns([&](const auto& value) { s.use(value); });
  }
};

struct PutHead {
  std::string src, hash;
  std::int64_t sn = 0;
  static constexpr const char* sql =
      "INSERT INTO head (src, sn, hash) VALUES (:a, :b, :c)"
      " ON CONFLICT (src) DO UPDATE SET sn = excluded.sn, hash = excluded.hash";
  void bind(Statement& s) {
    s.use(src);
    s.use(sn);
    s.use(hash);
  }
};

struct ReadHeads {
  std::string src, hash;
  std::int64_t sn = 0;
  static constexpr const char* sql = "SELECT src, sn, hash FROM head";
  void bind(Statement& s) {
    s.into(src);
    s.into(sn);
    s.into(hash);
  }
};

struct FindHash {
  std::string src, hash;
  std::int64_t sn = 0;
  static constexpr const char* sql = "SELECT leaf_hash FROM event WHERE src = :a AND sn = :b";
  void bind(Statement& s) {
    s.use(src);
    s.use(sn);
    s.into(hash);
  }
};

}  // namespace db::archive
