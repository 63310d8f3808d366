// SPDX-License-Identifier: Apache-2.0
// Engine: what SQLite and PostgreSQL do each in its way below a Session. Seen by the three files
// that see SOCI.
#pragma once

#include <soci/soci.h>

#include <memory>

#include "db/sql/sql.h"

namespace db {

class Engine {
 public:
  virtual ~Engine() = default;
  virtual soci::session& soci() = 0;
  // Several statements without parameters. Throws DatabaseError.
  virtual void script(const char* sql) = 0;
  virtual void begin(TransactionKind kind) = 0;
  virtual void commit() = 0;
  virtual void rollback() noexcept = 0;
  // Around whatever waits for an answer that must come soon.
  virtual void begin_wait() noexcept {}
  virtual void end_wait() noexcept {}
  // From here on no answer is late.
  virtual void be_patient() {}
  // Any thread: whoever waits for the database in this session gets an error soon.
  virtual void interrupt() noexcept = 0;
  // What the library threw, as ours.
  virtual DatabaseError translate(const soci::soci_error& error) const = 0;
  // Whether a text can be stored as it is.
  virtual bool storable(const std::string& text) const = 0;
};

class Waiting {
 public:
  explicit Waiting(Engine& engine) : engine_(engine) { engine_.begin_wait(); }
  ~Waiting() { engine_.end_wait(); }
  Waiting(const Waiting&) = delete;
  Waiting& operator=(const Waiting&) = delete;

 private:
  Engine& engine_;
};

// Throw DatabaseError.
std::unique_ptr<Engine> open_sqlite(const Target& target, Session::Use use);
std::unique_ptr<Engine> open_postgres(const Target& target, Session::Use use);

}  // namespace db
