// SPDX-License-Identifier: Apache-2.0
#include "db/sql/migrate.h"

#include "db/sql/sql.h"

namespace db {

int schema_version(Session& session) {
  int tables = 0;
  Statement(session)
      .into(tables)
      .prepare(
          "SELECT count(*) FROM sqlite_master"
          " WHERE type = 'table' AND name = 'schema_version'")
      .one();
  if (tables == 0) return 0;
  int version = 0;
  Statement(session)
      .into(version)
      .prepare("SELECT coalesce(max(version), 0) FROM schema_version")
      .one();
  return version;
}

std::string refuse_newer(int version, const std::vector<Migration>& migrations,
                         const std::string& path) {
  const int known = migrations.back().number;
  if (version <= known) return {};
  return "the database " + path + " has schema " + std::to_string(version) +
         ", this program knows up to " + std::to_string(known) + ": use a newer Hansard";
}

base::Result<int, std::string> migrate(Session& session, const std::vector<Migration>& migrations,
                                       const std::string& path) {
  Transaction transaction(session, Transaction::Kind::write);
  session.script(
      "CREATE TABLE IF NOT EXISTS schema_version ("
      "version INTEGER NOT NULL PRIMARY KEY, applied_at INTEGER NOT NULL)");
  int version = schema_version(session);
  if (std::string refusal = refuse_newer(version, migrations, path); !refusal.empty())
    return base::fail(std::move(refusal));
  for (const auto& migration : migrations) {
    if (migration.number <= version) continue;
    session.script(migration.sql);
    Statement(session)
        .use(migration.number)
        .prepare(
            "INSERT INTO schema_version (version, applied_at)"
            " VALUES (:version, cast(strftime('%s', 'now') AS INTEGER) * 1000000)")
        .run();
    version = migration.number;
  }
  transaction.commit();
  return version;
}

}  // namespace db
