// SPDX-License-Identifier: Apache-2.0
#include "db/sql/migrate.h"

#include <string_view>

#include "db/sql/sql.h"

namespace db {
namespace {

// Begun by `write`, SQLite's transaction has its lock.
void lock(Session& session) {
  if (session.dialect() == Dialect::postgres)
    session.script("SELECT pg_advisory_xact_lock(7954767)");
}

bool has_column(Session& session, const std::string& table, const std::string& column) {
  int found = 0;
  Statement(session)
      .use(table)
      .use(column)
      .into(found)
      .prepare("SELECT count(*) FROM pragma_table_info(:a) WHERE name = :b")
      .one();
  return found != 0;
}

// SQLite has no ADD COLUMN IF NOT EXISTS. In its files such a statement is a line of its own, which
// embed.py sees to, and is left out where the column is there.
std::string without_columns_there(Session& session, std::string_view sql) {
  constexpr std::string_view alter = "ALTER TABLE ", add = " ADD COLUMN ";
  std::string out;
  while (!sql.empty()) {
    const std::string_view line = sql.substr(0, sql.find('\n') + 1);
    sql.remove_prefix(line.empty() ? sql.size() : line.size());
    const auto at = line.starts_with(alter) ? line.find(add) : std::string_view::npos;
    if (at != std::string_view::npos) {
      const auto name = line.substr(at + add.size());
      if (has_column(session, std::string(line.substr(alter.size(), at - alter.size())),
                     std::string(name.substr(0, name.find(' ')))))
        continue;
    }
    out += line;
  }
  return out;
}

}  // namespace

// What is not Unicode cannot hold what people say.
std::string refuse_encoding(Session& session, const std::string& name) {
  if (session.dialect() != Dialect::postgres) return {};
  std::string encoding;
  Statement(session).into(encoding).prepare("SELECT current_setting('server_encoding')").one();
  if (encoding == "UTF8") return {};
  return "the database " + name + " has the encoding " + encoding +
         ": make it with ENCODING 'UTF8' (CREATE DATABASE … TEMPLATE template0)";
}

void apply(Session& session, const Migration& migration) {
  if (session.dialect() == Dialect::postgres) return session.script(migration.sql);
  session.script(without_columns_there(session, migration.sql).c_str());
}

int schema_version(Session& session) {
  int tables = 0;
  Statement(session)
      .into(tables)
      .prepare(session.dialect() == Dialect::postgres
                   ? "SELECT count(*) FROM pg_class WHERE oid = to_regclass('schema_version')"
                   : "SELECT count(*) FROM sqlite_master"
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

std::string refuse_newer(int version, const Migrations& migrations, const std::string& name) {
  const int known = migrations.back().number;
  if (version <= known) return {};
  return "the database " + name + " has schema " + std::to_string(version) +
         ", this program knows up to " + std::to_string(known) + ": use a newer Hansard";
}

base::Result<int, std::string> migrate(Session& session, const Migrations& migrations,
                                       const std::string& name, base::Time now) {
  if (std::string refusal = refuse_encoding(session, name); !refusal.empty())
    return base::fail(std::move(refusal));
  Transaction transaction(session, Transaction::Kind::write);
  lock(session);
  session.script(
      "CREATE TABLE IF NOT EXISTS schema_version ("
      "version bigint NOT NULL PRIMARY KEY, applied_at bigint NOT NULL)");
  int version = schema_version(session);
  if (std::string refusal = refuse_newer(version, migrations, name); !refusal.empty())
    return base::fail(std::move(refusal));
  for (const auto& migration : migrations) {
    if (migration.number <= version) continue;
    apply(session, migration);
    Statement(session)
        .use(migration.number)
        .use(now.us)
        .prepare("INSERT INTO schema_version (version, applied_at) VALUES (:a, :b)")
        .run();
    version = migration.number;
  }
  transaction.commit();
  return version;
}

}  // namespace db
