// SPDX-License-Identifier: Apache-2.0
// What waits for a record is bounded.
#include <catch2/catch.hpp>

#include "tests/unit/src/rooms/keeper_world.h"

using tests::joined;
using tests::KeeperWorld;

namespace {

// A question to the room: one effect, its answer, and no record.
constexpr auto question =
    "<iq type='get' id='d' to='r@chat.localhost'>"
    "<query xmlns='http://jabber.org/protocol/disco#info'/></iq>";
constexpr auto answer = "to romeo: iq(result)#d";
constexpr auto refused = "to romeo: iq(error)#d wait resource-constraint";
constexpr std::size_t effects_max = 5;

KeeperWorld::Options few_effects() { return {.backlog = {.effects = effects_max}}; }

// One message under way, and answers behind it until `count` effects wait. Nothing needs a record
// but the message, so it is not for want of one that they are refused.
void pile_up(KeeperWorld& world, std::size_t count) {
  world.say("romeo", "r", "under way");
  for (std::size_t i = 1; i < count; ++i) world.handle("romeo", question);
  CHECK(joined(world.output.take()) == "");
}

}  // namespace

TEST_CASE("keeper: effects that wait in a room, one below the limit, at it and beyond") {
  KeeperWorld world(few_effects());
  world.open_room("r");
  world.open_room("s");
  pile_up(world, effects_max - 1);
  world.handle("romeo", question);  // the last that fits
  CHECK(joined(world.output.take()) == "");
  for (int i = 0; i < 2; ++i) {
    world.handle("romeo", question);
    CHECK(joined(world.output.take()) == refused);
  }
  world.say("romeo", "r", "no", "m");
  CHECK(joined(world.output.take()) == "to romeo: message(error)#m wait resource-constraint");
  world.say("romeo", "s", "another room");
  CHECK(joined(world.output.take()) == "");

  world.settle();
  CHECK(world.output.count(answer) == effects_max - 1);
  world.output.take();
  world.handle("romeo", question);
  CHECK(joined(world.output.take()) == answer);
}

TEST_CASE("keeper: leaves are taken however much waits") {
  KeeperWorld world(few_effects());
  world.open_room("r");
  pile_up(world, effects_max);
  world.leave("juliet", "r");
  CHECK(joined(world.output.take()) == "");
  CHECK(world.recorder.waiting() == 2);
  world.settle();
  world.settle();
  CHECK(world.output.has("unseat r juliet"));
}

TEST_CASE("keeper: an answer to what was let in is taken however much waits") {
  KeeperWorld world(few_effects());
  world.open_room("r");
  world.handle("romeo",
               "<iq type='get' id='q' to='r@chat.localhost/juliet'><query xmlns='u'/></iq>");
  const std::string id =
      world.output.said().front().substr(std::string("to juliet: iq(get)#").size());
  world.output.take();
  pile_up(world, effects_max);
  world.handle("juliet", "<iq type='result' id='" + id + "' to='r@chat.localhost/romeo'/>");
  world.settle();
  CHECK(world.output.has("to romeo: iq(result)#q"));
}

TEST_CASE("keeper: the limit of all rooms together") {
  KeeperWorld world({.backlog = {.all_bytes = 1}});  // reached by whatever waits
  world.open_room("r");
  world.open_room("s");
  world.handle("romeo", question);  // nothing waits
  CHECK(joined(world.output.take()) == answer);
  world.say("romeo", "r", "under way");
  world.handle("romeo", question);
  CHECK(joined(world.output.take()) == refused);
  world.say("romeo", "s", "elsewhere");  // a room without a line may begin one
  CHECK(joined(world.output.take()) == "");
  world.settle();
  world.settle();
  world.handle("romeo", question);
  CHECK(world.output.has(answer));
}
