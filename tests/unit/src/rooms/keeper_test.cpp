// SPDX-License-Identifier: Apache-2.0
// Record first, then speak.
#include "src/rooms/keeper.h"

#include <catch2/catch.hpp>

#include "tests/unit/src/rooms/keeper_world.h"

namespace {

using tests::joined;
using tests::KeeperWorld;

constexpr auto disco =
    "<iq type='get' id='d' to='r@chat.localhost'>"
    "<query xmlns='http://jabber.org/protocol/disco#info'/></iq>";
constexpr auto self_ping =
    "<iq type='get' id='p' to='r@chat.localhost/romeo'><ping xmlns='urn:xmpp:ping'/></iq>";

}  // namespace

TEST_CASE("keeper: nothing is said before its record is durable") {
  KeeperWorld world;
  world.open_room("r");
  world.say("romeo", "r", "hello");
  CHECK(world.recorder.waiting() == 1);
  CHECK(joined(world.output.said()) == "");
  world.settle();
  CHECK(joined(world.output.said()) == "all r: message:hello");
}

TEST_CASE("keeper: entering is on record before anybody is told") {
  KeeperWorld world;
  world.open_room("r");
  world.join("mercutio", "r");
  CHECK(world.recorder.front().front().code() == record::Code::occupant_joined);
  CHECK(joined(world.output.said()) == "");
  world.settle();
  CHECK(joined(world.output.said()) ==
        "to mercutio: presence, presence, presence 110 170 | all r: presence | seat r mercutio | "
        "to mercutio: message:subject");
}

TEST_CASE("keeper: the order of a room is kept over several submissions under way") {
  KeeperWorld world;
  world.open_room("r");
  world.say("romeo", "r", "one");
  world.say("juliet", "r", "two");
  world.handle("romeo", disco);  // needs no record, and waits behind those that do
  world.say("romeo", "r", "three");
  CHECK(world.recorder.waiting() == 3);
  CHECK(joined(world.output.said()) == "");
  world.settle();
  CHECK(joined(world.output.take()) == "all r: message:one");
  world.settle();
  CHECK(joined(world.output.take()) == "all r: message:two | to romeo: iq(result)#d");
  world.settle();
  CHECK(joined(world.output.take()) == "all r: message:three");
}

TEST_CASE("keeper: outcomes that arrive together are handled in order") {
  KeeperWorld world;
  world.open_room("r");
  for (const char* body : {"1", "2", "3", "4"}) world.say("romeo", "r", body);
  while (world.recorder.waiting() > 0) world.recorder.settle();
  world.sync();
  CHECK(joined(world.output.take()) ==
        "all r: message:1 | all r: message:2 | all r: message:3 | all r: message:4");
}

TEST_CASE("keeper: a room does not wait for another room's record") {
  KeeperWorld world;
  world.open_room("r");
  world.open_room("s");
  world.say("romeo", "r", "in r");
  world.handle("romeo",
               "<iq type='get' id='d' to='s@chat.localhost'>"
               "<query xmlns='http://jabber.org/protocol/disco#info'/></iq>");
  CHECK(joined(world.output.take()) == "to romeo: iq(result)#d");
  world.say("romeo", "s", "in s");
  world.settle();
  CHECK(joined(world.output.take()) == "all r: message:in r");
  world.settle();
  CHECK(joined(world.output.take()) == "all s: message:in s");
}

TEST_CASE("keeper: the answer to a self-ping passes what waits") {
  KeeperWorld world;
  world.open_room("r");
  world.say("romeo", "r", "hello");
  world.handle("romeo", self_ping);
  CHECK(joined(world.output.take()) == "to romeo: iq(result)#p");
  world.settle();
  CHECK(joined(world.output.take()) == "all r: message:hello");
}

