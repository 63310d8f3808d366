// SPDX-License-Identifier: Apache-2.0
// SQLite through SOCI: connections, prepared statements, transactions. SOCI itself is seen by
// sqlite.cpp alone (its headers are slow to compile). For db/'s own files.
#pragma once

#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>

#include "base/result.h"

namespace db {

// What the database said, without the values that SOCI adds to its messages.
class DatabaseError : public std::runtime_error {
 public:
  explicit DatabaseError(const std::string& reason, bool constraint = false)
      : std::runtime_error(reason), constraint_(constraint) {}
  bool constraint() const { return constraint_; }  // a row was refused for its own sake

 private:
  bool constraint_;
};

// What the stored state, rather than a constraint, refuses.
struct Refused : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// A connection to the file at `path`. `full`: WAL and synchronous=FULL; a file that is not there is
// made, for its owner only. `reader`: writes nothing. One thread at a time. All throw
// DatabaseError.
class Session {
 public:
  enum class Durability { full, reader };
  Session(const std::string& path, Durability durability);
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  void script(const char* sql);  // several statements, as in a schema file; no parameters
  void rollback() noexcept;

 private:
  friend class Statement;
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// Parameters and results are bound by reference, in the order of the SQL, before prepare(); they
// must outlive the statement, which can then be run again and again.
class Statement {
 public:
  explicit Statement(Session& session);
  ~Statement();
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;

  Statement& use(const std::int64_t& value);
  Statement& use(const int& value);
  Statement& use(const std::string& value);
  Statement& use(const std::int64_t& value, const bool& present);  // not present: NULL
  Statement& into(std::int64_t& value);                            // a NULL is an error
  Statement& into(int& value);
  Statement& into(std::string& value);
  Statement& prepare(const char* sql);

  long long run();  // writes: gives the number of rows changed
  bool one();       // reads at most one row; an open cursor would pin a snapshot
  bool first();     // reads rows: first(), then next() until it gives false
  bool next();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// A prepared statement beside its parameters and results. A `Row` has `static constexpr const char*
// sql` and `void bind(Statement&)`, which binds its members. Neither moves.
template <class Row>
class Prepared {
 public:
  explicit Prepared(Session& session) : statement_(session) {
    row.bind(statement_);
    statement_.prepare(Row::sql);
  }
  Prepared(const Prepared&) = delete;
  Prepared& operator=(const Prepared&) = delete;

  long long run() { return statement_.run(); }
  bool one() { return statement_.one(); }
  // Reads all rows: calls `take` after each has been put into `row`.
  template <class Take>
  void each(Take&& take) {
    for (bool more = statement_.first(); more; more = statement_.next()) take();
  }
  // As each(), while `take` gives true. The cursor is closed by running the query again for no
  // rows, so the query must have a LIMIT in `row.max`.
  template <class Take>
  void each_while(Take&& take) {
    for (bool more = statement_.first(); more; more = statement_.next()) {
      if (take()) continue;
      row.max = 0;
      statement_.first();
      return;
    }
  }

  Row row;

 private:
  Statement statement_;
};

// BEGIN … COMMIT; without commit() it is rolled back.
class Transaction {
 public:
  enum class Kind { read, write };  // write takes SQLite's one write lock at once
  Transaction(Session& session, Kind kind) : session_(session) {
    session_.script(kind == Kind::write ? "BEGIN IMMEDIATE" : "BEGIN");
  }
  // SQLite may have rolled back by itself already (disk full): then there is nothing to end.
  ~Transaction() {
    if (open_) session_.rollback();
  }
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;
  void commit() {
    session_.script("COMMIT");
    open_ = false;
  }

 private:
  Session& session_;
  bool open_ = true;
};

// Where exceptions of the database end: gives what `act` returns, or `error`.
template <class E, class F>
auto guard(E error, F&& act) -> base::Result<std::invoke_result_t<F>, E> {
  try {
    return act();
  } catch (const DatabaseError&) {
    return base::fail(error);
  }
}

}  // namespace db
