// SPDX-License-Identifier: Apache-2.0
// The receipt of a stanza is let go when what it led to is said or refused, and not before.
#include <atomic>
#include <catch2/catch.hpp>

#include "tests/unit/src/rooms/keeper_world.h"

using record::Outcome;
using tests::eventually;
using tests::joined;
using tests::KeeperWorld;

namespace {

// Counts the receipts that were let go.
class Desk {
 public:
  base::Receipt issue() {
    struct Note {
      std::shared_ptr<std::atomic<int>> settled;
      ~Note() { ++*settled; }
    };
    auto note = std::make_shared<Note>();
    note->settled = settled_;
    return base::Receipt(std::move(note));
  }
  int settled() const { return *settled_; }

 private:
  std::shared_ptr<std::atomic<int>> settled_ = std::make_shared<std::atomic<int>>(0);
};

std::string message(const std::string& id) {
  return "<message type='groupchat' to='r@chat.localhost' id='" + id +
         "'><body>said</body></message>";
}

}  // namespace

TEST_CASE("keeper: a receipt waits for the record of its stanza") {
  KeeperWorld world;
  world.open_room("r");
  Desk desk;
  world.handle("romeo", message("1"), desk.issue());
  world.handle("juliet", message("2"), desk.issue());
  CHECK(desk.settled() == 0);
  world.settle();
  CHECK(desk.settled() == 1);
  CHECK(joined(world.output.take()) == "all r: message#1:said");
  world.settle();
  CHECK(desk.settled() == 2);
}

TEST_CASE("keeper: a stanza without a record is done with when those before it are said") {
  KeeperWorld world;
  world.open_room("r");
  Desk desk;
  const std::string away = "<presence to='r@chat.localhost/juliet'><show>away</show></presence>";
  world.handle("juliet", away, desk.issue());
  CHECK(desk.settled() == 1);
  world.handle("romeo", message("1"));
  world.handle("juliet", away, desk.issue());
  CHECK(desk.settled() == 1);
  world.settle();
  CHECK(desk.settled() == 2);
}

TEST_CASE("keeper: a refused record settles the receipts of all that was dropped") {
  const auto outcome = GENERATE(Outcome::broken, Outcome::fenced);
  KeeperWorld world;
  world.open_room("r");
  Desk desk;
  world.handle("romeo", message("1"), desk.issue());
  world.handle("juliet", message("2"), desk.issue());
  world.settle(outcome);
  CHECK(desk.settled() == 2);
}

TEST_CASE("keeper: what is refused at the door is done with") {
  KeeperWorld world;
  world.open_room("r");
  Desk desk;
  world.recorder.accept(false);
  world.handle("romeo", message("1"), desk.issue());
  CHECK(desk.settled() == 1);
  CHECK(world.output.has("resource-constraint"));
}

TEST_CASE("keeper: a stanza that waits for its room to be read keeps its receipt") {
  const bool readable = GENERATE(true, false);
  KeeperWorld world;
  Desk desk;
  world.store.hold_reads();
  if (!readable) world.store.fail(muc::StoreError::unavailable);
  world.handle("romeo", tests::join_text("r", "romeo"), desk.issue());
  world.handle("juliet", message("1"), desk.issue());
  world.sync();
  CHECK(desk.settled() == 0);
  world.store.let_reads();
  if (readable) {
    // The entry is recorded, then juliet is told that she is not inside, which is recorded too.
    REQUIRE(eventually([&] { return world.recorder.waiting() == 2; }));
    CHECK(desk.settled() == 0);
    world.settle();
  }
  CHECK(eventually([&] { return desk.settled() == 2; }));
  CHECK(world.output.has("message(error)#1"));
}
