// SPDX-License-Identifier: Apache-2.0
// The statements of the writer, each beside its parameters. One set for each connection; the schema
// must exist. For db/'s own files.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "db/sql/sql.h"

namespace db::rows {

struct InsertOutbox {
  std::int64_t position = 0, sn = 0, at_us = 0, room_id = 0, number = 0;
  int code = 0;
  std::string source, event_id, leaf, leaf_hash, parts;
  static constexpr const char* sql =
      "INSERT INTO outbox (position, source, sn, event_id, code, at_us, room_id, number, leaf,"
      " leaf_hash, parts) VALUES (:a, :b, :c, :d, :e, :f, :g, :h, :i, :j, :k)";
  static constexpr std::size_t width = 11;
  static constexpr const char* many_sql =
      "INSERT INTO outbox (position, source, sn, event_id, code, at_us, room_id, number,"
      " leaf, leaf_hash, parts) SELECT * FROM unnest(cast(:a AS bigint[]), cast(:b AS"
      " text[]), cast(:c AS bigint[]), cast(:d AS text[]), cast(:e AS bigint[]), cast(:f AS"
      " bigint[]), cast(:g AS bigint[]), cast(:h AS bigint[]), cast(:i AS text[]), cast(:j"
      " AS text[]), cast(:k AS text[]))";
  template <class F>
  void columns(F&& f) {
    f(position);
    f(source);
    f(sn);
    f(event_id);
    f(code);
    f(at_us);
    f(room_id);
    f(number);
    f(leaf);
    f(leaf_hash);
    f(parts);
  }
  void bind(Statement& s) {
    columns([&](const auto& value) { s.use(value); });
  }
};

struct InsertHistory {
  std::int64_t room_id = 0, number = 0, at_us = 0;
  std::string nick, sender, stanza;
  static constexpr const char* sql =
      "INSERT INTO history (room_id, number, at_us, nick, sender, stanza)"
      " VALUES (:a, :b, :c, :d, :e, :f)";
  static constexpr std::size_t width = 6;
  static constexpr const char* many_sql =
      "INSERT INTO history (room_id, number, at_us, nick, sender, stanza) SELECT * FROM"
      " unnest(cast(:a AS bigint[]), cast(:b AS bigint[]), cast(:c AS bigint[]), cast(:d AS"
      " text[]), cast(:e AS text[]), cast(:f AS text[]))";
  template <class F>
  void columns(F&& f) {
    f(room_id);
    f(number);
    f(at_us);
    f(nick);
    f(sender);
    f(stanza);
  }
  void bind(Statement& s) {
    columns([&](const auto& value) { s.use(value); });
  }
};

// A subject: in the room's archive, not among what is given to those who enter.
struct InsertSubject {
  std::int64_t room_id = 0, number = 0, at_us = 0;
  std::string nick, sender, stanza;
  static constexpr const char* sql =
      "INSERT INTO history (room_id, number, at_us, nick, sender, stanza, subject)"
      " VALUES (:a, :b, :c, :d, :e, :f, 1)";
  void bind(Statement& s) {
    s.use(room_id);
    s.use(number);
    s.use(at_us);
    s.use(nick);
    s.use(sender);
    s.use(stanza);
  }
};

// A row of history to be replaced with its tombstone.
struct ReadMessage {
  std::int64_t room_id = 0, number = 0;
  std::string sender, stanza;
  static constexpr const char* sql =
      "SELECT sender, stanza FROM history WHERE room_id = :a AND number = :b";
  void bind(Statement& s) {
    s.use(room_id);
    s.use(number);
    s.into(sender);
    s.into(stanza);
  }
};
struct ReplaceMessage {
  std::string stanza;
  std::int64_t room_id = 0, number = 0;
  static constexpr const char* sql =
      "UPDATE history SET stanza = :a WHERE room_id = :b AND number = :c";
  void bind(Statement& s) {
    s.use(stanza);
    s.use(room_id);
    s.use(number);
  }
};

struct InsertRoom {
  std::int64_t id = 0, created_at = 0;
  std::string jid, service;
  static constexpr const char* sql =
      "INSERT INTO room (id, jid, service, created_at) VALUES (:a, :b, :c, :d)";
  void bind(Statement& s) {
    s.use(id);
    s.use(jid);
    s.use(service);
    s.use(created_at);
  }
};

struct DestroyRoom {
  std::int64_t at = 0, id = 0;
  static constexpr const char* sql =
      "UPDATE room SET destroyed_at = :a WHERE id = :b AND destroyed_at IS NULL";
  void bind(Statement& s) {
    s.use(at);
    s.use(id);
  }
};

struct SetSubject {
  std::string stanza;
  std::int64_t at = 0, id = 0;
  static constexpr const char* sql =
      "UPDATE room SET subject_stanza = :a, subject_at = :b WHERE id = :c AND destroyed_at IS NULL";
  void bind(Statement& s) {
    s.use(stanza);
    s.use(at);
    s.use(id);
  }
};

struct PutSetting {
  std::int64_t room_id = 0;
  std::string key, value;
  static constexpr const char* sql =
      "INSERT INTO room_setting (room_id, key, value) VALUES (:a, :b, :c)"
      " ON CONFLICT (room_id, key) DO UPDATE SET value = excluded.value";
  void bind(Statement& s) {
    s.use(room_id);
    s.use(key);
    s.use(value);
  }
};

struct PutAffiliation {
  std::int64_t room_id = 0;
  std::string jid, reserved_nick;
  int affiliation = 0;
  static constexpr const char* sql =
      "INSERT INTO affiliation (room_id, jid, affiliation, reserved_nick) VALUES (:a, :b, :c, :d)"
      " ON CONFLICT (room_id, jid) DO UPDATE SET affiliation = excluded.affiliation,"
      " reserved_nick = excluded.reserved_nick";
  void bind(Statement& s) {
    s.use(room_id);
    s.use(jid);
    s.use(affiliation);
    s.use(reserved_nick);
  }
};

struct DeleteAffiliation {
  std::int64_t room_id = 0;
  std::string jid;
  static constexpr const char* sql = "DELETE FROM affiliation WHERE room_id = :a AND jid = :b";
  void bind(Statement& s) {
    s.use(room_id);
    s.use(jid);
  }
};

// What a room keeps about a person.
struct PutPerson {
  std::int64_t room_id = 0;
  std::string jid, key, value;
  static constexpr const char* sql =
      "INSERT INTO room_person (room_id, jid, key, value) VALUES (:a, :b, :c, :d)"
      " ON CONFLICT (room_id, jid, key) DO UPDATE SET value = excluded.value";
  void bind(Statement& s) {
    s.use(room_id);
    s.use(jid);
    s.use(key);
    s.use(value);
  }
};

struct DeletePerson {
  std::int64_t room_id = 0;
  std::string jid, key;
  static constexpr const char* sql =
      "DELETE FROM room_person WHERE room_id = :a AND jid = :b AND key = :c";
  void bind(Statement& s) {
    s.use(room_id);
    s.use(jid);
    s.use(key);
  }
};

struct PutOccupancy {
  std::int64_t room_id = 0, joined_at = 0, incarnation = 0;
  std::string jid, session, nick, source;
  int affiliation = 0, role = 0;
  static constexpr const char* sql =
      "INSERT INTO occupancy (room_id, jid, session, nick, affiliation, role, joined_at, source,"
      " incarnation) VALUES (:a, :b, :c, :d, :e, :f, :g, :h, :i)"
      " ON CONFLICT (room_id, jid, session) DO UPDATE SET nick = excluded.nick,"
      " affiliation = excluded.affiliation, role = excluded.role, joined_at = excluded.joined_at,"
      " source = excluded.source, incarnation = excluded.incarnation";
  static constexpr std::size_t width = 9;
  static constexpr const char* many_sql =
      "INSERT INTO occupancy (room_id, jid, session, nick, affiliation, role, joined_at,"
      " source, incarnation) SELECT * FROM unnest(cast(:a AS bigint[]), cast(:b AS text[]),"
      " cast(:c AS text[]), cast(:d AS text[]), cast(:e AS bigint[]), cast(:f AS bigint[]),"
      " cast(:g AS bigint[]), cast(:h AS text[]), cast(:i AS bigint[])) ON CONFLICT"
      " (room_id, jid, session) DO UPDATE SET nick = excluded.nick, affiliation ="
      " excluded.affiliation, role = excluded.role, joined_at = excluded.joined_at, source"
      " = excluded.source, incarnation = excluded.incarnation";
  template <class F>
  void columns(F&& f) {
    f(room_id);
    f(jid);
    f(session);
    f(nick);
    f(affiliation);
    f(role);
    f(joined_at);
    f(source);
    f(incarnation);
  }
  void bind(Statement& s) {
    columns([&](const auto& value) { s.use(value); });
  }
};

struct DeleteOccupancy {
  std::int64_t room_id = 0;
  std::string jid, session;
  static constexpr const char* sql =
      "DELETE FROM occupancy WHERE room_id = :a AND jid = :b AND session = :c";
  static constexpr std::size_t width = 3;
  static constexpr const char* many_sql =
      "DELETE FROM occupancy o USING unnest(cast(:a AS bigint[]), cast(:b AS text[]),"
      " cast(:c AS text[])) AS gone (room_id, jid, session) WHERE o.room_id = gone.room_id"
      " AND o.jid = gone.jid AND o.session = gone.session";
  template <class F>
  void columns(F&& f) {
    f(room_id);
    f(jid);
    f(session);
  }
  void bind(Statement& s) {
    columns([&](const auto& value) { s.use(value); });
  }
};

// One session moves. Where sisters (of the same account: from `first` to before `end`) hold the
// nick already, it takes their occupant's role.
struct RenameOccupancy {
  std::string new_nick, jid, session, first, end;
  std::int64_t room_id = 0;
  static constexpr const char* sql =
      "UPDATE occupancy SET nick = :a, role = coalesce((SELECT sister.role FROM occupancy sister"
      " WHERE sister.room_id = :b AND sister.jid >= :c AND sister.jid < :d AND sister.nick = :e"
      " LIMIT 1), role) WHERE room_id = :f AND jid = :g AND session = :h";
  void bind(Statement& s) {
    s.use(new_nick);
    s.use(room_id);
    s.use(first);
    s.use(end);
    s.use(new_nick);
    s.use(room_id);
    s.use(jid);
    s.use(session);
  }
};

// A role is the occupant's: of all sessions under its nick.
struct SetOccupancyRole {
  int role = 0;
  std::int64_t room_id = 0;
  std::string nick;
  static constexpr const char* sql =
      "UPDATE occupancy SET role = :a WHERE room_id = :b AND nick = :c";
  void bind(Statement& s) {
    s.use(role);
    s.use(room_id);
    s.use(nick);
  }
};

// After the list has changed: what a JID counts as is its own entry, else its domain's, else none
// (1). The sessions of one account: every full JID begins with it and a slash ('0' follows '/').
struct SetAccountAffiliation {
  std::int64_t room_id = 0;
  std::string jid, domain, first, end;
  static constexpr const char* sql =
      "UPDATE occupancy SET affiliation = coalesce("
      "(SELECT a.affiliation FROM affiliation a WHERE a.room_id = :a AND a.jid = :b),"
      " (SELECT a.affiliation FROM affiliation a WHERE a.room_id = :c AND a.jid = :d), 1)"
      " WHERE room_id = :e AND jid >= :f AND jid < :g";
  void bind(Statement& s) {
    s.use(room_id);
    s.use(jid);
    s.use(room_id);
    s.use(domain);
    s.use(room_id);
    s.use(first);
    s.use(end);
  }
};

// The users of a domain that have no entry of their own. The inner query takes JIDs apart: the bare
// JID ends before the first slash, the domain begins after the @ in it (without one, at its start).
struct SetDomainAffiliation {
  int affiliation = 0;
  std::int64_t room_id = 0;
  std::string domain;
  static constexpr const char* sql =
      "UPDATE occupancy SET affiliation = :a WHERE room_id = :b AND jid IN (SELECT jid FROM"
      " (SELECT jid, substr(jid, 1, instr(jid || '/', '/') - 1) AS bare FROM occupancy"
      " WHERE room_id = :c) WHERE substr(bare, instr(bare, '@') + 1) = :d AND (bare = :e OR NOT"
      " EXISTS (SELECT 1 FROM affiliation a WHERE a.room_id = :f AND a.jid = bare)))";
  static constexpr const char* postgres_sql =
      "UPDATE occupancy SET affiliation = :a WHERE room_id = :b AND jid IN (SELECT jid FROM"
      " (SELECT jid, split_part(jid, '/', 1) AS bare FROM occupancy WHERE room_id = :c) AS stay"
      " WHERE substr(bare, strpos(bare, '@') + 1) = :d AND (bare = :e OR NOT"
      " EXISTS (SELECT 1 FROM affiliation a WHERE a.room_id = :f AND a.jid = bare)))";
  void bind(Statement& s) {
    s.use(affiliation);
    s.use(room_id);
    s.use(room_id);
    s.use(domain);
    s.use(domain);
    s.use(room_id);
  }
};

// What a destroyed room leaves behind but its history, its heads and its row.
template <int table>
struct ClearRoom {
  static_assert(table >= 0 && table < 4);
  std::int64_t room_id = 0;
  static constexpr const char* sql = table == 0   ? "DELETE FROM room_setting WHERE room_id = :a"
                                     : table == 1 ? "DELETE FROM affiliation WHERE room_id = :a"
                                     : table == 2 ? "DELETE FROM occupancy WHERE room_id = :a"
                                                  : "DELETE FROM room_person WHERE room_id = :a";
  void bind(Statement& s) { s.use(room_id); }
};

struct MarkStopped {
  std::string source;
  static constexpr const char* sql = "UPDATE source_head SET stopped = 1 WHERE source = :a";
  void bind(Statement& s) { s.use(source); }
};

// What starts have found when they compared content and archive (db/keep/restore.h).
struct PutAhead {
  std::string source;
  std::int64_t sn = 0;
  static constexpr const char* sql =
      "INSERT INTO archive_ahead (source, sn) VALUES (:a, :b)"
      " ON CONFLICT (source) DO UPDATE SET sn = excluded.sn";
  void bind(Statement& s) {
    s.use(source);
    s.use(sn);
  }
};

struct PutGap {
  std::string source;
  std::int64_t first = 0, last = 0;
  static constexpr const char* sql =
      "INSERT INTO archive_gap (source, first_sn, last_sn) VALUES (:a, :b, :c)"
      " ON CONFLICT (source, first_sn) DO UPDATE SET last_sn = excluded.last_sn";
  void bind(Statement& s) {
    s.use(source);
    s.use(first);
    s.use(last);
  }
};

}  // namespace db::rows