TEST_CASE("keeper: while nothing can be recorded the door refuses what needs a record, only that") {
  KeeperWorld world;
  world.open_room("r");
  world.recorder.accept(false);

  world.say("romeo", "r", "hello", "m");
  CHECK(joined(world.output.take()) == "to romeo: message(error)#m wait resource-constraint");
  world.join("mercutio", "r");
  CHECK(joined(world.output.take()) == "to mercutio: presence(error) wait resource-constraint");
  world.handle("romeo",
               "<iq type='set' id='k' to='r@chat.localhost'>"
               "<query xmlns='http://jabber.org/protocol/muc#admin'>"
               "<item nick='juliet' role='none'/></query></iq>");
  CHECK(joined(world.output.take()) == "to romeo: iq(error)#k wait resource-constraint");
  CHECK(world.recorder.waiting() == 0);

  world.handle("romeo", disco);
  CHECK(joined(world.output.take()) == "to romeo: iq(result)#d");
  world.handle("romeo", self_ping);
  CHECK(joined(world.output.take()) == "to romeo: iq(result)#p");
  world.handle("romeo", "<presence to='r@chat.localhost/romeo'><show>away</show></presence>");
  CHECK(joined(world.output.take()) == "to romeo: presence 110 | all r: presence");
  world.leave("juliet", "r");  // never refused: it is submitted, and said once it is on record
  CHECK(joined(world.output.take()) == "");
  CHECK(world.recorder.front().front().code() == record::Code::occupant_left);
  world.settle();
  CHECK(joined(world.output.take()) ==
        "to juliet: presence(unavailable) 110 | unseat r juliet | all r: presence(unavailable)");

  world.recorder.accept(true);
  world.say("romeo", "r", "again");
  world.settle();
  CHECK(joined(world.output.take()) == "all r: message:again");
}

TEST_CASE("keeper: what was taken before the trouble keeps its place") {
  KeeperWorld world;
  world.open_room("r");
  world.say("romeo", "r", "before");
  world.recorder.accept(false);
  world.say("romeo", "r", "during", "m");
  CHECK(joined(world.output.take()) == "to romeo: message(error)#m wait resource-constraint");
  world.settle();
  CHECK(joined(world.output.take()) == "all r: message:before");
}

TEST_CASE("keeper: the end tells everybody, and is done after the last line") {
  KeeperWorld world;
  world.open_room("r");
  world.open_room("s");
  world.say("romeo", "r", "last words");
  std::atomic<bool> done = false;
  world.on_shard([&] { world.keeper->shut_down([&] { done = true; }); });
  CHECK(joined(world.output.take()) == "");
  CHECK(world.recorder.waiting() == 3);

  world.say("romeo", "r", "too late", "m");
  CHECK(joined(world.output.take()) == "to romeo: message(error)#m cancel service-unavailable");
  world.join("mercutio", "new");
  CHECK(joined(world.output.take()) == "to mercutio: presence(error) cancel service-unavailable");
  world.leave("romeo", "r");  // nothing to say to that
  CHECK(joined(world.output.take()) == "");
  world.on_shard([&] { world.keeper->wake(*xmpp::Jid::parse("t@chat.localhost")); });
  CHECK(world.store.loads() == 2);  // nothing is read any more

  world.settle();
  CHECK(joined(world.output.take()) == "all r: message:last words");
  world.settle();
  CHECK_FALSE(done);
  world.settle();
  CHECK(done);
  const auto said = joined(world.output.take());
  for (const char* room : {"r", "s"})
    CHECK(said.find("forget " + std::string(room)) != std::string::npos);
  CHECK(world.recorder.waiting() == 0);
  CHECK(said.find("to romeo: presence(unavailable) 110 332 | "
                  "to juliet: presence(unavailable) 110 332 | forget") != std::string::npos);
}

TEST_CASE("keeper: the end of a service without rooms is done at once") {
  KeeperWorld world;
  bool done = false;
  world.on_shard([&] { world.keeper->shut_down([&] { done = true; }); });
  CHECK(done);
}

TEST_CASE("keeper: refusals are counted by condition, whoever made them") {
  KeeperWorld world;
  const auto count = [&](xmpp::Condition condition) {
    return world.meters.refusals.at(static_cast<std::size_t>(condition)).value();
  };
  world.open_room("garden");
  world.say("nurse", "garden", "from outside");  // the room
  CHECK(count(xmpp::Condition::not_acceptable) == 1);
  world.recorder.accept(false);
  world.say("romeo", "garden", "not now");  // the door
  CHECK(count(xmpp::Condition::resource_constraint) == 1);
  CHECK(count(xmpp::Condition::not_acceptable) == 1);
}
