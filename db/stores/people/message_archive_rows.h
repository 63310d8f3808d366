// SPDX-License-Identifier: Apache-2.0
// The statements for the archives of accounts, readers' and writer's. For db/'s own files.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "db/sql/sql.h"

namespace db {
namespace rows {

// ---- writer

// Nothing for an account that is gone: it must not wait for the next of that name.
struct InsertArchived {
  std::int64_t number = 0, at_us = 0;
  std::string localpart, peer, resource, stanza;
  static constexpr const char* sql =
      "INSERT INTO archived_message (number, at_us, peer, resource, stanza, localpart)"
      " SELECT :a, :b, :c, :d, :e, localpart FROM account WHERE localpart = :f";
  static constexpr std::size_t width = 6;
  static constexpr const char* many_sql =
      "INSERT INTO archived_message (number, at_us, peer, resource, stanza, localpart)"
      " SELECT v.number, v.at_us, v.peer, v.resource, v.stanza, a.localpart FROM unnest("
      "cast(:a AS bigint[]), cast(:b AS bigint[]), cast(:c AS text[]), cast(:d AS text[]),"
      " cast(:e AS text[]), cast(:f AS text[])) AS v (number, at_us, peer, resource, stanza,"
      " localpart) JOIN account a ON a.localpart = v.localpart";
  template <class F>
  void columns(F&& f) {
    f(number);
    f(at_us);
    f(peer);
    f(resource);
    f(stanza);
    f(localpart);
  }
  void bind(Statement& s) {
    columns([&](const auto& value) { s.use(value); });
  }
};

struct PutArchivePreferences {
  std::string localpart, always, never;
  int fallback = 0;
  static constexpr const char* sql =
      "INSERT INTO archive_preference (localpart, fallback, always, never)"
      " SELECT localpart, cast(:b AS integer), :c, :d FROM account WHERE localpart = :a"
      " ON CONFLICT (localpart) DO UPDATE SET fallback = excluded.fallback,"
      " always = excluded.always, never = excluded.never";
  void bind(Statement& s) {
    s.use(fallback);
    s.use(always);
    s.use(never);
    s.use(localpart);
  }
};

// ---- readers

// Of one archive, numbers between these two and times from `start` to `end`.
struct ArchiveRange {
  std::string localpart;
  std::int64_t after = 0, before = 0, start = 0, end = 0;
  void bind(Statement& s) {
    s.use(localpart);
    s.use(after);
    s.use(before);
    s.use(start);
    s.use(end);
  }
};

// Of them, those with one peer.
struct ArchivePeer {
  std::string with, resource;
  int any_resource = 1;
  void bind(Statement& s) {
    s.use(with);
    s.use(resource);
    s.use(any_resource);
  }
};

struct ArchivePageRow {
  std::int64_t number = 0, at_us = 0;
  std::string stanza;
  void bind(Statement& s) {
    s.into(number);
    s.into(at_us);
    s.into(stanza);
  }
};

// One page: a walk along the primary key (Prepared::each_while wants `max`).
template <bool from_end>
struct ArchivePage : ArchiveRange, ArchivePageRow {
  std::int64_t max = 0;
  static constexpr const char* sql =
      from_end ? "SELECT number, at_us, stanza FROM archived_message WHERE localpart = :a"
                 " AND number > :b AND number < :c AND at_us >= :d AND at_us <= :e"
                 " ORDER BY number DESC LIMIT :f"
               : "SELECT number, at_us, stanza FROM archived_message WHERE localpart = :a"
                 " AND number > :b AND number < :c AND at_us >= :d AND at_us <= :e"
                 " ORDER BY number LIMIT :f";
  void bind(Statement& s) {
    ArchiveRange::bind(s);
    s.use(max);
    ArchivePageRow::bind(s);
  }
};

// One page with one peer, along the index of peers: SQLite takes the primary key, which holds the
// rows, for the better one, and would walk over everybody else's.
template <bool from_end>
struct ArchivePageWith : ArchiveRange, ArchivePeer, ArchivePageRow {
  std::int64_t max = 0;
  static constexpr const char* sql =
      from_end ? "SELECT number, at_us, stanza FROM archived_message"
                 " INDEXED BY archived_message_peer WHERE localpart = :a AND number > :b"
                 " AND number < :c AND at_us >= :d AND at_us <= :e AND peer = :f"
                 " AND (resource = :g OR :h = 1) ORDER BY number DESC LIMIT :i"
               : "SELECT number, at_us, stanza FROM archived_message"
                 " INDEXED BY archived_message_peer WHERE localpart = :a AND number > :b"
                 " AND number < :c AND at_us >= :d AND at_us <= :e AND peer = :f"
                 " AND (resource = :g OR :h = 1) ORDER BY number LIMIT :i";
  static constexpr const char* postgres_sql =
      from_end ? "SELECT number, at_us, stanza FROM archived_message WHERE localpart = :a"
                 " AND number > :b AND number < :c AND at_us >= :d AND at_us <= :e AND peer = :f"
                 " AND (resource = :g OR :h = 1) ORDER BY number DESC LIMIT :i"
               : "SELECT number, at_us, stanza FROM archived_message WHERE localpart = :a"
                 " AND number > :b AND number < :c AND at_us >= :d AND at_us <= :e AND peer = :f"
                 " AND (resource = :g OR :h = 1) ORDER BY number LIMIT :i";
  void bind(Statement& s) {
    ArchiveRange::bind(s);
    ArchivePeer::bind(s);
    s.use(max);
    ArchivePageRow::bind(s);
  }
};

struct ArchivedMessage {
  std::string localpart, peer, resource, stanza;
  std::int64_t number = 0, at_us = 0;
  static constexpr const char* sql =
      "SELECT at_us, peer, resource, stanza FROM archived_message"
      " WHERE localpart = :a AND number = :b";
  void bind(Statement& s) {
    s.use(localpart);
    s.use(number);
    s.into(at_us);
    s.into(peer);
    s.into(resource);
    s.into(stanza);
  }
};

// How many there are, as the pages find them.
struct ArchiveCount : ArchiveRange {
  std::int64_t count = 0;
  static constexpr const char* sql =
      "SELECT count(*) FROM archived_message WHERE localpart = :a"
      " AND number > :b AND number < :c AND at_us >= :d AND at_us <= :e";
  void bind(Statement& s) {
    ArchiveRange::bind(s);
    s.into(count);
  }
};

struct ArchiveCountWith : ArchiveRange, ArchivePeer {
  std::int64_t count = 0;
  static constexpr const char* sql =
      "SELECT count(*) FROM archived_message INDEXED BY archived_message_peer WHERE localpart = :a"
      " AND number > :b AND number < :c AND at_us >= :d AND at_us <= :e AND peer = :f"
      " AND (resource = :g OR :h = 1)";
  static constexpr const char* postgres_sql =
      "SELECT count(*) FROM archived_message WHERE localpart = :a"
      " AND number > :b AND number < :c AND at_us >= :d AND at_us <= :e AND peer = :f"
      " AND (resource = :g OR :h = 1)";
  void bind(Statement& s) {
    ArchiveRange::bind(s);
    ArchivePeer::bind(s);
    s.into(count);
  }
};

// For narrow() in db/stores/search.h: the first row from a number on, and how far clocks went back.
struct ArchiveRowFrom {
  std::string of;
  std::int64_t from = 0, number = 0, at_us = 0;
  static constexpr const char* sql =
      "SELECT number, at_us FROM archived_message WHERE localpart = :a AND number >= :b"
      " ORDER BY number LIMIT 1";
  void bind(Statement& s) {
    s.use(of);
    s.use(from);
    s.into(number);
    s.into(at_us);
  }
};

struct ArchiveSetback {
  std::string of;
  std::int64_t us = 0;
  static constexpr const char* sql = "SELECT us FROM message_setback WHERE localpart = :a";
  void bind(Statement& s) {
    s.use(of);
    s.into(us);
  }
};

template <bool last>
struct ArchiveEnd {
  std::string of;
  std::int64_t number = 0, at_us = 0;
  static constexpr const char* sql =
      last ? "SELECT number, at_us FROM archived_message WHERE localpart = :a"
             " ORDER BY number DESC LIMIT 1"
           : "SELECT number, at_us FROM archived_message WHERE localpart = :a"
             " ORDER BY number LIMIT 1";
  void bind(Statement& s) {
    s.use(of);
    s.into(number);
    s.into(at_us);
  }
};

struct ArchivePreferences {
  std::string localpart, always, never;
  int fallback = 0;
  static constexpr const char* sql =
      "SELECT fallback, always, never FROM archive_preference WHERE localpart = :a";
  void bind(Statement& s) {
    s.use(localpart);
    s.into(fallback);
    s.into(always);
    s.into(never);
  }
};

struct ArchiveOwners {
  std::string localpart, always, never;
  int fallback = 0;
  static constexpr const char* sql =
      "SELECT localpart, fallback, always, never FROM archive_preference ORDER BY localpart";
  void bind(Statement& s) {
    s.into(localpart);
    s.into(fallback);
    s.into(always);
    s.into(never);
  }
};

}  // namespace rows

struct MessageArchiveRows {
  explicit MessageArchiveRows(Session& s)
      : all_first(s),
        all_last(s),
        with_first(s),
        with_last(s),
        all_count(s),
        with_count(s),
        message(s),
        row_from(s),
        setback(s),
        first_row(s),
        last_row(s),
        preferences(s),
        owners(s) {}

  Prepared<rows::ArchivePage<false>> all_first;
  Prepared<rows::ArchivePage<true>> all_last;
  Prepared<rows::ArchivePageWith<false>> with_first;
  Prepared<rows::ArchivePageWith<true>> with_last;
  Prepared<rows::ArchiveCount> all_count;
  Prepared<rows::ArchiveCountWith> with_count;
  Prepared<rows::ArchivedMessage> message;
  Prepared<rows::ArchiveRowFrom> row_from;
  Prepared<rows::ArchiveSetback> setback;
  Prepared<rows::ArchiveEnd<false>> first_row;
  Prepared<rows::ArchiveEnd<true>> last_row;
  Prepared<rows::ArchivePreferences> preferences;
  Prepared<rows::ArchiveOwners> owners;
};

}  // namespace db
