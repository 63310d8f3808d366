// SPDX-License-Identifier: Apache-2.0
// From an event to its rows: state, history and outbox, in the event's transaction. The one place
// where anything is saved. For db/'s own files.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "record/leaf.h"

namespace db {

class Session;

class Derivation {
 public:
  // Prepares its statements on `session`, which must outlive it and hold the schema.
  explicit Derivation(Session& session);
  ~Derivation();

  // State and history. What is written is in the database after flush(). Throws DatabaseError, or
  // db::Refused where the state does not hold what the event changes.
  void write(const record::Event& event, const record::Placement& placement,
             std::int64_t incarnation);
  // The copy for the archive. Throws DatabaseError.
  void write_outbox(const record::Event& event, const record::Leaf& leaf,
                    const record::Placement& placement, std::int64_t incarnation);
  void flush();             // throws DatabaseError
  void discard() noexcept;  // what was not flushed is forgotten

 private:
  struct Statements;
  std::unique_ptr<Statements> statements_;
};

// The outbox's order: see 0001_first.sql. What waits of an incarnation is without gaps: numbers are
// dense, and rows go from the front.
constexpr std::int64_t outbox_position(std::int64_t incarnation, std::int64_t sn) {
  return incarnation * (std::int64_t{1} << 40) + sn;
}
constexpr std::int64_t outbox_incarnation(std::int64_t position) { return position >> 40; }

}  // namespace db
