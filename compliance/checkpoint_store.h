// SPDX-License-Identifier: Apache-2.0
// What the archive keeps of its Merkle tree (RFC 9162 §2.1) beside the leaves: signed checkpoints
// and the hashes of complete subtrees, so that neither a proof nor a start reads every leaf.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "compliance/outbox.h"

namespace compliance {

struct Checkpoint {
  std::int64_t size = 0;  // leaves in the tree
  base::Sha256 root{};
  std::int64_t issued_us = 0;
  std::string note;  // the signed note, as it was published (docs/archive-format.md)
};

// The hash over 256^level leaves, the `index`-th such run from the first leaf. Level 0 are the
// leaves themselves and are not kept as subtrees.
struct Subtree {
  int level = 1;
  std::int64_t index = 0;
  base::Sha256 hash{};
};

// Calls block; one thread.
class CheckpointStore {
 public:
  virtual ~CheckpointStore() = default;
  // 16 hex digits, made once by chance: no two archives have the same.
  virtual base::Result<std::string, StoreError> id() = 0;
  virtual base::Result<std::int64_t, StoreError> size() = 0;  // number of leaves
  // Hashes of the leaves `first`, `first + 1`, …, at most `count`; fewer at the end.
  virtual base::Result<std::vector<base::Sha256>, StoreError> leaf_hashes(std::int64_t first,
                                                                          std::size_t count) = 0;
  // Of one level, from index `first` on, at most `count`; fewer at the end. Level 1 and above.
  virtual base::Result<std::vector<base::Sha256>, StoreError> subtrees(int level,
                                                                       std::int64_t first,
                                                                       std::size_t count) = 0;
  virtual base::Result<std::optional<Checkpoint>, StoreError> last_checkpoint() = 0;
  // The checkpoint and the subtrees that became complete since the last one, in one transaction.
  // `refused`: it is not larger than the last, or goes beyond the leaves, or a subtree is there.
  virtual base::Result<void, StoreError> add_checkpoint(const Checkpoint& checkpoint,
                                                        const std::vector<Subtree>& complete) = 0;
  // Why the last call that failed did, for people; no secrets, no values of rows.
  virtual std::string last_error() const { return {}; }
};

}  // namespace compliance
