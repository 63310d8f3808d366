// SPDX-License-Identifier: Apache-2.0
// What finds events in the archive, derived from their leaves: stays in rooms, what was given out
// of them later, the rooms' addresses, and where times and ids are. Written with the events, made
// anew from them where it is missing. For db/stores/archive/.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "compliance/outbox.h"
#include "db/sql/sql.h"

namespace db::archive {

constexpr std::int64_t stretch_size = 1024;  // leaves, as the schema says

// How many bits the number has: a range of rooms' numbers of length n has bits(n) as its `span`.
int bits(std::int64_t number);

// Of one connection. All throw DatabaseError.
class Derived {
 public:
  explicit Derived(Session& session);
  ~Derived();

  // Collects; write() puts it into the database, in the caller's transaction, and notes that all
  // leaves below `size` are done.
  void add(std::int64_t seq, const compliance::OutboxRow& row);
  void write(std::int64_t size);
  void discard();

  // Makes what is missing of an archive of `size` leaves, in transactions of its own. All of it, if
  // the leaves have become fewer; of a volume that begins with `first`, what is its own.
  void catch_up(std::int64_t first, std::int64_t size);

 private:
  struct Impl;
  const std::unique_ptr<Impl> impl_;
};

}  // namespace db::archive
