// SPDX-License-Identifier: Apache-2.0
#include "db/sql/ownership.h"

#include <chrono>
#include <filesystem>
#include <thread>
#include <utility>

#include "db/sql/migrate.h"
#include "xmpp/datetime.h"

namespace db {
namespace {

// Numbers of our own among a database's advisory locks.
constexpr std::int64_t lock_class = 1214344786;  // "HanR"
int lock_number(Owned what) { return what == Owned::content ? 1 : 2; }
// Whoever wants to own the database has this one first, and until its writer has the other.
int door_number(Owned what) { return what == Owned::content ? 3 : 4; }

std::string noun(Owned what) { return what == Owned::content ? "the database " : "the archive "; }

bool try_lock(Session& session, int number) {
  const int cls = static_cast<int>(lock_class);
  int got = 0;
  Statement(session)
      .use(cls)
      .use(number)
      .into(got)
      .prepare("SELECT pg_try_advisory_lock(cast(:a AS integer), cast(:b AS integer))::integer")
      .one();
  return got != 0;
}

// A server that has just been killed holds it until PostgreSQL has noticed.
bool lock_soon(Session& session, int number) {
  constexpr int tries = 60;
  for (int i = 0; i < tries; ++i) {
    if (i > 0) std::this_thread::sleep_for(std::chrono::milliseconds(50));
    if (try_lock(session, number)) return true;
  }
  return false;
}

// Since when, from the row that the holder of the content database left; "" if the row is
// another's.
std::string since_in_row(Session& session, std::int64_t holder) {
  std::int64_t pid = 0, started_at = 0;
  Statement(session).into(pid).into(started_at).prepare("SELECT pid, started_at FROM owner").one();
  return pid == holder ? " since " + xmpp::format_datetime({started_at}) : "";
}

std::string file_holder(const Target& target, Owned what) {
  const std::int64_t pid = OwnerLock::holder(target.where + ".lock");
  if (pid == 0) return {};
  std::string since;
  if (what == Owned::content) {
    (void)guard(
        0,
        [&] {
          Session session(target, Session::Use::reader);
          if (schema_version(session) > 0) since = since_in_row(session, pid);
          return 0;
        },
        [](const char* /*reason*/) {});
  }
  return "process " + std::to_string(pid) + since;
}

std::string postgres_holder(Session& session, Owned what) {
  const int number = lock_number(what), door = door_number(what);
  std::int64_t since = 0;
  std::string address;
  const bool held =
      Statement(session)
          .use(lock_class)
          .use(number)
          .use(door)
          .use(number)
          .into(address)
          .into(since)
          .prepare(
              "SELECT coalesce(host(a.client_addr), 'this machine'),"
              " cast(extract(epoch FROM coalesce(a.backend_start, now())) * 1000000 AS bigint)"
              " FROM pg_locks l LEFT JOIN pg_stat_activity a ON a.pid = l.pid"
              " WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 2"
              " AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())"
              " AND l.classid::bigint = cast(:a AS bigint)"
              " AND l.objid::bigint IN (cast(:b AS bigint), cast(:c AS bigint))"
              " ORDER BY l.objid::bigint = cast(:d AS bigint) DESC LIMIT 1")
          .one();
  if (!held) return {};
  return "a Hansard at " + address + " since " + xmpp::format_datetime({since});
}

// Whom to ask, or why there is no telling.
std::string holder(const Target& target, Owned what) {
  std::string who;
  try {
    who = holder_of(target, what);
  } catch (const DatabaseError&) {
  }
  return who.empty() ? "another process" : who;
}

std::string in_use(const Target& target, Owned what) {
  return noun(what) + target.name + " is in use by " + holder(target, what) +
         (what == Owned::content ? ": stop it first, or name another data directory"
                                 : ": stop it first");
}

base::Result<OwnerLock, std::string> take_file(const Target& target, Owned what) {
  std::error_code failed;
  const auto folder = std::filesystem::path(target.where).parent_path();
  if (!folder.empty()) std::filesystem::create_directories(folder, failed);
  if (failed)
    return base::fail("the folder " + folder.string() + " cannot be made: " + failed.message());
  std::string error;
  auto lock = OwnerLock::take(target.where + ".lock", error);
  if (lock) return std::move(*lock);
  return base::fail(error.empty() ? in_use(target, what) : error);
}

}  // namespace

std::string holder_of(const Target& target, Owned what) {
  if (target.dialect == Dialect::sqlite) return file_holder(target, what);
  Session session(target, Session::Use::reader);
  return postgres_holder(session, what);
}

base::Result<Ownership, std::string> Ownership::take(const Target& target, Owned what) {
  Ownership ownership;
  if (target.dialect == Dialect::sqlite) {
    auto lock = take_file(target, what);
    if (!lock) return base::fail(lock.error());
    ownership.file_ = std::move(*lock);
    return ownership;
  }
  try {
    ownership.session_ = std::make_unique<Session>(target, Session::Use::full);
    ownership.number_ = lock_number(what);
    if (lock_soon(*ownership.session_, door_number(what)) &&
        lock_soon(*ownership.session_, ownership.number_))
      return ownership;
    ownership.session_.reset();  // not to be taken for the holder
  } catch (const DatabaseError& error) {
    return base::fail(noun(what) + target.name + " cannot be opened: " + error.what());
  }
  return base::fail(in_use(target, what));
}

void Ownership::let_writer_lock() {
  if (!session_) return;
  try {
    const int cls = static_cast<int>(lock_class);
    int was = 0;
    Statement(*session_)
        .use(cls)
        .use(number_)
        .into(was)
        .prepare("SELECT pg_advisory_unlock(cast(:a AS integer), cast(:b AS integer))::integer")
        .one();
  } catch (const DatabaseError&) {
    session_.reset();  // both locks went with the connection
  }
}

void Ownership::writer_has_lock() { session_.reset(); }

void lock_for_writing(Session& session, Owned what) {
  if (session.dialect() == Dialect::postgres && !lock_soon(session, lock_number(what)))
    throw DatabaseError("another connection holds the lock of the database");
}

}  // namespace db
