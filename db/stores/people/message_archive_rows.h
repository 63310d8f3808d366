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

// One page. `after` and `before` are the numbers around it; the times are included. The walk goes
// by the primary key, or by the index of the peer (the + keeps the planner from the index of
// times).
template <bool peer, bool from_end>
struct ArchivePage {
  std::string localpart, with, resource, stanza;
  std::int64_t after = 0, before = 0, start = 0, end = 0, any_resource = 1, max = 0;
  std::int64_t number = 0, at_us = 0;
  static constexpr const char* sql =
      peer ? (from_end ? "SELECT number, at_us, stanza FROM archived_message WHERE localpart = :a"
                         " AND peer = :b AND number > :c AND number < :d AND +at_us >= :e"
                         " AND +at_us <= :f AND (resource = :g OR cast(:h AS bigint) = 1)"
                         " ORDER BY number DESC LIMIT :i"
                       : "SELECT number, at_us, stanza FROM archived_message WHERE localpart = :a"
                         " AND peer = :b AND number > :c AND number < :d AND +at_us >= :e"
                         " AND +at_us <= :f AND (resource = :g OR cast(:h AS bigint) = 1)"
                         " ORDER BY number LIMIT :i")
           : (from_end ? "SELECT number, at_us, stanza FROM archived_message WHERE localpart = :a"
                         " AND number > :b AND number < :c AND +at_us >= :d AND +at_us <= :e"
                         " ORDER BY number DESC LIMIT :f"
                       : "SELECT number, at_us, stanza FROM archived_message WHERE localpart = :a"
                         " AND number > :b AND number < :c AND +at_us >= :d AND +at_us <= :e"
                         " ORDER BY number LIMIT :f");
  void bind(Statement& s) {
    s.use(localpart);
    if (peer) s.use(with);
    s.use(after);
    s.use(before);
    s.use(start);
    s.use(end);
    if (peer) {
      s.use(resource);
      s.use(any_resource);
    }
    s.use(max);
    s.into(number);
    s.into(at_us);
    s.into(stanza);
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

// How many there are between two numbers and two times, as ArchivePage finds them.
template <bool peer>
struct ArchiveCount {
  std::string localpart, with, resource;
  std::int64_t after = 0, before = 0, start = 0, end = 0, any_resource = 1;
  std::int64_t count = 0;
  static constexpr const char* sql =
      peer ? "SELECT count(*) FROM archived_message WHERE localpart = :a AND peer = :b"
             " AND number > :c AND number < :d AND at_us >= :e AND at_us <= :f"
             " AND (resource = :g OR cast(:h AS bigint) = 1)"
           : "SELECT count(*) FROM archived_message WHERE localpart = :a"
             " AND number > :b AND number < :c AND at_us >= :d AND at_us <= :e";
  void bind(Statement& s) {
    s.use(localpart);
    if (peer) s.use(with);
    s.use(after);
    s.use(before);
    s.use(start);
    s.use(end);
    if (peer) {
      s.use(resource);
      s.use(any_resource);
    }
    s.into(count);
  }
};

// The number of the first message from a time on, or of the last up to one: where a walk may begin.
// Times do not quite ascend with the numbers, so that all of these are looked at, in their index.
template <bool until>
struct ArchiveTime {
  std::string localpart;
  std::int64_t time = 0, number = 0;
  static constexpr const char* sql =
      until ? "SELECT coalesce(max(number), 0) FROM archived_message WHERE localpart = :a"
              " AND at_us <= :b"
            : "SELECT coalesce(min(number), 0) FROM archived_message WHERE localpart = :a"
              " AND at_us >= :b";
  void bind(Statement& s) {
    s.use(localpart);
    s.use(time);
    s.into(number);
  }
};

template <bool last>
struct ArchiveEnd {
  std::string localpart;
  std::int64_t number = 0, at_us = 0;
  static constexpr const char* sql =
      last ? "SELECT number, at_us FROM archived_message WHERE localpart = :a"
             " ORDER BY number DESC LIMIT 1"
           : "SELECT number, at_us FROM archived_message WHERE localpart = :a"
             " ORDER BY number LIMIT 1";
  void bind(Statement& s) {
    s.use(localpart);
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
        since(s),
        until(s),
        first(s),
        last(s),
        preferences(s),
        owners(s) {}

  Prepared<rows::ArchivePage<false, false>> all_first;
  Prepared<rows::ArchivePage<false, true>> all_last;
  Prepared<rows::ArchivePage<true, false>> with_first;
  Prepared<rows::ArchivePage<true, true>> with_last;
  Prepared<rows::ArchiveCount<false>> all_count;
  Prepared<rows::ArchiveCount<true>> with_count;
  Prepared<rows::ArchivedMessage> message;
  Prepared<rows::ArchiveTime<false>> since;
  Prepared<rows::ArchiveTime<true>> until;
  Prepared<rows::ArchiveEnd<false>> first;
  Prepared<rows::ArchiveEnd<true>> last;
  Prepared<rows::ArchivePreferences> preferences;
  Prepared<rows::ArchiveOwners> owners;
};

}  // namespace db
