// SPDX-License-Identifier: Apache-2.0
// Heads: the last number and hash of each room and of this writer's source. They are compared and
// set in every transaction: whoever finds another value than it left there has been fenced off.
// Writer's thread only. For db/'s own files.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/crypto.h"
#include "db/sql/sql.h"
#include "db/writer/batched.h"

namespace db {

struct Head {
  std::int64_t number = 0;
  base::Sha256 hash{};
  friend bool operator==(const Head&, const Head&) = default;
};

namespace rows {

// No row: a later incarnation of the node has begun.
struct SourceHead {
  std::string source, hash;
  std::int64_t sn = 0;
  static constexpr const char* sql =
      "SELECT sn, hash FROM source_head s WHERE source = :a AND NOT EXISTS"
      " (SELECT 1 FROM source_head l WHERE l.node = s.node AND l.incarnation > s.incarnation)";
  static constexpr const char* postgres_sql =
      "SELECT sn, hash FROM source_head s WHERE source = :a AND NOT EXISTS"
      " (SELECT 1 FROM source_head l WHERE l.node = s.node AND l.incarnation > s.incarnation)"
      " FOR UPDATE OF s";
  void bind(Statement& s) {
    s.use(source);
    s.into(sn);
    s.into(hash);
  }
};

struct MoveSource {
  std::string source, hash, old_hash;
  std::int64_t sn = 0, old_sn = 0;
  static constexpr const char* sql =
      "UPDATE source_head SET sn = :a, hash = :b WHERE source = :c AND sn = :d AND hash = :e";
  void bind(Statement& s) {
    s.use(sn);
    s.use(hash);
    s.use(source);
    s.use(old_sn);
    s.use(old_hash);
  }
};

struct RoomHead {
  std::int64_t room_id = 0, number = 0;
  std::string hash;
  static constexpr const char* sql = "SELECT number, hash FROM room_head WHERE room_id = :a";
  void bind(Statement& s) {
    s.use(room_id);
    s.into(number);
    s.into(hash);
  }
};

struct NewRoom {
  std::int64_t room_id = 0, number = 0;
  std::string hash;
  static constexpr const char* sql =
      "INSERT INTO room_head (room_id, number, hash, epoch) VALUES (:a, :b, :c, 1)"
      " ON CONFLICT (room_id) DO NOTHING";
  void bind(Statement& s) {
    s.use(room_id);
    s.use(number);
    s.use(hash);
  }
};

struct MoveRoom {
  std::int64_t room_id = 0, number = 0, old_number = 0;
  std::string hash, old_hash;
  static constexpr const char* sql =
      "UPDATE room_head SET number = :a, hash = :b WHERE room_id = :c AND number = :d AND hash = "
      ":e";
  static constexpr std::size_t width = 5;
  static constexpr const char* many_sql =
      "UPDATE room_head h SET number = v.number, hash = v.hash FROM unnest(cast(:a AS bigint[]),"
      " cast(:b AS text[]), cast(:c AS bigint[]), cast(:d AS bigint[]), cast(:e AS text[]))"
      " AS v (number, hash, room_id, old_number, old_hash)"
      " WHERE h.room_id = v.room_id AND h.number = v.old_number AND h.hash = v.old_hash";
  template <class F>
  void columns(F&& f) {
    f(number);
    f(hash);
    f(room_id);
    f(old_number);
    f(old_hash);
  }
  void bind(Statement& s) {
    columns([&](const auto& value) { s.use(value); });
  }
};

}  // namespace rows

// What is known of the rooms' heads, and what a transaction under way makes of them.
class RoomHeads {
 public:
  explicit RoomHeads(Session& session) : read_(session), insert_(session), move_(session) {}

  // The head as the transaction sees it; nullopt: no such room.
  std::optional<Head> get(std::int64_t room_id);
  void set(std::int64_t room_id, Head head);
  // Compares and sets all heads that were set. Gives the rooms whose head was not as expected.
  std::vector<std::int64_t> store();
  void committed();                                             // what was set is so
  void rolled_back();                                           // forget what was set
  void forget(std::int64_t room_id) { known_.erase(room_id); }  // read it again when next needed

  // One submission within the transaction, so that it can be taken back by itself.
  void mark() { undo_.clear(); }
  void back_to_mark();

 private:
  struct Pending {
    std::optional<Head> before;
    Head now;
  };

  Prepared<rows::RoomHead> read_;
  Prepared<rows::NewRoom> insert_;
  bool move(std::int64_t room_id, const Head& before, const Head& now);
  Batched<rows::MoveRoom> move_;
  std::unordered_map<std::int64_t, Head> known_;
  std::unordered_map<std::int64_t, Pending> pending_;
  std::vector<std::pair<std::int64_t, std::optional<Pending>>> undo_;
};

class SourceHeadRow {
 public:
  SourceHeadRow(Session& session, const std::string& source) : read_(session), move_(session) {
    read_.row.source = source;
    move_.row.source = source;
  }
  std::optional<Head> read();
  bool compare_and_set(const Head& before, const Head& now);

 private:
  Prepared<rows::SourceHead> read_;
  Prepared<rows::MoveSource> move_;
};

}  // namespace db
