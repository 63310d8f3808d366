// SPDX-License-Identifier: Apache-2.0
#include "compliance/tree/merkle.h"

#include <algorithm>
#include <bit>

#include "base/check.h"

namespace compliance {
namespace {

constexpr int height_of_level = 8;  // 256 = 2^8

std::uint64_t bits(std::int64_t n) { return static_cast<std::uint64_t>(n); }
int highest(std::int64_t n) { return static_cast<int>(std::bit_width(bits(n))) - 1; }
std::int64_t width(int height) { return std::int64_t{1} << height; }

// The root of `hashes`, of which there are a power of two.
base::Sha256 folded(std::vector<base::Sha256> hashes) {
  for (std::size_t n = hashes.size(); n > 1; n /= 2)
    for (std::size_t i = 0; i < n / 2; ++i) hashes[i] = node_hash(hashes[2 * i], hashes[2 * i + 1]);
  return hashes.front();
}

// The root of the 2^height leaves from `first` on, which is a multiple of that.
std::optional<base::Sha256> complete(const TreeHashes& hashes, std::int64_t first, int height) {
  const int level = height / height_of_level;
  const auto count = static_cast<std::size_t>(width(height % height_of_level));
  auto found = hashes(level, first >> (level * height_of_level), count);
  if (found && found->size() == count) return folded(*std::move(found));
  if (level == 0) return std::nullopt;
  const auto left = complete(hashes, first, height - 1);
  const auto right = left ? complete(hashes, first + width(height - 1), height - 1) : std::nullopt;
  if (!right) return std::nullopt;
  return node_hash(*left, *right);
}

// MTH(D[first:end]), RFC 9162 §2.1.1.
std::optional<base::Sha256> root_of(const TreeHashes& hashes, std::int64_t first,
                                    std::int64_t end) {
  const std::int64_t n = end - first;
  if (std::has_single_bit(bits(n))) return complete(hashes, first, highest(n));
  const std::int64_t split = first + width(highest(n));
  const auto left = root_of(hashes, first, split);
  const auto right = left ? root_of(hashes, split, end) : std::nullopt;
  if (!right) return std::nullopt;
  return node_hash(*left, *right);
}

bool path(const TreeHashes& hashes, std::int64_t index, std::int64_t first, std::int64_t end,
          std::vector<base::Sha256>& proof) {
  const std::int64_t n = end - first;
  if (n == 1) return true;
  const int height = highest(n - 1);  // the largest power of two below n
  const std::int64_t split = first + width(height);
  const bool left = index < split;
  if (!path(hashes, index, left ? first : split, left ? split : end, proof)) return false;
  const auto sibling = left ? root_of(hashes, split, end) : root_of(hashes, first, split);
  if (!sibling) return false;
  proof.push_back(*sibling);
  return true;
}

}  // namespace

base::Sha256 node_hash(const base::Sha256& left, const base::Sha256& right) {
  return base::sha256_parts(
      {std::string_view("\1", 1), base::as_chars(left), base::as_chars(right)});
}

void CompactRange::append(const base::Sha256& subtree, int height) {
  CHECK(size_ % width(height) == 0);
  completed_.clear();
  base::Sha256 hash = subtree;
  int at = height;
  for (; (size_ >> at & 1) != 0; ++at) {
    hash = node_hash(peaks_.back(), hash);
    peaks_.pop_back();
    if ((at + 1) % height_of_level == 0)
      completed_.push_back({(at + 1) / height_of_level, size_ >> (at + 1), hash});
  }
  peaks_.push_back(hash);
  size_ += width(height);
}

base::Sha256 CompactRange::root() const {
  if (peaks_.empty()) return base::sha256("");
  base::Sha256 hash = peaks_.back();
  for (auto peak = peaks_.rbegin() + 1; peak != peaks_.rend(); ++peak)
    hash = node_hash(*peak, hash);
  return hash;
}

std::optional<CompactRange> tree_at(const TreeHashes& hashes, std::int64_t size) {
  CompactRange tree;
  for (int height = 62; height >= 0; --height) {
    if ((size >> height & 1) == 0) continue;
    const auto hash = complete(hashes, tree.size(), height);
    if (!hash) return std::nullopt;
    tree.append(*hash, height);
  }
  return tree;
}

std::optional<std::vector<base::Sha256>> inclusion_proof(const TreeHashes& hashes,
                                                         std::int64_t index, std::int64_t size) {
  std::vector<base::Sha256> proof;
  if (index < 0 || index >= size || !path(hashes, index, 0, size, proof)) return std::nullopt;
  return proof;
}

std::optional<base::Sha256> root_from(const std::vector<base::Sha256>& proof,
                                      const base::Sha256& leaf, std::int64_t index,
                                      std::int64_t size) {
  if (index < 0 || index >= size) return std::nullopt;
  std::int64_t node = index, last = size - 1;
  base::Sha256 hash = leaf;
  for (const auto& beside : proof) {
    if (last == 0) return std::nullopt;
    if ((node & 1) != 0 || node == last) {
      hash = node_hash(beside, hash);
      while ((node & 1) == 0 && node != 0) node >>= 1, last >>= 1;
    } else {
      hash = node_hash(hash, beside);
    }
    node >>= 1;
    last >>= 1;
  }
  if (last != 0) return std::nullopt;
  return hash;
}

std::vector<int> heights_right_of(std::int64_t from, std::int64_t size) {
  std::vector<int> heights;
  while (from < size) {
    int height = highest(size - from);
    if (from != 0) height = std::min(height, std::countr_zero(bits(from)));
    heights.push_back(height);
    from += width(height);
  }
  return heights;
}

std::optional<std::vector<Beside>> right_of(const TreeHashes& hashes, std::int64_t from,
                                            std::int64_t size) {
  std::vector<Beside> found;
  for (const int height : heights_right_of(from, size)) {
    const auto hash = complete(hashes, from, height);
    if (!hash) return std::nullopt;
    found.push_back({height, *hash});
    from += width(height);
  }
  return found;
}

std::optional<CompactRange> tree_of(const std::vector<base::Sha256>& peaks, std::int64_t size) {
  if (size < 0 || peaks.size() != static_cast<std::size_t>(std::popcount(bits(size))))
    return std::nullopt;
  CompactRange tree;
  auto peak = peaks.begin();
  for (int height = 62; height >= 0; --height)
    if ((size >> height & 1) != 0) tree.append(*peak++, height);
  return tree;
}

}  // namespace compliance
