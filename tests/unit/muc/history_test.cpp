// SPDX-License-Identifier: Apache-2.0
// How much history one who enters is given: no more bytes than that, whatever it asks for, and one
// query of the store at a time.
#include "muc/history/history.h"

#include <catch2/catch.hpp>

#include "tests/unit/muc/world.h"

namespace {

constexpr const char* room = "r@chat.localhost";
constexpr const char* owner = "a@localhost/1";
constexpr const char* guest = "b@localhost/1";

std::string wish(int stanzas) {
  return "<x xmlns='http://jabber.org/protocol/muc'><history maxstanzas='" +
         std::to_string(stanzas) + "'/></x>";
}

// A room in which ten messages of the same size were said.
void talk(tests::MucWorld& world) {
  world.enter(owner, "r@chat.localhost/a");
  world.accept(owner, room);
  for (int n = 0; n < 10; ++n)
    world.send(owner, "<message type='groupchat' to='r@chat.localhost'><body>" +
                          std::string(50, 'x') + std::to_string(n) + "</body></message>");
}

// Sizes of the messages that the guest got, with the delay of history.
std::vector<std::size_t> given(tests::MucWorld& world) {
  std::vector<std::size_t> sizes;
  for (const auto& payload : world.server.inbox(*xmpp::Jid::parse(guest)))
    if (payload.bytes->find("<delay") != std::string::npos) sizes.push_back(payload.size());
  world.forget_inbox(guest);
  return sizes;
}

std::size_t given_within(std::size_t bytes, std::size_t in_memory, bool read_anew) {
  tests::MucWorld world;
  world.server.config().limits.history_bytes = bytes;
  world.server.config().limits.history_on_join = in_memory;
  world.server.restart();
  talk(world);
  if (read_anew) {
    world.server.restart();
    world.server.wake(*xmpp::Jid::parse(room));
  }
  world.enter(guest, "r@chat.localhost/b", wish(10));
  const auto sizes = given(world);
  std::size_t sum = 0;
  for (const auto size : sizes) sum += size;
  CHECK(sum <= bytes);
  return sizes.size();
}

std::size_t size_of_one() {
  tests::MucWorld world;
  talk(world);
  world.enter(guest, "r@chat.localhost/b", wish(1));
  return given(world).at(0);
}

}  // namespace

TEST_CASE("history on entry has a limit in bytes, from memory and from the store") {
  const std::size_t one = size_of_one();
  for (const bool read_anew : {false, true})
    for (const std::size_t in_memory : {30u, 1u}) {
      CAPTURE(read_anew, in_memory);
      CHECK(given_within(one - 1, in_memory, read_anew) == 0);
      CHECK(given_within(3 * one - 1, in_memory, read_anew) == 2);
      CHECK(given_within(3 * one, in_memory, read_anew) == 3);
      CHECK(given_within(3 * one + 1, in_memory, read_anew) == 3);
      CHECK(given_within(100 * one, in_memory, read_anew) == 10);
    }
}

TEST_CASE("what large messages push out of memory need not be read again") {
  tests::MucWorld world;
  world.server.config().limits.history_bytes = 3 * size_of_one();
  world.server.restart();
  talk(world);
  world.server.hold_reads();
  world.enter(guest, "r@chat.localhost/b");
  CHECK(given(world).size() == 3);
}

TEST_CASE("who asks again while its history is read gets what is in memory") {
  tests::MucWorld world;
  world.server.config().limits.history_on_join = 2;
  world.server.restart();
  talk(world);
  world.server.hold_reads();
  world.enter(guest, "r@chat.localhost/b", wish(5));
  CHECK(given(world).empty());
  for (int again = 0; again < 3; ++again) {
    world.enter(guest, "r@chat.localhost/b", wish(5));
    CHECK(given(world).size() == 2);
  }
  world.server.finish_reads();
  CHECK(given(world).size() == 5);
  const auto viewed = world.recorded<record::HistoryViewed>();
  REQUIRE(viewed.size() == 4);
  for (int again = 0; again < 3; ++again) CHECK(viewed[static_cast<std::size_t>(again)].count == 2);
  CHECK(viewed[3].count == 5);

  // Afterwards it may ask the store again.
  world.server.hold_reads();
  world.enter(guest, "r@chat.localhost/b", wish(5));
  CHECK(given(world).empty());
  world.server.finish_reads();
  CHECK(given(world).size() == 5);
}

TEST_CASE("leaving and coming back does not make a second query") {
  tests::MucWorld world;
  world.server.config().limits.history_on_join = 2;
  world.server.restart();
  talk(world);
  world.server.hold_reads();
  world.enter(guest, "r@chat.localhost/b", wish(5));
  world.send(guest, "<presence type='unavailable' to='r@chat.localhost/b'/>");
  world.enter(guest, "r@chat.localhost/b", wish(5));
  CHECK(given(world).size() == 2);
  const auto joined = world.recorded<record::OccupantJoined>();
  CHECK(joined.back().history_count == 2);
}

TEST_CASE("what is gone from the store is gone from memory, to the number and the moment") {
  const auto ring_of_ten = [] {
    muc::Ring ring(20, 1 << 20);
    for (std::int64_t n = 1; n <= 10; ++n)
      ring.push({n, {100 * n}, base::make_payload("<message></message>", 8)});
    return ring;
  };
  const auto left = [](const muc::Ring& ring) {
    std::vector<std::int64_t> numbers;
    for (const auto& item : ring.items()) numbers.push_back(item.number);
    return numbers;
  };
  auto ring = ring_of_ten();
  ring.forget(0, {5000});
  CHECK(ring.items().size() == 10);
  ring.forget(10, {100});
  CHECK(ring.items().size() == 10);  // that old exactly is not older
  ring.forget(10, {101});
  CHECK(left(ring) == std::vector<std::int64_t>{2, 3, 4, 5, 6, 7, 8, 9, 10});
  ring.forget(8, {5000});
  CHECK(left(ring) == std::vector<std::int64_t>{9, 10});
  CHECK(ring.complete());
  ring.forget(10, {5000});
  CHECK(ring.items().empty());
  // Its bytes are free again.
  muc::Ring small(20, 3 * 19);
  for (std::int64_t n = 1; n <= 3; ++n)
    small.push({n, {n}, base::make_payload("<message></message>", 8)});
  small.forget(3, {100});
  for (std::int64_t n = 4; n <= 6; ++n)
    small.push({n, {n}, base::make_payload("<message></message>", 8)});
  CHECK(left(small) == std::vector<std::int64_t>{4, 5, 6});
}
