// SPDX-License-Identifier: Apache-2.0
// Snapshot: a connection that holds one moment of a database, for others to read the same
// (PostgreSQL 15, §9.27.5). It waits for an answer as long as Watch lets others wait, and says at
// any time whether the server still answers. For db/'s own files.
#pragma once

#include <libpq-fe.h>

#include <chrono>
#include <memory>
#include <string>

#include "db/sql/target.h"

namespace db::postgres {

// All throw DatabaseError with a sentence, in which the database is called as in Target::name.
class Snapshot {
 public:
  explicit Snapshot(const Target& target);

  const std::string& id() const { return id_; }
  std::string value(const char* sql);  // the first of the first row; "" if there is none
  int server_version() const { return PQserverVersion(connection_.get()) / 10000; }
  // Waits for nothing. To be called often: asks the server once a second whether it is there.
  void look();
  PGconn* connection() const { return connection_.get(); }

 private:
  using Clock = std::chrono::steady_clock;
  struct Finish {
    void operator()(PGconn* c) const { PQfinish(c); }
    void operator()(PGresult* r) const { PQclear(r); }
  };
  using Result = std::unique_ptr<PGresult, Finish>;

  void ask(const char* sql);
  void wait();
  bool answered();  // all that comes is in last_
  [[noreturn]] void fail(const std::string& why) const;

  const std::string name_;
  std::unique_ptr<PGconn, Finish> connection_;
  std::string id_;
  Result last_;
  bool asked_ = false;
  Clock::time_point since_;  // the last question, or the last answer
};

}  // namespace db::postgres
