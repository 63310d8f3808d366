// SPDX-License-Identifier: Apache-2.0
#include "db/postgres/snapshot.h"

#include <poll.h>

#include "db/postgres/watch.h"
#include "db/sql/sql.h"

namespace db::postgres {
namespace {

constexpr std::chrono::seconds between_looks{1};
constexpr int turn_ms = 100;

std::string first_line(const std::string& text) { return text.substr(0, text.find('\n')); }

}  // namespace

Snapshot::Snapshot(const Target& target)
    : name_(target.name), connection_(PQconnectdb(target.where.c_str())) {
  if (PQstatus(connection_.get()) != CONNECTION_OK) fail("does not let us in");
  PQsetNoticeProcessor(
      connection_.get(), [](void*, const char*) {}, nullptr);
  PQsetErrorVerbosity(connection_.get(), PQERRORS_TERSE);
  value("SET idle_in_transaction_session_timeout = 0");
  value("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
  id_ = value("SELECT pg_export_snapshot()");
}

std::string Snapshot::value(const char* sql) {
  ask(sql);
  wait();
  return PQntuples(last_.get()) > 0 ? PQgetvalue(last_.get(), 0, 0) : "";
}

void Snapshot::look() {
  if (asked_)
    (void)answered();
  else if (Clock::now() - since_ >= between_looks)
    ask("SELECT 1");
}

void Snapshot::ask(const char* sql) {
  if (asked_) wait();
  if (PQsendQuery(connection_.get(), sql) == 0) fail("is gone");
  asked_ = true;
  since_ = Clock::now();
  last_.reset();
}

void Snapshot::wait() {
  while (!answered()) {
    pollfd socket{.fd = PQsocket(connection_.get()), .events = POLLIN, .revents = 0};
    (void)::poll(&socket, 1, turn_ms);
  }
}

bool Snapshot::answered() {
  PGconn* connection = connection_.get();
  if (PQconsumeInput(connection) == 0) fail("is gone");
  while (PQisBusy(connection) == 0) {
    Result result(PQgetResult(connection));
    if (!result) {
      asked_ = false;
      since_ = Clock::now();
      const auto status = PQresultStatus(last_.get());
      if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK) fail("cannot be read");
      return true;
    }
    last_ = std::move(result);
  }
  if (Clock::now() - since_ > answers_within)
    throw DatabaseError("the database " + name_ + " has not answered for " +
                        std::to_string(answers_within.count()) +
                        " seconds: see that its server runs, then try again");
  return false;
}

void Snapshot::fail(const std::string& why) const {
  const std::string said = first_line(PQerrorMessage(connection_.get()));
  throw DatabaseError("the database " + name_ + " " + why + (said.empty() ? "" : ": " + said));
}

}  // namespace db::postgres
