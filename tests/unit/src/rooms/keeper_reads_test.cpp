// SPDX-License-Identifier: Apache-2.0
// What is read from the store: rooms, history, lists of rooms.
#include <catch2/catch.hpp>

#include "tests/unit/src/rooms/keeper_world.h"

using record::Outcome;
using tests::eventually;
using tests::joined;
using tests::KeeperWorld;

namespace {

constexpr auto more_than_memory = "<history maxstanzas='9'/>";
constexpr auto list_rooms =
    "<iq type='get' id='l' to='chat.localhost'>"
    "<query xmlns='http://jabber.org/protocol/disco#items'/></iq>";

// Four messages, of which the room keeps two in memory; mercutio is entering and has asked for all,
// and his entering is on record.
void let_mercutio_ask(KeeperWorld& world) {
  world.open_room("r");
  world.recorder.settle_at_once(true);
  for (const char* body : {"1", "2", "3", "4"}) world.say("romeo", "r", body);
  world.sync();
  world.recorder.settle_at_once(false);
  world.output.take();
  world.store.hold_reads();
  world.join("mercutio", "r", more_than_memory);
  world.settle();
  CHECK(joined(world.output.take()) ==
        "to mercutio: presence, presence, presence 110 170 | all r: presence | seat r mercutio | "
        "hold r mercutio 1");
}

const record::HistoryViewed& viewed(const std::vector<record::Event>& events) {
  REQUIRE(events.size() == 1);
  return std::get<record::HistoryViewed>(events.front().body);
}

}  // namespace

TEST_CASE("keeper: history is held, recorded as viewed, then released") {
  KeeperWorld world;
  let_mercutio_ask(world);
  world.say("romeo", "r", "5");  // the room does not wait for a reader
  world.settle();
  CHECK(joined(world.output.take()) == "all r: message:5");

  world.store.let_reads();
  REQUIRE(eventually([&] { return world.recorder.waiting() == 1; }));
  const auto events = world.recorder.front();
  CHECK(viewed(events).via == "join");
  CHECK(viewed(events).count == 4);
  CHECK(viewed(events).last - viewed(events).first == 3);
  world.sync();
  CHECK(joined(world.output.take()) == "");
  world.settle();
  CHECK(joined(world.output.take()) ==
        "release r mercutio 1: message:1, message:2, message:3, message:4, message:subject");
}

TEST_CASE("keeper: history whose viewing is not on record is not shown") {
  const auto outcome = GENERATE(Outcome::broken, Outcome::fenced);
  KeeperWorld world;
  let_mercutio_ask(world);
  world.store.let_reads();
  world.settle(outcome);
  CHECK(joined(world.output.take()) == "release r mercutio 1: message:subject");
}

TEST_CASE("keeper: history that cannot be read is none, and said to be none in the record") {
  KeeperWorld world;
  let_mercutio_ask(world);
  world.store.fail(muc::StoreError::unavailable);
  world.store.let_reads();
  REQUIRE(eventually([&] { return world.recorder.waiting() == 1; }));
  CHECK(viewed(world.recorder.front()).count == 0);
  CHECK(world.log.count("history not read") == 1);
  world.settle();
  CHECK(joined(world.output.take()) == "release r mercutio 1: message:subject");
}

TEST_CASE("keeper: each hold has a number of its own, and is released by it") {
  KeeperWorld world;
  let_mercutio_ask(world);
  world.join("benvolio", "r", more_than_memory);
  world.settle();
  CHECK(joined(world.output.take()).find("hold r benvolio 2") != std::string::npos);
  world.store.let_reads();
  REQUIRE(eventually([&] { return world.recorder.waiting() == 2; }));
  world.settle();
  world.settle();
  CHECK(world.output.count("release r mercutio 1: message:1") == 1);
  CHECK(world.output.count("release r benvolio 2: message:1") == 1);
}

TEST_CASE("keeper: history of one who has left meanwhile is released all the same") {
  KeeperWorld world;
  let_mercutio_ask(world);
  world.leave("mercutio", "r");
  world.settle();
  world.output.take();
  world.store.let_reads();
  world.settle();
  CHECK(world.output.count("release r mercutio 1: ") == 1);  // who listens knows that it is stale
}

