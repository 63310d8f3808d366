// SPDX-License-Identifier: Apache-2.0
#include "db/sql/usable.h"

namespace db {
namespace {

bool has_table(Session& session, const std::string& table) {
  int found = 0;
  Statement(session)
      .use(table)
      .into(found)
      .prepare(session.dialect() == Dialect::postgres
                   ? "SELECT count(*) FROM pg_class WHERE oid = to_regclass(cast(:a AS text))"
                   : "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = :a")
      .one();
  return found != 0;
}

// Each of them has a table from its first schema on that the other has not.
std::string refuse_the_other(Session& session, Owned what, const std::string& name) {
  const bool content = what == Owned::content;
  if (!has_table(session, content ? "head" : "source_head")) return {};
  return "the database " + name + " holds " +
         (content ? "an archive: name another one as database.content"
                  : "rooms and accounts: name another one as database.archive");
}

std::string how_to_let_in(const std::string& role) {
  return ": as its owner, run `hansard archive roles --owner URL --writer " + role + "`";
}

// Who may not even read which schema it is.
std::string refuse_stranger(Session& session, Owned what, const std::string& name) {
  if (session.dialect() != Dialect::postgres || what != Owned::archive) return {};
  std::string role;
  const bool stranger = Statement(session)
                            .into(role)
                            .prepare(
                                "SELECT cast(current_user AS text) FROM pg_class"
                                " WHERE oid = to_regclass('schema_version')"
                                " AND NOT has_table_privilege(oid, 'SELECT')")
                            .one();
  if (!stranger) return {};
  return "the role " + role + " may not read the archive " + name + how_to_let_in(role);
}

// A role that owns nothing may write an archive whose schema is current, if it has been given that.
std::string refuse_writer(Session& session, const std::string& name, const std::string& role) {
  const int version = schema_version(session);
  const int known = archive_migrations(session.dialect()).back().number;
  if (version < known)
    return "the archive " + name + " has schema " + std::to_string(version) + " and needs " +
           std::to_string(known) + ", to which the role " + role + " may not bring it" +
           how_to_let_in(role);
  int missing = 0;
  Statement(session)
      .into(missing)
      .prepare(
          "SELECT count(*) FROM (VALUES ('event', 'INSERT'), ('part', 'INSERT'),"
          " ('checkpoint', 'INSERT'), ('subtree', 'INSERT'), ('manifest', 'INSERT'),"
          " ('event', 'SELECT'), ('head', 'UPDATE'), ('stay', 'UPDATE'), ('given', 'UPDATE'),"
          " ('room', 'UPDATE'), ('stretch', 'UPDATE'), ('derived', 'UPDATE')) AS need (name, what)"
          " WHERE NOT has_table_privilege(name, what)")
      .one();
  if (missing == 0) return {};
  return "the role " + role + " may not write the archive " + name + how_to_let_in(role);
}

std::string refuse_rights(Session& session, Owned what, const std::string& name) {
  if (session.dialect() != Dialect::postgres) return {};
  std::string role, schema;
  int may_make = 0, owns = 0;
  Statement(session)
      .into(role)
      .into(schema)
      .into(may_make)
      .into(owns)
      .prepare(
          "SELECT cast(current_user AS text), cast(coalesce(current_schema(), '') AS text),"
          " CASE WHEN has_schema_privilege(current_schema(), 'CREATE') THEN 1 ELSE 0 END,"
          " (SELECT count(*) FROM (SELECT 1) AS one WHERE NOT EXISTS (SELECT 1 FROM pg_class"
          " WHERE oid = to_regclass('schema_version') AND NOT pg_has_role(relowner, 'USAGE')))")
      .one();
  if (schema.empty())
    return "the database " + name + " has none of the schemas of the role " + role +
           "'s search_path: make one of them, or take search_path out of the URL's options";
  // Somebody else's archive, to which this role was let in.
  if (what == Owned::archive && owns == 0 && may_make == 0)
    return refuse_writer(session, name, role);
  if (may_make == 0)
    return "the role " + role + " may not make tables in the schema " + schema +
           " of the database " + name +
           ": as a superuser, give it the database (ALTER DATABASE … OWNER TO " + role + ")";
  if (owns == 0)
    return "the tables in the database " + name + " are not the role " + role +
           "'s: restore them with their owners, or give them to it (REASSIGN OWNED BY … TO " +
           role + ")";
  return {};
}

}  // namespace

const Migrations& migrations_of(Owned what, Dialect dialect) {
  return what == Owned::content ? content_migrations(dialect) : archive_migrations(dialect);
}

std::string unusable(Session& session, Owned what, const std::string& name) {
  if (auto refusal = refuse_encoding(session, name); !refusal.empty()) return refusal;
  if (auto refusal = refuse_the_other(session, what, name); !refusal.empty()) return refusal;
  if (auto refusal = refuse_stranger(session, what, name); !refusal.empty()) return refusal;
  if (auto refusal =
          refuse_newer(schema_version(session), migrations_of(what, session.dialect()), name);
      !refusal.empty())
    return refusal;
  return refuse_rights(session, what, name);
}

}  // namespace db
