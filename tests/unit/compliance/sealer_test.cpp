// SPDX-License-Identifier: Apache-2.0
// What is signed and when, and what is not.
#include "tests/unit/compliance/sealer_desk.h"

using compliance::Sealing;
using tests::Desk;
using tests::FakeStore;
using tests::leaf;
using tests::Sizes;

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

TEST_CASE("while only the file cannot be written, nothing of the archive is read again") {
  Desk desk;
  desk.grow(5);
  CHECK(desk.start().seal() == Sealing::ready);
  const auto aside = desk.folder / "aside";
  std::filesystem::rename(desk.file, aside);
  std::filesystem::create_directories(desk.file);
  desk.grow(700);
  const int before = desk.store.reads;
  for (int n = 0; n < 3; ++n) {
    desk.clock.advance(compliance::checkpoint_time);
    CHECK(desk.sealer->due());
    CHECK(desk.sealer->seal() == Sealing::unavailable);
    desk.grow(100);
  }
  std::filesystem::remove(desk.file);
  std::filesystem::rename(aside, desk.file);
  CHECK(desk.sealer->seal() == Sealing::ready);
  CHECK(desk.store.reads == before);
  CHECK(desk.sizes() == Sizes{5, 1005});
  CHECK(desk.store.checkpoints.back().root == desk.root(1005));
  CHECK(desk.store.complete[1].size() == 3);
}

TEST_CASE("a start at which the file cannot be written reads nothing before it can") {
  Desk desk;
  desk.grow(5);
  CHECK(desk.start().seal() == Sealing::ready);
  const auto aside = desk.folder / "aside";
  std::filesystem::rename(desk.file, aside);
  desk.sealer.reset();
  desk.grow(20'000);
  // A folder that may not be written is no hindrance for who is root; a link to nowhere is.
  std::filesystem::create_symlink(desk.folder / "not" / "there", desk.file);
  desk.store.reads = 0;
  CHECK(desk.start().seal() == Sealing::unavailable);
  CHECK(desk.store.reads <= 2);  // to see what the last one was over
}

TEST_CASE("an archive that does not continue is looked at less and less often") {
  Desk desk;
  desk.grow(700);
  desk.start().seal();
  SECTION("truncated") { desk.store.leaves.resize(600); }
  SECTION("inconsistent") { desk.store.leaves[3] = leaf(9999); }
  SECTION("foreign") { desk.key = base::SigningKey::make(); }
  desk.store.checkpoints.clear();
  desk.store.complete.clear();
  CHECK(desk.start().seal() != Sealing::ready);
  base::Micros pause = compliance::checkpoint_time;
  for (const int seconds : {10, 20, 40, 60, 60}) {
    pause = base::seconds(seconds);
    desk.clock.advance(pause - 1);
    CHECK_FALSE(desk.sealer->due());
    desk.clock.advance(1);
    CHECK(desk.sealer->due());
    CHECK(desk.sealer->seal() != Sealing::ready);
  }
  CHECK(pause == compliance::refused_time_max);
}

TEST_CASE("what was refused once is looked at every ten seconds when it is good again") {
  Desk desk;
  desk.grow(700);
  desk.start().seal();
  const auto whole = desk.store.leaves;
  desk.store.leaves.resize(600);
  for (int n = 0; n < 5; ++n) CHECK(desk.start().seal() == Sealing::truncated);
  desk.store.leaves = whole;
  CHECK(desk.sealer->seal() == Sealing::ready);
  desk.grow(1);
  desk.clock.advance(compliance::checkpoint_time);
  CHECK(desk.sealer->due());
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
