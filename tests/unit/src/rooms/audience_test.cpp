// SPDX-License-Identifier: Apache-2.0
#include "src/rooms/audience.h"

#include <catch2/catch.hpp>

#include "net/loop/shards.h"
#include "tests/unit/src/rooms/fake_session.h"

namespace {

using server::Audience;
using tests::FakeSession;
using tests::joined;
using xmpp::Jid;

const Jid room = *Jid::parse("r@chat.localhost");
const Jid other = *Jid::parse("s@chat.localhost");

base::Payload message(const std::string& body) {
  return base::make_payload(
      "<message from='r@chat.localhost/x'><body>" + body + "</body></message>", 8);
}

muc::Broadcast to_all(const std::string& body) { return {message(body), message(body), {}}; }

// One shard whose thread is the test's.
struct Seats {
  explicit Seats(const Audience::Limits& limits = {})
      : audience(router, shards[0], deliveries, limits) {
    for (const auto& session : {romeo, juliet}) router.add(session);
  }
  // What was posted is done.
  void run() {
    shards[0].post([this] { shards[0].stop(); });
    shards[0].run();
  }
  void say(const std::string& body) { audience.broadcast(room, to_all(body)); }
  void enter(const std::shared_ptr<FakeSession>& session, muc::OccupantNumber number = 1) {
    audience.seat(room, {session->jid(), number, false});
  }

  net::Shards shards{1};
  bridge::Router router{shards, "localhost"};
  std::shared_ptr<FakeSession> romeo = std::make_shared<FakeSession>("romeo@localhost/x");
  std::shared_ptr<FakeSession> juliet = std::make_shared<FakeSession>("juliet@localhost/x");
  base::Counter deliveries;
  Audience audience;
};

}  // namespace

TEST_CASE("audience: who has a seat hears, in the variant it may see") {
  Seats seats;
  seats.audience.seat(room, {seats.romeo->jid(), 1, true});
  seats.audience.seat(room, {seats.juliet->jid(), 2, false});
  seats.audience.broadcast(room, {message("with"), message("without"), {}});
  seats.audience.broadcast(room, {message("not to romeo"), message("not to romeo"), 1});
  seats.audience.broadcast(room, {message("for moderators"), {}, {}});
  seats.audience.broadcast(other, to_all("elsewhere"));
  CHECK(seats.deliveries.value() == 4);
  CHECK(joined(seats.romeo->take()) == "message:with | message:for moderators");
  CHECK(joined(seats.juliet->take()) == "message:without | message:not to romeo");

  seats.audience.seat(room, {seats.juliet->jid(), 2, true});  // becomes a moderator
  seats.audience.unseat(room, seats.romeo->jid());
  seats.audience.broadcast(room, {message("with"), message("without"), {}});
  CHECK(joined(seats.juliet->take()) == "message:with");
  CHECK(joined(seats.romeo->take()) == "");
  seats.audience.forget(room);
  seats.say("nobody is left");
  CHECK(joined(seats.juliet->take()) == "");
}

TEST_CASE("audience: a session that is gone takes no seat") {
  Seats seats;
  seats.router.remove(seats.juliet);
  seats.enter(seats.juliet);
  seats.say("hello");
  seats.audience.send(seats.juliet->jid(), {message("hello")});
  CHECK(joined(seats.juliet->take()) == "");
}

TEST_CASE("audience: a held seat hears after its history") {
  Seats seats;
  seats.enter(seats.romeo, 1);
  seats.enter(seats.juliet, 2);
  seats.audience.hold(room, seats.juliet->jid(), 7);
  seats.say("1");
  seats.audience.send(seats.juliet->jid(), {message("to her alone")});
  seats.say("2");
  CHECK(joined(seats.romeo->take()) == "message:1 | message:2");
  CHECK(joined(seats.juliet->take()) == "message:to her alone");
  seats.audience.release(room, seats.juliet->jid(), 7, {message("past"), message("subject")});
  CHECK(joined(seats.juliet->take()) == "message:past | message:subject | message:1 | message:2");
  seats.say("3");
  CHECK(joined(seats.juliet->take()) == "message:3");
  seats.audience.release(room, seats.juliet->jid(), 7, {message("again")});
  CHECK(joined(seats.juliet->take()) == "");
}

TEST_CASE("audience: a stay gets its own history, not that of the stay before") {
  Seats seats;
  seats.enter(seats.juliet, 1);
  seats.audience.hold(room, seats.juliet->jid(), 1);
  seats.say("1");
  seats.audience.unseat(room, seats.juliet->jid());
  seats.say("2");  // while she is away
  seats.enter(seats.juliet, 2);
  seats.audience.hold(room, seats.juliet->jid(), 2);
  seats.say("3");

  seats.audience.release(room, seats.juliet->jid(), 1, {message("0"), message("subject")});
  CHECK(joined(seats.juliet->take()) == "");
  seats.say("4");
  seats.audience.release(room, seats.juliet->jid(), 2,
                         {message("0"), message("1"), message("2"), message("subject")});
  CHECK(joined(seats.juliet->take()) ==
        "message:0 | message:1 | message:2 | message:subject | message:3 | message:4");
}

