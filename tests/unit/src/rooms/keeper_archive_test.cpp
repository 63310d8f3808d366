// SPDX-License-Identifier: Apache-2.0
// Pages of a room's archive: read after what was said before, on record before they are shown, and
// nothing waits for them.
#include <catch2/catch.hpp>

#include "tests/unit/src/rooms/keeper_world.h"

using record::Outcome;
using tests::eventually;
using tests::joined;
using tests::KeeperWorld;

namespace {

void ask(KeeperWorld& world, const std::string& who, const std::string& id,
         const std::string& what = "<query xmlns='urn:xmpp:mam:2'/>") {
  const bool get = what.starts_with("<metadata");
  world.handle(who, "<iq type='" + std::string(get ? "get" : "set") + "' id='" + id +
                        "' to='r@chat.localhost'>" + what + "</iq>");
}

// "hello" is said and asked for before it is on record.
void ask_behind_hello(KeeperWorld& world) {
  world.open_room("r");
  world.say("romeo", "r", "hello");
  ask(world, "juliet", "a");
  CHECK(world.store.reads() == 1);  // that of the room
  world.store.hold_reads();
  world.settle();
  CHECK(joined(world.output.take()) == "all r: message:hello");
  REQUIRE(eventually([&] { return world.store.reads() == 2; }));
}

}  // namespace

TEST_CASE("keeper: a page holds what was said before it was asked for, and is recorded as viewed") {
  KeeperWorld world;
  ask_behind_hello(world);
  world.say("romeo", "r", "later");  // the room does not wait for a reader
  world.settle();
  CHECK(joined(world.output.take()) == "all r: message:later");
  world.store.let_reads();
  REQUIRE(eventually([&] { return world.recorder.waiting() == 1; }));
  const auto event = world.recorder.front().front();
  const auto& viewed = std::get<record::HistoryViewed>(event.body);
  CHECK(viewed.via == "mam");
  CHECK(viewed.count == 2);
  CHECK(viewed.last - viewed.first == 1);
  CHECK(event.actor.jid.str() == "juliet@localhost/x");
  world.sync();
  CHECK(joined(world.output.take()) == "");
  world.settle();
  CHECK(world.output.count("to juliet: message") == 1);  // all of it in one go
  CHECK(world.output.has("iq(result)#a"));
}

TEST_CASE("keeper: a page whose reading is not on record is not shown") {
  const auto outcome = GENERATE(Outcome::broken, Outcome::fenced);
  KeeperWorld world;
  ask_behind_hello(world);
  world.store.let_reads();
  REQUIRE(eventually([&] { return world.recorder.waiting() == 1; }));
  world.settle(outcome);
  CHECK(joined(world.output.take()) == "to juliet: iq(error)#a wait internal-server-error");
}

TEST_CASE("keeper: an archive that cannot be read") {
  KeeperWorld world;
  ask_behind_hello(world);
  world.store.fail(muc::StoreError::unavailable);
  world.store.let_reads();
  REQUIRE(eventually([&] { return world.output.has("iq(error)#a wait internal-server-error"); }));
  CHECK(world.recorder.waiting() == 0);
}

TEST_CASE("keeper: where an archive begins and ends is not recorded as viewed") {
  KeeperWorld world;
  world.open_room("r");
  ask(world, "juliet", "m", "<metadata xmlns='urn:xmpp:mam:2'/>");
  REQUIRE(eventually([&] { return world.output.has("to juliet: iq(result)#m"); }));
  CHECK(world.recorder.waiting() == 0);
}

TEST_CASE("keeper: a question about the archive behind a refused record gets an error") {
  KeeperWorld world;
  world.open_room("r");
  world.say("romeo", "r", "refused", "m");
  ask(world, "juliet", "a");
  world.settle(Outcome::broken);
  CHECK(world.output.has("to juliet: iq(error)#a wait internal-server-error"));
}

TEST_CASE("keeper: while nothing can be recorded nobody reads an archive") {
  KeeperWorld world;
  world.open_room("r");
  world.recorder.accept(false);
  ask(world, "juliet", "a");
  CHECK(joined(world.output.take()) == "to juliet: iq(error)#a wait resource-constraint");
}

TEST_CASE("BI-MAM-07 keeper: two questions of an account at a time, and places come back") {
  KeeperWorld world({.worker_threads = 2});
  world.open_room("r");
  world.recorder.settle_at_once(true);
  world.store.hold_reads();
  for (const char* id : {"1", "2", "3"}) ask(world, "juliet", id);
  CHECK(joined(world.output.take()) == "to juliet: iq(error)#3 wait resource-constraint");
  ask(world, "romeo", "4");
  CHECK(joined(world.output.take()) == "");
  world.store.let_reads();
  for (const char* id : {"1", "2", "4"})
    REQUIRE(eventually([&] { return world.output.has("iq(result)#" + std::string(id)); }));
  REQUIRE(eventually([&] {
    ask(world, "juliet", "5");
    return world.output.has("iq(result)#5");
  }));
}

TEST_CASE("BI-MAM-07 keeper: with no worker free a page is refused, and its place comes back") {
  KeeperWorld world({.worker_threads = 1, .worker_queue = 1});
  world.open_room("r");
  world.recorder.settle_at_once(true);
  world.store.hold_reads();
  ask(world, "romeo", "1");
  REQUIRE(eventually([&] { return world.store.reads() == 2; }));
  ask(world, "romeo", "2");
  for (const char* id : {"3", "4", "5"}) ask(world, "juliet", id);
  CHECK(joined(world.output.take()) ==
        "to juliet: iq(error)#3 wait resource-constraint | "
        "to juliet: iq(error)#4 wait resource-constraint | "
        "to juliet: iq(error)#5 wait resource-constraint");
  world.store.let_reads();
  REQUIRE(eventually([&] { return world.output.has("iq(result)#2"); }));
  ask(world, "juliet", "6");
  REQUIRE(eventually([&] { return world.output.has("iq(result)#6"); }));
}
