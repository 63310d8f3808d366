// SPDX-License-Identifier: Apache-2.0
#include "compliance/tree/merkle.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <map>

#include "record/leaf.h"

namespace {

using compliance::CompactRange;
using Hashes = std::vector<base::Sha256>;

std::string hex(const base::Sha256& hash) { return base::hex(base::as_chars(hash)); }
base::Sha256 leaf(std::int64_t n) { return record::leaf_hash(std::to_string(n)); }

// A store that keeps complete subtrees up to a size, and leaves beyond it.
struct Kept {
  Hashes leaves;
  std::map<int, Hashes> subtrees;

  explicit Kept(std::int64_t size, std::int64_t sealed) {
    CompactRange tree;
    for (std::int64_t n = 0; n < size; ++n) {
      leaves.push_back(leaf(n));
      tree.append(leaf(n));
      for (const auto& subtree : tree.completed())
        if (n < sealed) subtrees[subtree.level].push_back(subtree.hash);
    }
  }
  compliance::TreeHashes hashes() const {
    return [this](int level, std::int64_t first, std::size_t count) -> std::optional<Hashes> {
      const auto found = subtrees.find(level);
      const Hashes& row = level == 0 ? leaves : found == subtrees.end() ? none : found->second;
      const auto from = std::min(static_cast<std::size_t>(first), row.size());
      const auto to = std::min(from + count, row.size());
      return Hashes(row.begin() + static_cast<std::ptrdiff_t>(from),
                    row.begin() + static_cast<std::ptrdiff_t>(to));
    };
  }
  Hashes none;
};

// By the definition, RFC 9162 §2.1.1.
base::Sha256 by_definition(const Hashes& leaves) {
  if (leaves.empty()) return base::sha256("");
  if (leaves.size() == 1) return leaves.front();
  std::size_t split = 1;
  while (2 * split < leaves.size()) split *= 2;
  const auto middle = leaves.begin() + static_cast<std::ptrdiff_t>(split);
  return compliance::node_hash(by_definition({leaves.begin(), middle}),
                               by_definition({middle, leaves.end()}));
}

}  // namespace

// The inputs and roots that implementations of Certificate Transparency are tested with.
TEST_CASE("roots are those that others compute") {
  using namespace std::string_literals;
  const std::vector<std::string> inputs{
      "",
      "\0"s,
      "\x10",
      "\x20\x21",
      "\x30\x31",
      "\x40\x41\x42\x43",
      "\x50\x51\x52\x53\x54\x55\x56\x57",
      "\x60\x61\x62\x63\x64\x65\x66\x67\x68\x69\x6a\x6b\x6c\x6d\x6e\x6f"};
  const std::vector<std::string> roots{
      "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
      "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
      "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
      "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
      "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
      "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
      "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
      "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"};
  CompactRange tree;
  CHECK(hex(tree.root()) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  for (std::size_t n = 0; n < inputs.size(); ++n) {
    tree.append(record::leaf_hash(inputs[n]));
    CHECK(hex(tree.root()) == roots[n]);
  }
}

TEST_CASE("a tree is found again at every size, its subtrees kept or not") {
  const std::int64_t size = 1300;
  const Kept all(size, 0), sealed(size, 1100);
  CompactRange tree;
  for (std::int64_t n = 0; n <= size; ++n) {
    if (n > 0) tree.append(leaf(n - 1));
    if (n % 37 > 1 && n % 256 > 1) continue;
    for (const Kept* kept : {&all, &sealed}) {
      const auto found = compliance::tree_at(kept->hashes(), n);
      REQUIRE(found);
      CHECK(found->size() == n);
      CHECK(found->root() == tree.root());
      CHECK(found->peaks() == tree.peaks());
    }
    const Hashes first(all.leaves.begin(), all.leaves.begin() + n);
    CHECK(by_definition(first) == tree.root());
  }
}

TEST_CASE("every leaf is proved to be in every tree, and no other is") {
  const Kept kept(600, 520);
  for (const std::int64_t size : {1, 2, 3, 255, 256, 257, 511, 512, 513, 600}) {
    const auto root = compliance::tree_at(kept.hashes(), size)->root();
    for (std::int64_t index = 0; index < size; ++index) {
      const auto proof = compliance::inclusion_proof(kept.hashes(), index, size);
      REQUIRE(proof);
      CHECK(compliance::root_from(*proof, leaf(index), index, size) == root);
      CHECK(compliance::root_from(*proof, leaf(index + 1), index, size) != root);
      CHECK(compliance::root_from(*proof, leaf(index), (index + 1) % size, size) !=
            (size == 1 ? std::optional<base::Sha256>() : root));
      auto longer = *proof;
      longer.push_back(leaf(0));
      CHECK_FALSE(compliance::root_from(longer, leaf(index), index, size));
      if (proof->empty()) continue;
      auto shorter = *proof;
      shorter.pop_back();
      CHECK_FALSE(compliance::root_from(shorter, leaf(index), index, size));
    }
    CHECK_FALSE(compliance::inclusion_proof(kept.hashes(), size, size));
    CHECK_FALSE(compliance::inclusion_proof(kept.hashes(), -1, size));
  }
}

TEST_CASE("a range of leaves and what stands beside it give the root") {
  const Kept kept(600, 520);
  for (const std::int64_t size : {1, 256, 300, 512, 600})
    for (std::int64_t from = 0; from < size; from += 41)
      for (std::int64_t to = from; to <= size; to += 53) {
        const auto left = compliance::tree_at(kept.hashes(), from);
        const auto right = compliance::right_of(kept.hashes(), to, size);
        REQUIRE((left && right));
        auto tree = compliance::tree_of(left->peaks(), from);
        REQUIRE(tree);
        for (std::int64_t n = from; n < to; ++n) tree->append(leaf(n));
        std::vector<int> heights;
        for (const auto& [height, hash] : *right) {
          heights.push_back(height);
          tree->append(hash, height);
        }
        CHECK(heights == compliance::heights_right_of(to, size));
        CHECK(tree->root() == compliance::tree_at(kept.hashes(), size)->root());
      }
  CHECK_FALSE(compliance::tree_of({leaf(0)}, 3));
}
