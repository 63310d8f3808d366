// SPDX-License-Identifier: Apache-2.0
#include "compliance/tree/sealer.h"

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

#include "record/leaf.h"
#include "tests/support/fakes.h"

namespace {

using compliance::Checkpoint;
using compliance::Sealer;
using compliance::Sealing;
using compliance::StoreError;
using compliance::Subtree;
using Hashes = std::vector<base::Sha256>;

base::Sha256 leaf(std::int64_t n) { return record::leaf_hash(std::to_string(n)); }

struct FakeStore final : compliance::CheckpointStore {
  template <class T>
  using Read = base::Result<T, StoreError>;

  Read<std::string> id() override { return std::string("0123456789abcdef"); }
  Read<std::int64_t> size() override {
    if (away) return base::fail(StoreError::unavailable);
    return static_cast<std::int64_t>(leaves.size());
  }
  Read<Hashes> leaf_hashes(std::int64_t first, std::size_t count) override {
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
  bool away = false;
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
        Sealer::Parts{store, clock, *log, key, known, before, [this] { ++rotated; }, origin, file});
    return *sealer;
  }
  void grow(std::int64_t count) {
    Hashes added;
    for (std::int64_t n = 0; n < count; ++n) {
      store.leaves.push_back(leaf(static_cast<std::int64_t>(store.leaves.size())));
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
  std::unique_ptr<base::Log> log = base::make_null_log();
  base::SigningKey key = base::SigningKey::make();
  std::optional<Sealer> sealer;
  int rotated = 0;
};

using Sizes = std::vector<std::int64_t>;

}  // namespace

TEST_CASE("a checkpoint is published, kept and true") {
  Desk desk;
  desk.grow(3);
  CHECK(desk.start().seal() == Sealing::ready);
  CHECK(desk.sizes() == Sizes{3});
  REQUIRE(desk.store.checkpoints.size() == 1);
  CHECK(desk.store.checkpoints[0].root == desk.root(3));
  CHECK(desk.store.checkpoints[0].note == desk.published()[0]);
  CHECK(desk.sealer->sealed() == 3);

  CHECK(desk.sealer->seal() == Sealing::ready);  // nothing new, nothing said
  CHECK(desk.sizes() == Sizes{3});
  desk.grow(1000);
  CHECK(desk.sealer->seal() == Sealing::ready);
  CHECK(desk.sizes() == Sizes{3, 1003});
  CHECK(desk.store.checkpoints.back().root == desk.root(1003));
  CHECK(desk.store.complete[1].size() == 3);
}

TEST_CASE("an empty archive has no checkpoint") {
  Desk desk;
  CHECK(desk.start().seal() == Sealing::ready);
  CHECK(desk.published().empty());
  CHECK(desk.store.checkpoints.empty());
}

TEST_CASE("a checkpoint is due after 5,000 events") {
  Desk desk;
  CHECK(desk.start().seal() == Sealing::ready);
  desk.grow(compliance::checkpoint_events - 1);
  CHECK_FALSE(desk.sealer->due());
  desk.grow(1);
  CHECK(desk.sealer->due());
  desk.grow(1);
  CHECK(desk.sealer->due());
}

TEST_CASE("a checkpoint is due after ten seconds, if there is anything new") {
  Desk desk;
  CHECK(desk.start().seal() == Sealing::ready);
  desk.grow(1);
  desk.clock.advance(compliance::checkpoint_time - 1);
  CHECK_FALSE(desk.sealer->due());
  desk.clock.advance(1);
  CHECK(desk.sealer->due());
  desk.clock.advance(1);
  CHECK(desk.sealer->due());
  desk.sealer->seal();
  desk.clock.advance(compliance::checkpoint_time);
  CHECK_FALSE(desk.sealer->due());
}

TEST_CASE("a start goes on where the last one ended, however many leaves came since") {
  for (const std::int64_t more : {0, 1, 255, 5000}) {
    Desk desk;
    desk.grow(700);
    desk.start().seal();
    desk.sealer.reset();
    desk.grow(more);
    CHECK(desk.start().seal() == Sealing::ready);
    CHECK(desk.sealer->sealed() == 700 + more);
    CHECK(desk.store.checkpoints.back().root == desk.root(700 + more));
    CHECK(desk.store.complete[1].size() == static_cast<std::size_t>((700 + more) / 256));
  }
}

TEST_CASE("published, and then the machine stops before the archive has it") {
  Desk desk;
  desk.grow(300);
  desk.start().seal();
  desk.grow(400);
  desk.store.away = true;
  CHECK(desk.sealer->seal() == Sealing::unavailable);
  CHECK(desk.sizes() == Sizes{300, 700});
  CHECK(desk.sealer->sealed() == 300);
  desk.store.away = false;
  desk.sealer.reset();
  desk.grow(100);
  CHECK(desk.start().seal() == Sealing::ready);
  CHECK(desk.sizes() == Sizes{300, 700, 800});
  REQUIRE(desk.store.checkpoints.size() == 3);
  CHECK(desk.store.checkpoints[1].size == 700);
  CHECK(desk.store.checkpoints[1].note == desk.published()[1]);
  CHECK(desk.store.complete[1].size() == 3);
}

TEST_CASE("an archive with a tail cut off is not signed, until the tail is back") {
  Desk desk;
  desk.grow(700);
  desk.start().seal();
  const FakeStore whole = desk.store;
  desk.store.leaves.resize(699);
  desk.store.checkpoints.clear();
  desk.store.complete.clear();
  CHECK(desk.start().seal() == Sealing::truncated);
  CHECK(desk.sealer->trouble().find("over 700 events") != std::string::npos);
  CHECK(desk.sealer->sealed() == 0);
  CHECK(desk.sizes() == Sizes{700});
  desk.grow(1);  // the same leaf again, out of the outbox
  CHECK(desk.sealer->seal() == Sealing::ready);
  CHECK(desk.sealer->sealed() == 700);
  CHECK(desk.sizes() == Sizes{700});
  CHECK(desk.store.checkpoints.back().root == desk.root(700));
}

TEST_CASE("an archive with other leaves is not signed") {
  for (const std::size_t which : {std::size_t{0}, std::size_t{699}}) {
    Desk desk;
    desk.grow(700);
    desk.start().seal();
    desk.store.leaves[which] = leaf(9999);
    desk.store.checkpoints.clear();
    desk.store.complete.clear();
    CHECK(desk.start().seal() == Sealing::inconsistent);
    desk.grow(10);
    CHECK(desk.sealer->seal() == Sealing::inconsistent);
    CHECK(desk.sizes() == Sizes{700});
  }
}

TEST_CASE("checkpoints of another archive, or by another's key, are not continued") {
  Desk desk;
  desk.grow(5);
  desk.start().seal();
  SECTION("another archive") { desk.origin = "localhost/archive/fedcba9876543210"; }
  SECTION("another key") { desk.key = base::SigningKey::make(); }
  CHECK(desk.start().seal() == Sealing::foreign);
  CHECK(desk.published().size() == 1);
}

TEST_CASE("a note that was being written when the machine stopped does no harm") {
  Desk desk;
  desk.grow(5);
  desk.start().seal();
  desk.grow(5);
  const auto whole = std::filesystem::file_size(desk.file);
  desk.sealer->seal();
  std::filesystem::resize_file(desk.file, whole + 40);
  desk.store.checkpoints.pop_back();
  desk.grow(5);
  CHECK(desk.start().seal() == Sealing::ready);
  const auto notes = desk.published();
  CHECK(compliance::CheckpointText::parse(compliance::Note::parse(notes.back())->text)->size == 15);
}

TEST_CASE("while the file cannot be written there is no checkpoint, and then there is") {
  Desk desk;
  const std::string good = desk.file;
  std::filesystem::create_directories(good);
  desk.grow(5);
  CHECK(desk.start().seal() == Sealing::unavailable);
  CHECK(desk.sealer->trouble().find(good) != std::string::npos);
  CHECK(desk.store.checkpoints.empty());
  std::filesystem::remove(good);
  CHECK(desk.sealer->seal() == Sealing::ready);
  CHECK(desk.sizes() == Sizes{5});
}

TEST_CASE("a file that was lost begins with the last checkpoint of the archive") {
  Desk desk;
  desk.grow(5);
  desk.start().seal();
  desk.grow(5);
  desk.sealer->seal();
  std::filesystem::remove(desk.file);
  CHECK(desk.start().seal() == Sealing::ready);
  CHECK(desk.sizes() == Sizes{10});
  desk.grow(1);
  CHECK(desk.sealer->seal() == Sealing::ready);
  CHECK(desk.sizes() == Sizes{10, 11});
}

TEST_CASE("the first checkpoint of a new key carries the old one's signature too") {
  Desk desk;
  const auto before = base::SigningKey::make();
  desk.grow(5);
  CHECK(desk.start(&before).seal() == Sealing::ready);
  CHECK(compliance::Note::parse(desk.published().back())->signatures.size() == 2);
  desk.grow(5);
  CHECK(desk.sealer->seal() == Sealing::ready);
  CHECK(compliance::Note::parse(desk.published().back())->signatures.size() == 1);
  CHECK(desk.rotated == 1);
}

TEST_CASE("a loss that is accepted: checkpoints go on under an origin of their own") {
  Desk desk;
  desk.grow(700);
  CHECK(desk.start().seal() == Sealing::ready);
  CHECK_FALSE(desk.sealer->accept());  // nothing to accept
  for (const int epoch : {2, 3}) {
    desk.store.leaves.resize(desk.store.leaves.size() - 100);
    std::erase_if(desk.store.checkpoints, [&](const Checkpoint& c) {
      return c.size > static_cast<std::int64_t>(desk.store.leaves.size());
    });
    if (desk.store.checkpoints.empty()) desk.store.complete.clear();
    desk.sealer.reset();
    CHECK(desk.start().seal() == Sealing::truncated);
    const auto size = static_cast<std::int64_t>(desk.store.leaves.size());
    const auto accepted = desk.sealer->accept();
    REQUIRE(accepted);
    CHECK(*accepted == size);
    CHECK(desk.sizes().back() == size);
    CHECK(desk.start().seal() == Sealing::ready);
    desk.grow(10);
    CHECK(desk.sealer->seal() == Sealing::ready);
    const auto last =
        compliance::CheckpointText::parse(compliance::Note::parse(desk.published().back())->text);
    CHECK(last->origin == desk.origin + "/" + std::to_string(epoch));
    CHECK(last->size == size + 10);
    CHECK(last->root == desk.root(size + 10));
  }
}

TEST_CASE("checkpoints of another archive are not accepted") {
  Desk desk;
  desk.grow(5);
  desk.start().seal();
  desk.origin = "localhost/archive/fedcba9876543210";
  CHECK(desk.start().seal() == Sealing::foreign);
  CHECK_FALSE(desk.sealer->accept());
}

TEST_CASE("the key is lost: with a new one checkpoints go on once that is accepted") {
  Desk desk;
  desk.grow(700);
  desk.start().seal();
  desk.key = base::SigningKey::make();
  SECTION("the file outside is there") {}
  SECTION("it was moved away") { std::filesystem::remove(desk.file); }
  CHECK(desk.start().seal() == Sealing::foreign);
  REQUIRE(desk.sealer->accept());
  CHECK(desk.start().seal() == Sealing::ready);
  desk.grow(1);
  CHECK(desk.sealer->seal() == Sealing::ready);
  CHECK(desk.sealer->sealed() == 701);
}
