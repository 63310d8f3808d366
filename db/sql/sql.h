// SPDX-License-Identifier: Apache-2.0
// SQLite and PostgreSQL through SOCI: connections, prepared statements, transactions. SOCI itself
// is seen by sql.cpp and the two engines alone (its headers are slow to compile). For db/'s own
// files.
#pragma once

#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>

#include "base/result.h"
#include "db/sql/target.h"

namespace db {

class Engine;

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

enum class TransactionKind { read, write };

// A connection. Neither it nor its statements are used again after an error that is not about a
// row's own sake. One thread at a time. All throw DatabaseError.
class Session {
 public:
  // `full`: what is committed is on stable storage (SQLite: WAL and synchronous=FULL; a file that
  // is not there is made, for its owner only). `reader`: writes nothing, and gives up after ten
  // seconds.
  enum class Use { full, reader };
  Session(const Target& target, Use use);
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  Dialect dialect() const { return dialect_; }
  void script(const char* sql);  // several statements, as in a schema file; no parameters
  // Any thread, while the session lives: whoever waits for the database in it gets an error soon.
  void interrupt() noexcept;
  // From here on each answer may take as long as it takes; nothing but interrupt(), or the end of
  // the connection, ends the wait for it.
  void be_patient();

 private:
  friend class Statement;
  friend class Transaction;
  const Dialect dialect_;
  std::unique_ptr<Engine> engine_;
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
// sql` and `void bind(Statement&)`, which binds its members; `postgres_sql` beside it if the text
// must be another there. Neither moves.
template <class Row>
class Prepared {
 public:
  explicit Prepared(Session& session) : statement_(session), dialect_(session.dialect()) {
    row.bind(statement_);
    statement_.prepare(text(dialect_));
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
  // As each(), while `take` gives true. SQLite's cursor is closed by running the query again for no
  // rows, so the query must have a LIMIT in `row.max`; PostgreSQL has sent all rows by then.
  template <class Take>
  void each_while(Take&& take) {
    for (bool more = statement_.first(); more; more = statement_.next()) {
      if (take()) continue;
      if (dialect_ == Dialect::postgres) return;
      row.max = 0;
      statement_.first();
      return;
    }
  }

  Row row;

 private:
  static const char* text(Dialect dialect) {
    if constexpr (requires { Row::postgres_sql; })
      if (dialect == Dialect::postgres) return Row::postgres_sql;
    return Row::sql;
  }
  Statement statement_;
  const Dialect dialect_;
};

// BEGIN … COMMIT; without commit() it is rolled back. `write` takes SQLite's one write lock at
// once; `read` sees one snapshot.
class Transaction {
 public:
  using Kind = TransactionKind;
  Transaction(Session& session, Kind kind);
  // The database may have rolled back by itself already (disk full): then there is nothing to end.
  ~Transaction();
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;
  // Throws too if the database rolled back instead. Where the connection is lost meanwhile nobody
  // knows which it was.
  void commit();

 private:
  Session& session_;
  bool open_ = true;
};

// Where exceptions of the database end: gives what `act` returns, or `error`. `failed(reason)` is
// told why: who asked gets to know that there is no answer, the operator what to do about it.
template <class E, class F, class Failed>
auto guard(E error, F&& act, Failed&& failed) -> base::Result<std::invoke_result_t<F>, E> {
  try {
    return act();
  } catch (const DatabaseError& why) {
    failed(why.what());
    return base::fail(error);
  }
}

}  // namespace db
