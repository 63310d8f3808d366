// SPDX-License-Identifier: Apache-2.0
// The database refused a record: what followed it is not said, the room is read again.
#include <algorithm>
#include <catch2/catch.hpp>

#include "tests/unit/src/rooms/keeper_world.h"

using record::Outcome;
using tests::eventually;
using tests::joined;
using tests::KeeperWorld;

namespace {

constexpr auto told_out =
    "to romeo: presence(unavailable) 110 333 | to juliet: presence(unavailable) 110 333 | forget r";

void disco(KeeperWorld& world, const std::string& who, const std::string& id) {
  world.handle(who, "<iq type='get' id='" + id +
                        "' to='r@chat.localhost'>"
                        "<query xmlns='http://jabber.org/protocol/disco#info'/></iq>");
}

}  // namespace

TEST_CASE("keeper: a refused record and what followed it are not said") {
  const auto outcome = GENERATE(Outcome::broken, Outcome::fenced);
  KeeperWorld world;
  world.open_room("r");
  world.open_room("s");
  world.say("romeo", "r", "sound");
  world.say("romeo", "r", "refused", "m1");
  world.handle("juliet", "<presence to='r@chat.localhost/juliet'><show>away</show></presence>");
  world.say("juliet", "r", "behind it", "m2");
  world.say("juliet", "s", "elsewhere");

  world.settle();
  CHECK(joined(world.output.take()) == "all r: message:sound");
  world.settle(outcome);
  // The senders learn it at once; that everybody is out waits for what is under way.
  CHECK(joined(world.output.take()) ==
        "to romeo: message(error)#m1 wait internal-server-error | "
        "to juliet: message(error)#m2 wait internal-server-error");
  CHECK(world.log.count("room dropped") == 1);
  world.settle(outcome);
  CHECK(joined(world.output.take()) == told_out);
  CHECK(world.log.count("room dropped") == 1);
  world.settle();
  CHECK(joined(world.output.take()) == "all s: message:elsewhere");
}

TEST_CASE(
    "keeper: an invitation goes out when it is recorded; if it cannot be, its sender is told") {
  KeeperWorld world;
  world.open_room("r");
  const std::string invitation =
      "<message id='i1' to='r@chat.localhost'><x xmlns='http://jabber.org/protocol/muc#user'>"
      "<invite to='nurse@localhost'/></x></message>";
  world.handle("romeo", invitation);
  CHECK(joined(world.output.take()) == "");
  world.settle();
  CHECK(joined(world.output.take()) == "route to nurse@localhost");
  world.handle("romeo", invitation);
  world.settle(Outcome::broken);
  CHECK(world.output.has("to romeo: message(error)#i1 wait internal-server-error"));
  CHECK_FALSE(world.output.has("route"));
}

TEST_CASE("keeper: a dropped room is read again only after everything under way is settled") {
  KeeperWorld world;
  world.open_room("r");
  const std::size_t loads = world.store.loads();
  world.say("romeo", "r", "one");
  world.say("romeo", "r", "two");
  world.say("romeo", "r", "three");
  world.settle(Outcome::broken);
  world.output.take();

  world.join("mercutio", "r");
  world.settle(Outcome::broken);
  CHECK(world.store.reads() == loads);
  CHECK(joined(world.output.take()) == "");
  world.settle(Outcome::broken);
  REQUIRE(eventually([&] { return world.store.loads() == loads + 1; }));
  // Romeo and Juliet are closed in the record before Mercutio is let in.
  REQUIRE(eventually([&] { return world.recorder.waiting() == 1; }));
  const auto events = world.recorder.front();
  REQUIRE(events.size() == 3);
  CHECK(events[0].code() == record::Code::occupant_left);
  CHECK(events[1].code() == record::Code::occupant_left);
  CHECK(events[2].code() == record::Code::occupant_joined);
  CHECK(joined(world.output.take()) == told_out);
  world.settle();
  REQUIRE(eventually([&] { return world.output.has("to mercutio: message:subject"); }));
  world.say("mercutio", "r", "all is well");
  world.settle();
  CHECK(world.output.has("all r: message:all is well"));
}

TEST_CASE("keeper: an IQ whose answer waited behind a refused record gets one answer, an error") {
  KeeperWorld world;
  world.open_room("r");
  disco(world, "romeo", "before");
  CHECK(joined(world.output.take()) == "to romeo: iq(result)#before");
  world.say("romeo", "r", "refused", "m");
  disco(world, "romeo", "d1");
  disco(world, "juliet", "d2");
  world.handle(
      "juliet",
      "<iq type='get' id='e' to='r@chat.localhost'>"
      "<query xmlns='http://jabber.org/protocol/muc#owner'/></iq>");  // is refused: an error
  world.settle(Outcome::broken);
  CHECK(joined(world.output.take()) ==
        "to romeo: message(error)#m wait internal-server-error | "
        "to romeo: iq(error)#d1 wait internal-server-error | "
        "to juliet: iq(error)#d2 wait internal-server-error | "
        "to juliet: iq(error)#e wait internal-server-error | " +
            std::string(told_out));
}

TEST_CASE("keeper: the answer to a change that was not recorded is an error") {
  KeeperWorld world;
  world.open_room("r");
  world.handle("romeo",
               "<iq type='set' id='k' to='r@chat.localhost'>"
               "<query xmlns='http://jabber.org/protocol/muc#admin'>"
               "<item nick='juliet' role='none'/></query></iq>");
  world.settle(Outcome::broken);
  const auto said = joined(world.output.take());
  CHECK(said ==
        "to juliet: presence(unavailable) 110 333 | "
        "to romeo: iq(error)#k wait internal-server-error | "
        "to romeo: presence(unavailable) 110 333 | forget r");
}

