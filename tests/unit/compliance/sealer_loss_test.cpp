// SPDX-License-Identifier: Apache-2.0
// What is made up for, and what a loss that was accepted leaves behind.
#include "tests/unit/compliance/sealer_desk.h"

using compliance::Checkpoint;
using compliance::Sealing;
using tests::Desk;
using tests::leaf;
using tests::Sizes;

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

TEST_CASE("subtrees that are not those of the leaves are made up for, and told") {
  Desk desk;
  desk.grow(70'000);
  desk.start().seal();
  const int level = GENERATE(1, 2);
  desk.store.complete[level].back() = leaf(9999);
  CHECK(desk.start().seal() == Sealing::ready);
  CHECK(desk.log.told.size() == 1);
  CHECK_FALSE(desk.sealer->accept());  // nothing to accept
  desk.grow(1000);
  CHECK(desk.sealer->seal() == Sealing::ready);
  CHECK(desk.sizes() == Sizes{70'000, 71'000});
  CHECK(desk.store.checkpoints.back().root == desk.root(71'000));
  CHECK(desk.start().seal() == Sealing::ready);
}

TEST_CASE(
    "an archive whose checkpoints are over more than it has: accepted, the next start signs") {
  Desk desk;
  desk.grow(1000);
  desk.start().seal();
  const auto signed_root = desk.root(1000);
  desk.store.leaves.resize(600);
  desk.sealer.reset();
  CHECK(desk.start().seal() == Sealing::truncated);
  const auto accepted = desk.sealer->accept();
  REQUIRE(accepted);
  CHECK(*accepted == 600);
  CHECK(desk.sealer->state() == Sealing::ready);
  CHECK(desk.store.checkpoints.size() == 1);  // the larger one stays

  CHECK(desk.start().seal() == Sealing::ready);
  desk.grow(100, 5000);  // others than those that were lost
  CHECK(desk.sealer->seal() == Sealing::ready);
  CHECK(desk.sealer->sealed() == 700);
  CHECK(desk.start().seal() == Sealing::ready);
  desk.grow(500, 5000);
  CHECK(desk.sealer->seal() == Sealing::ready);
  CHECK(desk.sizes() == Sizes{1000, 600, 700, 1200});
  REQUIRE(desk.store.checkpoints.size() == 2);
  CHECK(desk.store.checkpoints[0].root == signed_root);
  CHECK(desk.store.checkpoints[1].root == desk.root(1200));
  CHECK(desk.store.complete[1].size() == 4);
  CHECK(desk.start().seal() == Sealing::ready);  // over a subtree of what was lost
}

TEST_CASE("after a loss that was accepted, a start finds what was signed and not kept") {
  Desk desk;
  desk.grow(1000);
  desk.start().seal();
  desk.store.leaves.resize(600);
  desk.sealer.reset();
  CHECK(desk.start().accept());
  desk.grow(700, 5000);
  desk.store.away = true;
  CHECK(desk.sealer->seal() == Sealing::unavailable);
  desk.store.away = false;
  CHECK(desk.start().seal() == Sealing::ready);
  CHECK(desk.sizes() == Sizes{1000, 600, 1300});
  REQUIRE(desk.store.checkpoints.size() == 2);
  CHECK(desk.store.checkpoints[1].size == 1300);
  CHECK(desk.store.complete[1].size() == 5);
}

TEST_CASE("what is still in the way after a loss was accepted is said") {
  Desk desk;
  desk.grow(700);
  desk.start().seal();
  desk.store.leaves.resize(600);
  desk.sealer.reset();
  desk.start();
  desk.store.checkpoints.clear();
  desk.store.complete.clear();
  desk.store.away_then = true;
  const auto accepted = desk.sealer->accept();
  REQUIRE_FALSE(accepted);
  CHECK(accepted.error().find("something else is in the way") != std::string::npos);
}
