// SPDX-License-Identifier: Apache-2.0
// The Merkle tree over the archive's leaves (RFC 9162 §2.1, SHA-256): roots, proofs of inclusion,
// and the hashes beside a range of leaves. Leaves come as their hashes (record::leaf_hash).
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "compliance/checkpoint_store.h"

namespace compliance {

base::Sha256 node_hash(const base::Sha256& left, const base::Sha256& right);

// A tree that only grows, kept as the roots of the complete subtrees that it ends in: at most 63
// hashes for any number of leaves.
class CompactRange {
 public:
  void append(const base::Sha256& leaf) { append(leaf, 0); }
  // The root of 2^height leaves, of which as many must come now: size() is a multiple of 2^height.
  void append(const base::Sha256& subtree, int height);

  std::int64_t size() const { return size_; }
  base::Sha256 root() const;  // of no leaves: SHA-256 of nothing
  const std::vector<base::Sha256>& peaks() const { return peaks_; }  // largest first
  // What became complete with the last append(leaf): subtrees of 256, 65,536, … leaves.
  const std::vector<Subtree>& completed() const { return completed_; }

 private:
  std::vector<base::Sha256> peaks_;
  std::vector<Subtree> completed_;
  std::int64_t size_ = 0;
};

// Hashes of 256^level leaves each, from the `first`-th on, exactly `count`; nullopt: not available.
using TreeHashes = std::function<std::optional<std::vector<base::Sha256>>(
    int level, std::int64_t first, std::size_t count)>;
// Of a CheckpointStore or an ArchiveReader, which must outlive it. Where subtrees are not kept yet
// they are made of what is below them.
template <class Store>
TreeHashes hashes_of(Store& store) {
  return [&store](int level, std::int64_t first,
                  std::size_t count) -> std::optional<std::vector<base::Sha256>> {
    auto found = level == 0 ? store.leaf_hashes(first, count) : store.subtrees(level, first, count);
    if (!found) return std::nullopt;
    return *std::move(found);
  };
}

// The tree's state at `size` leaves.
std::optional<CompactRange> tree_at(const TreeHashes& hashes, std::int64_t size);
// RFC 9162 §2.1.3.1: the path from leaf `index` to the root of the first `size`, sibling first.
std::optional<std::vector<base::Sha256>> inclusion_proof(const TreeHashes& hashes,
                                                         std::int64_t index, std::int64_t size);
// §2.1.3.2: the root that the path leads to; nullopt if it has not the length it must have.
std::optional<base::Sha256> root_from(const std::vector<base::Sha256>& proof,
                                      const base::Sha256& leaf, std::int64_t index,
                                      std::int64_t size);

// A complete subtree of 2^height leaves.
struct Beside {
  int height = 0;
  base::Sha256 hash{};
};
// What stands right of the first `from` leaves in a tree of `size`, in order: appended to the
// tree at `from` they give its root.
std::optional<std::vector<Beside>> right_of(const TreeHashes& hashes, std::int64_t from,
                                            std::int64_t size);
// The heights of those, without hashes: what a verifier expects.
std::vector<int> heights_right_of(std::int64_t from, std::int64_t size);
// The tree at `size` out of its peaks, largest first; nullopt if their number is wrong.
std::optional<CompactRange> tree_of(const std::vector<base::Sha256>& peaks, std::int64_t size);

}  // namespace compliance
