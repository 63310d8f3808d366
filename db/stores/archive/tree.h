// SPDX-License-Identifier: Apache-2.0
// The archive's tree as rows: hashes of leaves and subtrees, checkpoints. For db/stores/archive/.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "compliance/checkpoint_store.h"
#include "db/parts_text.h"
#include "db/sql/sql.h"

namespace db::archive {

// Plans are made once, when there may be next to nothing in the tables, and kept while they grow:
// PostgreSQL then reads them from front to back for every batch. All that is asked here has an
// index. The triggers' own queries are planned in the session too.
inline void plan_for_growth(Session& session) {
  if (session.dialect() == Dialect::postgres)
    session.script(
        "SET enable_seqscan = off; SET enable_bitmapscan = off; SET enable_hashjoin = off;"
        " SET enable_mergejoin = off");
}

struct ReadId {
  std::string id;
  static constexpr const char* sql = "SELECT id FROM archive_id";
  void bind(Statement& s) { s.into(id); }
};

struct CountEvents {
  std::int64_t count = 0;
  static constexpr const char* sql =
      "SELECT coalesce(max(seq) + 1, (SELECT first_seq FROM volume)) FROM event";
  static constexpr const char* postgres_sql = "SELECT coalesce(max(seq) + 1, 0) FROM event";
  void bind(Statement& s) { s.into(count); }
};

struct ReadLeafHashes {
  std::int64_t first = 0, max = 0;
  std::string hash;
  static constexpr const char* sql =
      "SELECT leaf_hash FROM event WHERE seq >= :a ORDER BY seq LIMIT :b";
  void bind(Statement& s) {
    s.use(first);
    s.use(max);
    s.into(hash);
  }
};

struct ReadSubtrees {
  int level = 0;
  std::int64_t first = 0, max = 0;
  std::string hash;
  static constexpr const char* sql =
      "SELECT hash FROM subtree WHERE level = :a AND idx >= :b ORDER BY idx LIMIT :c";
  void bind(Statement& s) {
    s.use(level);
    s.use(first);
    s.use(max);
    s.into(hash);
  }
};

struct ReadCheckpoints {
  std::int64_t above = 0, max = 0, size = 0, issued = 0;
  std::string root, note;
  static constexpr const char* sql =
      "SELECT size, root, issued, note FROM checkpoint WHERE size > :a ORDER BY size LIMIT :b";
  void bind(Statement& s) {
    s.use(above);
    s.use(max);
    s.into(size);
    s.into(root);
    s.into(issued);
    s.into(note);
  }
};

struct ReadLastCheckpoint {
  std::int64_t size = 0, issued = 0;
  std::string root, note;
  static constexpr const char* sql =
      "SELECT size, root, issued, note FROM checkpoint ORDER BY size DESC LIMIT 1";
  void bind(Statement& s) {
    s.into(size);
    s.into(root);
    s.into(issued);
    s.into(note);
  }
};

struct InsertCheckpoint {
  std::int64_t size = 0, issued = 0;
  std::string root, note;
  static constexpr const char* sql =
      "INSERT INTO checkpoint (size, root, issued, note) VALUES (:a, :b, :c, :d)";
  void bind(Statement& s) {
    s.use(size);
    s.use(root);
    s.use(issued);
    s.use(note);
  }
};

struct InsertSubtree {
  std::int64_t level = 0, idx = 0;
  std::string hash;
  static constexpr const char* sql = "INSERT INTO subtree (level, idx, hash) VALUES (:a, :b, :c)";
  static constexpr std::size_t width = 3;
  static constexpr const char* many_sql =
      "INSERT INTO subtree (level, idx, hash) SELECT * FROM unnest(cast(:a AS bigint[]),"
      " cast(:b AS bigint[]), cast(:c AS text[]))";
  template <class F>
  void columns(F&& f) {
    f(level);
    f(idx);
    f(hash);
  }
  void bind(Statement& s) {
    columns([&](const auto& value) { s.use(value); });
  }
};

inline base::Sha256 digest(const std::string& hex) {
  return digest_from_hex(hex).value_or(base::Sha256{});
}
inline std::string hex(const base::Sha256& hash) { return base::hex(base::as_chars(hash)); }

template <class Row>
compliance::Checkpoint checkpoint_of(const Row& row) {
  return {row.size, digest(row.root), row.issued, row.note};
}

// Of a statement whose row has `hash`.
template <class Statement>
std::vector<base::Sha256> hashes(Statement& statement) {
  std::vector<base::Sha256> out;
  statement.each([&] { out.push_back(digest(statement.row.hash)); });
  return out;
}

}  // namespace db::archive
