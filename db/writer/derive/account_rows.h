// SPDX-License-Identifier: Apache-2.0
// The writer's statements for accounts and groups. For db/'s own files.
#pragma once

#include <cstdint>
#include <string>

#include "db/sql/sql.h"

namespace db::rows {

struct ScramColumns {
  std::string salt, stored_key, server_key;  // hex
  int iterations = 0;
};

struct InsertAccount {
  std::string localpart;
  int admin = 0;
  std::int64_t created_at = 0;
  ScramColumns sha1, sha256;
  static constexpr const char* sql =
      "INSERT INTO account (localpart, enabled, admin, created_at, sha1_salt, sha1_iterations,"
      " sha1_stored_key, sha1_server_key, sha256_salt, sha256_iterations, sha256_stored_key,"
      " sha256_server_key) VALUES (:a, 1, :b, :c, :d, :e, :f, :g, :h, :i, :j, :k)";
  void bind(Statement& s) {
    s.use(localpart);
    s.use(admin);
    s.use(created_at);
    bind_keys(s, sha1);
    bind_keys(s, sha256);
  }
  static void bind_keys(Statement& s, ScramColumns& keys) {
    s.use(keys.salt);
    s.use(keys.iterations);
    s.use(keys.stored_key);
    s.use(keys.server_key);
  }
};

struct SetPassword {
  std::string localpart;
  std::int64_t made_from = 0, made_to = 0;
  ScramColumns sha1, sha256;
  static constexpr const char* sql =
      "UPDATE account SET sha1_salt = :a, sha1_iterations = :b, sha1_stored_key = :c,"
      " sha1_server_key = :d, sha256_salt = :e, sha256_iterations = :f, sha256_stored_key = :g,"
      " sha256_server_key = :h WHERE localpart = :i AND created_at BETWEEN :j AND :k";
  void bind(Statement& s) {
    InsertAccount::bind_keys(s, sha1);
    InsertAccount::bind_keys(s, sha256);
    s.use(localpart);
    s.use(made_from);
    s.use(made_to);
  }
};

struct EnableAccount {
  int enabled = 0;
  std::string localpart;
  static constexpr const char* sql = "UPDATE account SET enabled = :a WHERE localpart = :b";
  void bind(Statement& s) {
    s.use(enabled);
    s.use(localpart);
  }
};

struct DeleteAccount {
  std::string localpart;
  static constexpr const char* sql = "DELETE FROM account WHERE localpart = :a";
  void bind(Statement& s) { s.use(localpart); }
};

struct PutRemovedAccount {
  std::string localpart;
  std::int64_t removed_at = 0;
  static constexpr const char* sql =
      "INSERT INTO removed_account (localpart, removed_at) VALUES (:a, :b)"
      " ON CONFLICT (localpart) DO UPDATE SET removed_at = excluded.removed_at";
  void bind(Statement& s) {
    s.use(localpart);
    s.use(removed_at);
  }
};

struct DeleteRemovedAccount {
  std::string localpart;
  static constexpr const char* sql = "DELETE FROM removed_account WHERE localpart = :a";
  void bind(Statement& s) { s.use(localpart); }
};

struct InsertGroup {
  std::string name;
  std::int64_t created_at = 0;
  static constexpr const char* sql = "INSERT INTO user_group (name, created_at) VALUES (:a, :b)";
  void bind(Statement& s) {
    s.use(name);
    s.use(created_at);
  }
};

struct DeleteGroup {
  std::string name;
  static constexpr const char* sql = "DELETE FROM user_group WHERE name = :a";
  void bind(Statement& s) { s.use(name); }
};

struct DeleteGroupMembers {
  std::string name;
  static constexpr const char* sql = "DELETE FROM group_member WHERE group_name = :a";
  void bind(Statement& s) { s.use(name); }
};

// Inserts nothing where there is no such group.
struct InsertMember {
  std::string jid, name;
  static constexpr const char* sql =
      "INSERT INTO group_member (group_name, jid)"
      " SELECT name, :a FROM user_group WHERE name = :b";
  void bind(Statement& s) {
    s.use(jid);
    s.use(name);
  }
};

struct DeleteMember {
  std::string name, jid;
  static constexpr const char* sql = "DELETE FROM group_member WHERE group_name = :a AND jid = :b";
  void bind(Statement& s) {
    s.use(name);
    s.use(jid);
  }
};

struct DeleteMemberships {
  std::string jid;
  static constexpr const char* sql = "DELETE FROM group_member WHERE jid = :a";
  void bind(Statement& s) { s.use(jid); }
};

}  // namespace db::rows