TEST_CASE("audience: a seat that is held twice is served in the order of its holds") {
  Seats seats;
  seats.enter(seats.juliet);
  seats.audience.hold(room, seats.juliet->jid(), 1);
  seats.say("1");
  seats.audience.hold(room, seats.juliet->jid(), 2);
  seats.say("2");
  SECTION("released in that order") {
    seats.audience.release(room, seats.juliet->jid(), 1, {message("first")});
    CHECK(joined(seats.juliet->take()) == "message:first | message:1");
    seats.say("3");
    seats.audience.release(room, seats.juliet->jid(), 2, {message("second")});
    CHECK(joined(seats.juliet->take()) == "message:second | message:2 | message:3");
  }
  SECTION("the second is read sooner") {
    seats.audience.release(room, seats.juliet->jid(), 2, {message("second")});
    CHECK(joined(seats.juliet->take()) == "");
    seats.say("3");
    seats.audience.release(room, seats.juliet->jid(), 1, {message("first")});
    CHECK(joined(seats.juliet->take()) ==
          "message:first | message:1 | message:second | message:2 | message:3");
  }
  seats.say("4");
  CHECK(joined(seats.juliet->take()) == "message:4");
}

TEST_CASE("audience: a held seat falls behind by so many stanzas, not by more") {
  const std::size_t limit = 3;
  for (std::size_t count : {limit - 1, limit, limit + 1}) {
    Seats seats({.held_stanzas = limit});
    seats.enter(seats.romeo, 1);
    seats.enter(seats.juliet, 2);
    seats.audience.hold(room, seats.juliet->jid(), 1);
    for (std::size_t i = 0; i < count; ++i) seats.say("x");
    CHECK_FALSE(seats.juliet->ended());  // not within the broadcast
    seats.run();
    if (count <= limit) {
      CHECK_FALSE(seats.juliet->ended());
      seats.audience.release(room, seats.juliet->jid(), 1, {message("past")});
      CHECK(seats.juliet->take().size() == count + 1);
    } else {
      CHECK(seats.juliet->ended() == xmpp::StreamCondition::resource_constraint);
      seats.audience.release(room, seats.juliet->jid(), 1, {message("past")});
      CHECK(joined(seats.juliet->take()) == "");
    }
    CHECK(seats.romeo->take().size() == count);
    CHECK_FALSE(seats.romeo->ended());
  }
}

TEST_CASE("audience: a held seat falls behind by so many bytes, not by more") {
  const std::size_t limit = 10'000, one = message("").size();
  for (std::size_t size : {limit - 1, limit, limit + 1}) {
    Seats seats({.held_bytes = limit});
    seats.enter(seats.juliet);
    seats.audience.hold(room, seats.juliet->jid(), 1);
    seats.say("");
    seats.say(std::string(size - 2 * one, 'x'));
    seats.run();
    CHECK(seats.juliet->ended().has_value() == (size > limit));
  }
}

TEST_CASE("audience: what was said to a held seat no longer counts once it is out") {
  Seats seats({.held_stanzas = 2});
  seats.enter(seats.juliet);
  for (std::uint64_t hold = 1; hold <= 3; ++hold) {
    seats.audience.hold(room, seats.juliet->jid(), hold);
    seats.say("x");
    seats.say("x");
    seats.audience.release(room, seats.juliet->jid(), hold, {});
  }
  seats.run();
  CHECK_FALSE(seats.juliet->ended());
  CHECK(seats.juliet->take().size() == 6);
}

TEST_CASE("audience: one whose session ends can enter again") {
  Seats seats({.held_stanzas = 1});
  seats.juliet->on_end = [&] {  // as the end of a stream does
    seats.router.remove(seats.juliet);
    seats.audience.unseat(room, seats.juliet->jid());
  };
  seats.enter(seats.juliet);
  seats.audience.hold(room, seats.juliet->jid(), 1);
  for (const char* body : {"1", "2", "3"}) seats.say(body);
  seats.run();
  CHECK(seats.juliet->ended());
  const auto again = std::make_shared<FakeSession>("juliet@localhost/x");
  seats.router.add(again);
  seats.enter(again);
  seats.audience.hold(room, again->jid(), 2);
  seats.say("4");
  seats.audience.release(room, again->jid(), 1, {message("foreign")});
  seats.audience.release(room, again->jid(), 2, {message("past")});
  CHECK(joined(again->take()) == "message:past | message:4");
}
