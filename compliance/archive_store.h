// SPDX-License-Identifier: Apache-2.0
// The archive database. Append-only; it says itself where to go on.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "compliance/checkpoint_store.h"
#include "compliance/outbox.h"

namespace compliance {

struct SourceHead {
  std::int64_t sn = 0;
  base::Sha256 hash{};
};

// Calls block; one thread.
class ArchiveStore : public CheckpointStore {
 public:
  virtual base::Result<std::map<std::string, SourceHead>, StoreError> heads() = 0;
  // The hash archived for this number of a source; nullopt if there is none.
  virtual base::Result<std::optional<base::Sha256>, StoreError> leaf_hash(const std::string& source,
                                                                          std::int64_t sn) = 0;
  // All or nothing: rows get the next dense seq numbers, heads move along in the same transaction.
  // `refused`: a row does not continue its source's head, or the archive will not have it.
  virtual base::Result<void, StoreError> append(const std::vector<OutboxRow>& rows) = 0;
  // Of `source` what follows `head` comes next, though what came before it is not all here: it is
  // lost, and an event says so. Only forwards.
  virtual base::Result<void, StoreError> skip(const std::string& source,
                                              const SourceHead& head) = 0;
  // SQLite: once the events have come into another month, seals the file they are in and goes on in
  // a new one; true if it did. Only while the last checkpoint is over all events. `unavailable`
  // also while somebody reads that file: try again. PostgreSQL has nothing to do.
  virtual base::Result<bool, StoreError> close_month() = 0;
};

}  // namespace compliance
