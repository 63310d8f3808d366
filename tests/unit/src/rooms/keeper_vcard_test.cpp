// SPDX-License-Identifier: Apache-2.0
// The vCard of a room: read after what was set before, and nothing waits for it.
#include <catch2/catch.hpp>

#include "tests/unit/src/rooms/keeper_world.h"

using record::Outcome;
using tests::eventually;
using tests::joined;
using tests::KeeperWorld;

namespace {

constexpr auto vcard = "<vCard xmlns='vcard-temp'><FN>r</FN></vCard>";

void ask(KeeperWorld& world, const std::string& who, const std::string& id) {
  world.handle(
      who, "<iq type='get' id='" + id + "' to='r@chat.localhost'><vCard xmlns='vcard-temp'/></iq>");
}
void set(KeeperWorld& world, const std::string& id) {
  world.handle("romeo", "<iq type='set' id='" + id + "' to='r@chat.localhost'>" + vcard + "</iq>");
}

}  // namespace

TEST_CASE("keeper: a vCard is on record before anybody hears of it or can read it") {
  KeeperWorld world;
  world.open_room("r");
  set(world, "s");
  ask(world, "juliet", "g");
  CHECK(joined(world.output.take()) == "");
  CHECK(world.store.reads() == 1);  // that of the room
  REQUIRE(world.recorder.waiting() == 1);
  CHECK(world.recorder.front().front().code() == record::Code::room_vcard_changed);
  world.settle();
  REQUIRE(eventually([&] { return world.output.has("to juliet: iq(result)#g"); }));
  CHECK(world.output.has("to romeo: iq(result)#s"));
  CHECK(world.output.has("all r: message"));
  CHECK(world.recorder.waiting() == 0);  // looking at a picture is not reading what was said
}

TEST_CASE("keeper: a vCard that could not be recorded is not set, and who asked is told so") {
  KeeperWorld world;
  world.open_room("r");
  set(world, "s");
  ask(world, "juliet", "g");
  world.settle(Outcome::broken);
  CHECK(world.output.has("to romeo: iq(error)#s wait internal-server-error"));
  CHECK(world.output.has("to juliet: iq(error)#g wait internal-server-error"));
}

TEST_CASE("keeper: while nothing can be recorded no vCard is set, but read") {
  KeeperWorld world;
  world.open_room("r");
  world.recorder.accept(false);
  set(world, "s");
  CHECK(joined(world.output.take()) == "to romeo: iq(error)#s wait resource-constraint");
  ask(world, "juliet", "g");
  REQUIRE(eventually([&] { return world.output.has("iq(error)#g cancel item-not-found"); }));
}

TEST_CASE("keeper: a vCard that cannot be read") {
  KeeperWorld world;
  world.open_room("r");
  world.store.fail(muc::StoreError::unavailable);
  ask(world, "juliet", "g");
  REQUIRE(eventually([&] { return world.output.has("iq(error)#g wait internal-server-error"); }));
  CHECK(world.log.count("vCard not read") == 1);
}

TEST_CASE("keeper: twenty questions for vCards of an account at a time, and places come back") {
  KeeperWorld world;
  world.open_room("r");
  world.store.hold_reads();
  for (int i = 1; i <= 20; ++i) ask(world, "juliet", std::to_string(i));
  CHECK(joined(world.output.take()) == "");
  ask(world, "juliet", "21");
  CHECK(joined(world.output.take()) == "to juliet: iq(error)#21 wait resource-constraint");
  ask(world, "romeo", "22");
  world.store.let_reads();
  REQUIRE(eventually([&] { return world.output.has("iq(error)#22 cancel item-not-found"); }));
  REQUIRE(eventually([&] {
    ask(world, "juliet", "23");
    return world.output.has("iq(error)#23 cancel item-not-found");
  }));
}
