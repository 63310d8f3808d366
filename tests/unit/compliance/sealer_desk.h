// SPDX-License-Identifier: Apache-2.0
// A sealer at work: an archive of leaves in memory, and a file outside.
#pragma once

#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include "compliance/tree/sealer.h"
#include "record/leaf.h"
#include "tests/support/fakes.h"

namespace tests {

using compliance::Checkpoint;
using compliance::Sealer;
using compliance::Sealing;
using compliance::StoreError;
using compliance::Subtree;
using Hashes = std::vector<base::Sha256>;

inline base::Sha256 leaf(std::int64_t n) { return record::leaf_hash(std::to_string(n)); }

struct FakeStore final : compliance::CheckpointStore {
  template <class T>
  using Read = base::Result<T, StoreError>;

  Read<std::string> id() override { return std::string("0123456789abcdef"); }
  Read<std::int64_t> size() override {
    if (away) return base::fail(StoreError::unavailable);
    return static_cast<std::int64_t>(leaves.size());
  }
  Read<Hashes> leaf_hashes(std::int64_t first, std::size_t count) override {
    ++reads;
    return page(leaves, first, count);
  }
  Read<Hashes> subtrees(int level, std::int64_t first, std::size_t count) override {
    return page(complete[level], first, count);
  }
  Read<std::optional<Checkpoint>> last_checkpoint() override {
    if (checkpoints.empty()) return std::optional<Checkpoint>();
    return std::optional(checkpoints.back());
  }
  base::Result<void, StoreError> add_checkpoint(const Checkpoint& checkpoint,
                                                const std::vector<Subtree>& subtrees) override {
    if (away) return base::fail(StoreError::unavailable);
    if (!checkpoints.empty() && checkpoint.size <= checkpoints.back().size)
      return base::fail(StoreError::refused);
    for (const auto& subtree : subtrees) {
      REQUIRE(subtree.index == static_cast<std::int64_t>(complete[subtree.level].size()));
      complete[subtree.level].push_back(subtree.hash);
    }
    checkpoints.push_back(checkpoint);
    away = away_then;
    return {};
  }
  static Hashes page(const Hashes& all, std::int64_t first, std::size_t count) {
    const auto from = std::min(static_cast<std::size_t>(first), all.size());
    const auto to = std::min(from + count, all.size());
    return {all.begin() + static_cast<std::ptrdiff_t>(from),
            all.begin() + static_cast<std::ptrdiff_t>(to)};
  }

  Hashes leaves;
  std::map<int, Hashes> complete;
  std::vector<Checkpoint> checkpoints;
  bool away = false, away_then = false;  // then: when it has taken a checkpoint
  int reads = 0;                         // of leaves
};

// How often something was told.
struct CountingLog final : base::Log {
  bool enabled(base::Level level) const override { return level >= base::Level::warn; }
  void write(base::Level, std::string_view event, std::initializer_list<base::Field>) override {
    ++told[std::string(event)];
  }
  std::map<std::string, int> told;
};

struct Desk {
  Desk() {
    folder = std::filesystem::temp_directory_path() / "hansard-sealer-test";
    std::filesystem::remove_all(folder);
    std::filesystem::create_directories(folder);
    file = folder / "checkpoints.log";
  }
  ~Desk() { std::filesystem::remove_all(folder); }

  // As after a start of the program.
  Sealer& start(const base::SigningKey* before = nullptr) {
    std::vector<compliance::NoteKey> known{{origin, key.public_key()}};
    if (before != nullptr) known.push_back({origin, before->public_key()});
    sealer.emplace(
        Sealer::Parts{store, clock, log, key, known, before, [this] { ++rotated; }, origin, file});
    return *sealer;
  }
  void grow(std::int64_t count, std::int64_t kind = 0) {
    Hashes added;
    for (std::int64_t n = 0; n < count; ++n) {
      store.leaves.push_back(leaf(kind + static_cast<std::int64_t>(store.leaves.size())));
      added.push_back(store.leaves.back());
    }
    if (sealer) sealer->appended(added);
  }
  std::vector<std::string> published() const {
    std::ifstream in(file);
    std::stringstream text;
    text << in.rdbuf();
    return compliance::notes_in(text.str());
  }
  std::vector<std::int64_t> sizes() const {
    std::vector<std::int64_t> found;
    for (const auto& note : published()) {
      const auto parsed = compliance::Note::parse(note);
      REQUIRE(parsed);
      CHECK(compliance::check_signatures(*parsed, {{origin, key.public_key()}}) ==
            compliance::Signed::yes);
      found.push_back(compliance::CheckpointText::parse(parsed->text).value().size);
    }
    return found;
  }
  // The root over the first leaves, by the leaves alone.
  base::Sha256 root(std::int64_t size) const {
    compliance::CompactRange tree;
    for (std::int64_t n = 0; n < size; ++n) tree.append(store.leaves[static_cast<std::size_t>(n)]);
    return tree.root();
  }

  std::filesystem::path folder;
  std::string file, origin = "localhost/archive/0123456789abcdef";
  FakeStore store;
  tests::FakeClock clock;
  CountingLog log;
  base::SigningKey key = base::SigningKey::make();
  std::optional<Sealer> sealer;
  int rotated = 0;
};

using Sizes = std::vector<std::int64_t>;

}  // namespace tests