TEST_CASE("keeper: with no worker free a room is not taken for one that does not exist") {
  KeeperWorld world({.worker_threads = 1, .worker_queue = 1});
  world.store.hold_reads();
  world.join("romeo", "a");
  REQUIRE(eventually([&] { return world.store.reads() == 1; }));  // the worker is busy
  world.join("romeo", "b");                                       // and its queue is full
  world.join("romeo", "c");
  world.sync();
  CHECK(joined(world.output.take()) == "to romeo: presence(error) wait internal-server-error");
  CHECK(world.log.count("room cannot be read") == 1);
  CHECK(world.log.count("c@chat.localhost") == 1);
  world.store.let_reads();
  REQUIRE(eventually([&] { return world.recorder.waiting() == 2; }));
  CHECK(world.recorder.front().front().code() == record::Code::room_created);
  world.recorder.settle_at_once(true);
  world.join("romeo", "c");  // it can be made later
  REQUIRE(eventually([&] { return world.output.count("to romeo: message:subject") == 3; }));
}

TEST_CASE("keeper: a room that cannot be read is named in the log, once for each attempt") {
  KeeperWorld world;
  world.store.fail(muc::StoreError::corrupt);
  world.join("romeo", "a");
  world.join("juliet", "a");
  REQUIRE(eventually([&] { return world.output.count("internal-server-error") == 2; }));
  const std::size_t loads = world.store.loads();
  CHECK(world.log.count("room cannot be read") == loads);
  CHECK(world.log.count("a@chat.localhost") == loads);
  CHECK(world.log.count("damaged") == loads);
  world.on_shard([&] { world.keeper->wake(*xmpp::Jid::parse("a@chat.localhost")); });
  REQUIRE(eventually([&] { return world.log.count("damaged") == loads + 1; }));
  CHECK(world.recorder.waiting() == 0);
}

TEST_CASE("keeper: the list of rooms comes from the store") {
  KeeperWorld world;
  world.open_room("r");
  world.handle("romeo", list_rooms);
  REQUIRE(eventually([&] { return world.recorder.waiting() == 1; }));
  CHECK(std::get<record::ListRead>(world.recorder.front().front().body).what == "rooms");
  CHECK_FALSE(world.output.has("to romeo: iq(result)#l"));
  world.settle();
  CHECK(world.output.has("to romeo: iq(result)#l"));
  world.output.take();
  world.store.fail(muc::StoreError::unavailable);
  world.handle("romeo", list_rooms);
  REQUIRE(eventually([&] { return world.output.has("to romeo: iq(error)#l wait"); }));
}

TEST_CASE("keeper: with no worker free a question for the list of rooms is refused") {
  KeeperWorld world({.worker_threads = 1, .worker_queue = 1});
  world.store.hold_reads();
  world.handle("romeo", list_rooms);
  REQUIRE(eventually([&] { return world.store.reads() == 1; }));
  world.handle("romeo", list_rooms);
  world.handle("romeo", list_rooms);
  CHECK(joined(world.output.take()) == "to romeo: iq(error)#l wait resource-constraint");
  world.recorder.settle_at_once(true);
  world.store.let_reads();
  REQUIRE(eventually([&] { return world.output.count("to romeo: iq(result)#l") == 2; }));
}

TEST_CASE("keeper: a list is recorded before it is given out, and nothing else waits for that") {
  KeeperWorld world;
  world.open_room("r");
  const std::string ask =
      "<iq type='get' id='l' to='r@chat.localhost'>"
      "<query xmlns='http://jabber.org/protocol/muc#admin'><item "
      "affiliation='owner'/></query></iq>";
  world.handle("romeo", ask);
  CHECK(joined(world.output.take()) == "");
  REQUIRE(world.recorder.waiting() == 1);
  const auto events = world.recorder.front();
  CHECK(std::get<record::ListRead>(events.at(0).body).what == "owners");
  world.handle("juliet", "<presence to='r@chat.localhost/juliet'><show>away</show></presence>");
  CHECK(joined(world.output.take()) == "to juliet: presence 110 | all r: presence");
  world.settle();
  CHECK(joined(world.output.take()) == "to romeo: iq(result)#l");
  // What cannot be recorded is not shown.
  world.handle("romeo", ask);
  world.settle(Outcome::broken);
  CHECK(joined(world.output.take()) == "to romeo: iq(error)#l wait internal-server-error");
  CHECK(world.log.count("room dropped") == 0);
  world.recorder.accept(false);
  world.handle("romeo", ask);
  CHECK(joined(world.output.take()) == "to romeo: iq(error)#l wait internal-server-error");
}
