// SPDX-License-Identifier: Apache-2.0
// Ownership: one process at a time writes a database. The lock is the kernel's on a file beside an
// SQLite database, an advisory one of a connection in PostgreSQL: free as soon as its holder is
// gone, however it went. For db/'s own files.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "base/result.h"
#include "db/sql/sql.h"
#include "db/sqlite/owner_lock.h"

namespace db {

// The two databases, never one: each has a schema of its own.
enum class Owned { content, archive };

class Ownership {
 public:
  // The error is one sentence that names the holder. Throws nothing.
  static base::Result<Ownership, std::string> take(const Target& target, Owned what);

  // PostgreSQL: what holds the lock while records are written is the connection that commits, so
  // that nobody can own the database while a commit of the owner before is still under way. It is
  // about to take it: from here until it has, others who want to own the database are kept from it
  // by a second lock. SQLite: nothing to do.
  void let_writer_lock();
  void writer_has_lock();

 private:
  Ownership() = default;
  std::optional<OwnerLock> file_;
  std::unique_ptr<Session> session_;
  int number_ = 0;
};

// For the connection that writes; again on each new one. SQLite: nothing. Throws DatabaseError if
// somebody else has the lock.
void lock_for_writing(Session& session, Owned what);
// Who has it, for people: "process 4711 since …"; "" if nobody, or SQLite's holder could not say
// so. Throws DatabaseError.
std::string holder_of(const Target& target, Owned what);

}  // namespace db
