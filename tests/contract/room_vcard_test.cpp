// SPDX-License-Identifier: Apache-2.0
// The vCards of rooms: what was recorded last is what is read, until the room ends.
#include <catch2/catch.hpp>

#include "tests/contract/both_stores.h"
#include "tests/contract/world.h"
#include "tests/scripts/runner/memory_store.h"

using record::Outcome;
using tests::jid;
using tests::message;
using tests::room_created;
using tests::Sql;
using tests::World;

namespace {

const char* const balcony = "balcony@chat.localhost";

// In the database and in memory at once.
struct Rooms : World {
  Rooms() { record(); }
  void must(const record::Event& event) {
    REQUIRE(commit({event}) == Outcome::durable);
    memory.apply(event);
  }
  void set(std::int64_t room, std::int64_t number, std::vector<std::string> hashes,
           const std::string& vcard) {
    auto event = message(room, number);
    event.body = record::RoomVcardChanged{std::move(hashes), vcard};
    must(event);
  }
  std::string vcard(std::int64_t room) { return rooms.vcard(room).value(); }
  std::string hashes() {
    const auto room = rooms.load(jid(balcony), 0);
    REQUIRE(room);
    REQUIRE(*room);
    const auto& settings = (*room)->settings;
    const auto at = settings.find("hansard#avatar");
    return at == settings.end() ? std::string{} : at->second;
  }
  tests::MemoryRoomStore memory;
  tests::BothStores rooms{content->rooms(), memory};
};

}  // namespace

TEST_CASE("a room's vCard is the last that was recorded, its hashes come with the room") {
  Rooms world;
  world.must(room_created(1, balcony));
  world.must(room_created(2, "cellar@chat.localhost"));
  CHECK(world.vcard(1).empty());
  CHECK(world.vcard(3).empty());  // no such room
  world.set(1, 2, {"0123", "4567"}, "<vCard xmlns='vcard-temp'><FN>é 漢</FN></vCard>");
  CHECK(world.vcard(1) == "<vCard xmlns='vcard-temp'><FN>é 漢</FN></vCard>");
  CHECK(world.hashes() == "0123\n4567");
  const std::string large = "<vCard>" + std::string(128 * 1024, 'x') + "</vCard>";
  world.set(1, 3, {"89ab"}, large);
  CHECK(world.vcard(1) == large);
  CHECK(world.hashes() == "89ab");
  CHECK(world.vcard(2).empty());
  world.set(1, 4, {}, "");
  CHECK(world.vcard(1).empty());
  CHECK(world.hashes().empty());
  Sql sql(world.place.content_url);
  CHECK(sql.number("SELECT count(*) FROM room_vcard") == 0);
}

TEST_CASE("a destroyed room leaves no vCard behind, another room's stays") {
  Rooms world;
  world.must(room_created(1, balcony));
  world.must(room_created(2, "cellar@chat.localhost"));
  world.set(1, 2, {"01"}, "<vCard>1</vCard>");
  world.set(2, 2, {"02"}, "<vCard>2</vCard>");
  auto destroyed = message(1, 3);
  destroyed.body = record::RoomDestroyed{"", {}};
  world.must(destroyed);
  CHECK(world.vcard(1).empty());
  CHECK(world.vcard(2) == "<vCard>2</vCard>");
  Sql sql(world.place.content_url);
  CHECK(sql.number("SELECT count(*) FROM room_vcard") == 1);
  world.must(room_created(3, balcony));
  CHECK(world.vcard(3).empty());
  CHECK(world.hashes().empty());
}
