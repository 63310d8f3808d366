// SPDX-License-Identifier: Apache-2.0
#include "db/sql/sql.h"
#include "db/sql/usable.h"
#include "db/stores/archive.h"

namespace db {
namespace {

// With the role in the place of %1$I, the schema in that of %2$I and the database in that of %3$I:
// format() quotes them.
constexpr const char* nothing[] = {
    "REVOKE ALL ON ALL TABLES IN SCHEMA %2$I FROM %1$I",
    "REVOKE ALL ON ALL FUNCTIONS IN SCHEMA %2$I FROM %1$I",
    "REVOKE ALL ON SCHEMA %2$I FROM %1$I",
    "GRANT CONNECT ON DATABASE %3$I TO %1$I",
    "GRANT USAGE ON SCHEMA %2$I TO %1$I",
};
constexpr const char* reading = "GRANT SELECT ON ALL TABLES IN SCHEMA %2$I TO %1$I";
constexpr const char* adding = "GRANT INSERT ON event, part, checkpoint, subtree, manifest TO %1$I";
constexpr const char* deriving =
    "GRANT INSERT, UPDATE, DELETE ON head, stay, given, room, stretch, derived TO %1$I";
constexpr const char* erasing =
    "GRANT EXECUTE ON FUNCTION hansard_erase_part(bigint, bigint) TO %1$I";

// Why the rights of this role would keep it from nothing; "" if they will.
std::string refuse(Session& session, const std::string& role) {
  int there = 0, super = 0, owner = 0;
  Statement(session)
      .use(role)
      .into(there)
      .into(super)
      .into(owner)
      .prepare(
          "SELECT count(*), coalesce(max(cast(rolsuper AS integer)), 0),"
          " coalesce(max(cast(pg_has_role(r.oid, c.relowner, 'MEMBER') AS integer)), 0)"
          " FROM pg_roles AS r, pg_class AS c"
          " WHERE rolname = :a AND c.oid = to_regclass('event')")
      .one();
  if (there == 0) return "there is no role " + role + ": make it first (CREATE ROLE … LOGIN)";
  if (super != 0) return "the role " + role + " is a superuser, whom no rights bind: take another";
  if (owner != 0)
    return "the role " + role +
           " is the archive's owner, or a member of it, and may do everything:"
           " take another";
  return {};
}

void grant(Session& session, const std::string& role, const std::string& what) {
  std::string statement;
  Statement(session)
      .use(what)
      .use(role)
      .into(statement)
      .prepare(
          "SELECT format(cast(:a AS text), cast(:b AS text), current_schema(), current_database())")
      .one();
  session.script(statement.c_str());
}

void grant_all(Session& session, const std::string& role, std::initializer_list<const char*> what) {
  for (const char* statement : nothing) grant(session, role, statement);
  for (const char* statement : what) grant(session, role, statement);
}

}  // namespace

base::Result<std::vector<std::string>, std::string> grant_archive_roles(const std::string& url,
                                                                        const ArchiveRoles& roles) {
  const auto target = parse_target(url, "");
  if (!target) return base::fail(target.error());
  if (target->dialect != Dialect::postgres)
    return base::fail(std::string("SQLite has no roles: its files belong to who runs the server"));
  try {
    Session session(*target, Session::Use::full);
    if (auto refusal = unusable(session, Owned::archive, target->name); !refusal.empty())
      return base::fail(std::move(refusal));
    const auto& migrations = archive_migrations(target->dialect);
    if (const auto version = migrate(session, migrations, target->name, base::SystemClock().wall());
        !version)
      return base::fail(version.error());
    Transaction transaction(session, Transaction::Kind::write);
    for (const auto& role : {roles.writer, roles.reader, roles.retention})
      if (auto refusal = role.empty() ? "" : refuse(session, role); !refusal.empty())
        return base::fail(std::move(refusal));
    std::vector<std::string> done;
    if (!roles.writer.empty()) {
      grant_all(session, roles.writer, {reading, adding, deriving});
      done.push_back(roles.writer + " adds events, and changes only what is derived from them");
    }
    if (!roles.reader.empty()) {
      grant_all(session, roles.reader, {reading});
      done.push_back(roles.reader + " reads");
    }
    if (!roles.retention.empty()) {
      grant_all(session, roles.retention, {erasing});
      done.push_back(roles.retention + " erases single parts with hansard_erase_part()");
    }
    transaction.commit();
    return done;
  } catch (const DatabaseError& error) {
    return base::fail("the archive " + target->name + " gives no roles: " + error.what());
  }
}

}  // namespace db