TEST_CASE("keeper: who was to be refused something is told that it came to nothing") {
  KeeperWorld world;
  world.open_room("r");
  world.say("romeo", "r", "refused");
  world.handle("mercutio",
               "<message type='groupchat' id='m' to='r@chat.localhost'><body>x</body></message>");
  world.handle("mercutio",
               "<presence id='p' to='r@chat.localhost/romeo'>"
               "<x xmlns='http://jabber.org/protocol/muc'/></presence>");
  CHECK(joined(world.output.take()) == "");
  world.settle(Outcome::broken);
  CHECK(world.output.count("to mercutio: message(error)#m wait internal-server-error") == 1);
  CHECK(world.output.count("to mercutio: presence(error)#p wait internal-server-error") == 1);
  CHECK(world.output.count("not-acceptable") == 0);
}

TEST_CASE("keeper: questions between occupants are answered when their room is dropped") {
  KeeperWorld world;
  world.open_room("r");
  const auto ask = [&](const std::string& id) {
    world.handle("romeo", "<iq type='get' id='" + id +
                              "' to='r@chat.localhost/juliet'><query xmlns='urn:x'/></iq>");
  };
  ask("handed-on");
  REQUIRE(world.output.count("to juliet: iq(get)") == 1);
  world.say("romeo", "r", "refused");
  ask("not-handed-on");
  world.output.take();
  world.settle(Outcome::broken);
  CHECK(world.output.count("iq(get)") == 0);
  CHECK(world.output.count("to romeo: iq(error)#handed-on wait") == 1);
  CHECK(world.output.count("to romeo: iq(error)#not-handed-on wait") == 1);
}

TEST_CASE("keeper: a private message that was not recorded comes back") {
  KeeperWorld world;
  world.open_room("r");
  world.handle(
      "romeo",
      "<message type='chat' id='p' to='r@chat.localhost/juliet'><body>psst</body></message>");
  world.settle(Outcome::broken);
  const auto said = joined(world.output.take());
  CHECK(said.find("to romeo: message(error)#p wait internal-server-error") == 0);
  CHECK(said.find("psst") == std::string::npos);
}

TEST_CASE("keeper: the end is done even when the last records are refused") {
  KeeperWorld world;
  world.open_room("r");
  bool done = false;
  world.on_shard([&] { world.keeper->shut_down([&] { done = true; }); });
  world.settle(Outcome::fenced);
  CHECK(done);
  CHECK(joined(world.output.take()) == told_out);
}

TEST_CASE("keeper: who leaves is out even if that cannot be recorded") {
  KeeperWorld world;
  world.open_room("r");
  world.leave("juliet", "r");
  world.settle(Outcome::broken);
  CHECK(joined(world.output.take()) ==
        "to juliet: presence(unavailable) 110 333 | to romeo: presence(unavailable) 110 333 | "
        "forget r");
}

TEST_CASE(
    "keeper: a dropped room is read again even if nobody comes, so that the leaves are on record") {
  KeeperWorld world;
  world.on_shard([&] { world.keeper->start(); });
  world.open_room("r");
  world.say("romeo", "r", "refused");
  world.settle(Outcome::broken);
  const std::size_t loads = world.store.loads();
  world.recorder.settle_at_once(true);
  world.on_shard([&] {
    world.clock.advance(base::seconds(29));
    world.meters.rooms.set(77);  // the next tick puts it right
  });
  REQUIRE(eventually([&] { return world.meters.rooms.value() != 77; }));
  CHECK(world.store.loads() == loads);
  world.on_shard([&] { world.clock.advance(base::seconds(1)); });
  REQUIRE(eventually([&] { return world.store.loads() > loads; }));
  REQUIRE(eventually([&] {
    return std::ranges::count_if(world.store.log(), [](const record::Event& e) {
             return e.code() == record::Code::occupant_left;
           }) == 2;
  }));
}

TEST_CASE("keeper: what was refused is recorded beside the room, and nobody waits for it") {
  KeeperWorld world;
  world.open_room("r");
  world.say("mercutio", "r", "let me", "m1");
  // Said already, with the event on its way.
  CHECK(joined(world.output.take()) == "to mercutio: message(error)#m1 cancel not-acceptable");
  REQUIRE(world.recorder.waiting() == 1);
  const auto events = world.recorder.front();
  REQUIRE(events.size() == 1);
  CHECK(std::get<record::MessageRejected>(events.front().body).about == "message");
  // The room goes on whatever becomes of it.
  world.say("romeo", "r", "on");
  world.settle(GENERATE(Outcome::broken, Outcome::fenced, Outcome::durable));
  CHECK(world.log.count("room dropped") == 0);
  world.settle();
  CHECK(joined(world.output.take()) == "all r: message:on");
}

TEST_CASE("keeper: what cannot be recorded is refused all the same, and counted") {
  KeeperWorld world;
  world.open_room("r");
  world.recorder.accept(false);
  for (const char* id : {"m1", "m2"}) world.say("romeo", "r", "now?", id);
  CHECK(joined(world.output.take()) ==
        "to romeo: message(error)#m1 wait resource-constraint | "
        "to romeo: message(error)#m2 wait resource-constraint");
  CHECK(world.recorder.waiting() == 0);
  CHECK(world.log.count("only counted") == 1);
  world.recorder.accept(true);
  world.say("mercutio", "r", "let me", "m3");
  CHECK(joined(world.output.take()) == "to mercutio: message(error)#m3 cancel not-acceptable");
  CHECK(world.log.count("refusals were not recorded") == 1);
  CHECK(world.recorder.waiting() == 1);
  world.settle();
}
