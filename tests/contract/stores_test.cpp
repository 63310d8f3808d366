// SPDX-License-Identifier: Apache-2.0
// What is read back: rooms, history, accounts.
#include <algorithm>
#include <catch2/catch.hpp>

#include "db/stores/reader_rows.h"
#include "tests/contract/both_stores.h"
#include "tests/contract/world.h"
#include "tests/scripts/runner/memory_store.h"

using record::Affiliation;
using record::Outcome;
using tests::jid;
using tests::message;
using tests::room_created;
using tests::World;

namespace {

const char* const balcony = "balcony@chat.localhost";

// Rooms are asked for in the database and in memory at once.
struct Recording : World {
  Recording() { record(); }
  void must(std::vector<record::Event> events) {
    REQUIRE(commit(events) == Outcome::durable);
    for (const auto& event : events)
      if (event.room_id != 0) memory.apply(event);
  }
  muc::StoredRoom load(const std::string& room, std::size_t recent = 10) {
    auto result = rooms.load(jid(room), recent);
    REQUIRE(result);
    REQUIRE(*result);
    return **result;
  }
  tests::MemoryRoomStore memory;
  tests::BothStores rooms{content->rooms(), memory};
};

template <class Body>
record::Event with(std::int64_t number, Body body) {
  auto event = message(1, number);
  event.body = std::move(body);
  return event;
}

}  // namespace

TEST_CASE("a room comes back as its events made it") {
  Recording world;
  const auto none = world.rooms.load(jid(balcony), 10);
  REQUIRE(none);
  CHECK_FALSE(*none);
  world.must({room_created(1, balcony)});
  world.must({with(2, record::AffiliationChanged{jid("romeo@localhost"), Affiliation::none,
                                                 Affiliation::owner, "Romeo", ""}),
              with(3, record::AffiliationChanged{jid("tybalt@localhost"), Affiliation::none,
                                                 Affiliation::outcast, "", ""}),
              with(4, record::AffiliationChanged{jid("nurse@localhost"), Affiliation::none,
                                                 Affiliation::member, "", ""}),
              with(5, record::AffiliationChanged{jid("nurse@localhost"), Affiliation::member,
                                                 Affiliation::none, "", ""})});
  world.must(
      {with(6, record::ConfigChanged{{{"muc#roomconfig_roomname", "", "Balcony"}, {"x", "", "1"}}}),
       with(7, record::SubjectChanged{"Romeo", "<message/>", "s", "id"})});
  const auto room = world.load(balcony);
  CHECK(room.id == 1);
  CHECK(room.jid == jid(balcony));
  CHECK(room.last_number == 7);
  CHECK(room.settings ==
        std::map<std::string, std::string>{{"muc#roomconfig_roomname", "Balcony"}, {"x", "1"}});
  REQUIRE(room.affiliations.size() == 2);
  CHECK(room.affiliations[0].jid == jid("romeo@localhost"));
  CHECK(room.affiliations[0].affiliation == Affiliation::owner);
  CHECK(room.affiliations[0].reserved_nick == "Romeo");
  CHECK(room.affiliations[1].affiliation == Affiliation::outcast);
  CHECK(room.subject_stanza == "<message/>");
  CHECK(room.subject_at.us > 0);
  CHECK(room.recent.empty());
}

TEST_CASE("history: the newest, oldest first, within number and time") {
  Recording world;
  world.must({room_created(1, balcony)});
  for (int n = 2; n <= 11; ++n) {
    auto event = message(1, n, "m" + std::to_string(n));
    event.at = {n * 1000};
    auto& posted = std::get<record::MessagePosted>(event.body);
    posted.is_private = n == 5;
    posted.keep = n != 6;
    REQUIRE(world.commit({event}) == Outcome::durable);
    if (posted.is_private) posted.keep = false;  // memory takes none to be kept: rules never do
    world.memory.apply(event);
  }
  const auto numbers = [&](const muc::HistoryRequest& request) {
    const auto items = world.rooms.history(request);
    REQUIRE(items);
    std::vector<std::int64_t> out;
    for (const auto& item : *items) out.push_back(item.number);
    return out;
  };
  using List = std::vector<std::int64_t>;
  CHECK(numbers({1, 12, 100, {}}) == List{2, 3, 4, 7, 8, 9, 10, 11});  // neither private nor unkept
  CHECK(numbers({1, 12, 3, {}}) == List{9, 10, 11});
  CHECK(numbers({1, 9, 3, {}}) == List{4, 7, 8});
  CHECK(numbers({1, 12, 100, {10000}}) == List{10, 11});
  CHECK(numbers({1, 12, 0, {}}) == List{});
  CHECK(numbers({2, 12, 100, {}}) == List{});
  // Up to the one that exceeds so many bytes; each of these has 35.
  CHECK(numbers({1, 12, 100, {}, 34}) == List{11});
  CHECK(numbers({1, 12, 100, {}, 35}) == List{10, 11});
  CHECK(numbers({1, 12, 100, {}, 36}) == List{10, 11});
  CHECK(numbers({1, 12, 1, {}, 36}) == List{11});
  CHECK(numbers({1, 12, 3, {}}) == List{9, 10, 11});  // the next one reads as ever
  const auto room = world.load(balcony, 2);
  REQUIRE(room.recent.size() == 2);
  CHECK(room.recent[0].number == 10);
  CHECK(room.recent[1].stanza == "<message><body>m11</body></message>");
  CHECK(room.recent[1].sender == jid("romeo@localhost/pda"));
  CHECK(room.recent[1].nick == "Romeo");
  CHECK(room.recent[1].at == base::Time{11000});
}

TEST_CASE("a destroyed room is gone, its JID is free, its id stays taken") {
  Recording world;
  world.must({room_created(1, balcony), message(1, 2)});
  CHECK(world.commit({room_created(2, balcony)}) == Outcome::broken);  // lives
  world.must({with(3, record::RoomDestroyed{"", {}})});
  const auto gone = world.rooms.load(jid(balcony), 10);
  REQUIRE(gone);
  CHECK_FALSE(*gone);
  world.must({room_created(2, balcony)});
  CHECK(world.load(balcony).id == 2);
  CHECK(world.load(balcony).recent.empty());
  CHECK(world.commit({room_created(1, "x@chat.localhost")}) == Outcome::broken);
}

TEST_CASE("public rooms of a service, page by page") {
  Recording world;
  for (int i = 1; i <= 4; ++i)
    world.must({room_created(i, "r" + std::to_string(i) + "@chat.localhost")});
  world.must({room_created(5, "r5@other.localhost")});
  auto hidden = message(2, 2);
  hidden.body = record::ConfigChanged{{{"muc#roomconfig_publicroom", "1", "0"}}};
  world.must({hidden});
  const auto lock = [&](std::int64_t number, const std::string& value) {
    auto event = message(4, number);
    event.body = record::ConfigChanged{{{"hansard#locked", "", value}}};
    world.must({event});
  };
  lock(2, "1");
  const auto page = [&](const std::string& after, std::size_t max) {
    const auto rooms = world.rooms.list_public("chat.localhost", after, max);
    REQUIRE(rooms);
    std::vector<std::string> out;
    for (const auto& room : *rooms) {
      CHECK(room.name == room.jid.str());
      out.push_back(std::string(room.jid.local()));
    }
    return out;
  };
  CHECK(page("", 2) == std::vector<std::string>{"r1", "r3"});
  CHECK(page("r3@chat.localhost", 2) == std::vector<std::string>{});  // not open yet
  lock(3, "0");
  CHECK(page("r3@chat.localhost", 2) == std::vector<std::string>{"r4"});
}

TEST_CASE("rooms that must not stay for ever are found, page by page") {
  Recording world;
  const auto set = [](std::int64_t room, std::int64_t number, const std::string& key,
                      const std::string& value) {
    auto event = message(room, number);
    event.body = record::ConfigChanged{{{key, "", value}}};
    return event;
  };
  for (int i = 1; i <= 6; ++i)
    world.must({room_created(i, "r" + std::to_string(i) + "@chat.localhost")});
  world.must({set(2, 2, "hansard#locked", "1")});
  world.must({set(3, 2, "hansard#locked", "1"), set(3, 3, "hansard#locked", "0")});
  world.must({set(4, 2, "muc#roomconfig_persistentroom", "0")});
  world.must({set(5, 2, "muc#roomconfig_persistentroom", "1")});
  world.must({set(6, 2, "hansard#locked", "1"), set(6, 3, "muc#roomconfig_persistentroom", "0")});
  const auto temporary = [&](const std::string& after, std::size_t at_most) {
    const auto rooms = world.rooms.temporary_rooms(after, at_most);
    REQUIRE(rooms);
    std::vector<std::string> out;
    for (const auto& room : *rooms) out.push_back(std::string(room.local()));
    return out;
  };
  using List = std::vector<std::string>;
  CHECK(temporary("", 4) == List{"r2", "r4", "r6"});
  CHECK(temporary("", 2) == List{"r2", "r4"});
  CHECK(temporary("r4@chat.localhost", 2) == List{"r6"});
  auto destroyed = message(2, 3);
  destroyed.body = record::RoomDestroyed{"", {}};
  world.must({destroyed});
  CHECK(temporary("", 9) == List{"r4", "r6"});
}

TEST_CASE("the rooms an account owns in its own right, up to a number") {
  Recording world;
  const auto own = [](std::int64_t room, std::int64_t number, const std::string& who,
                      Affiliation value) {
    auto event = message(room, number);
    event.body = record::AffiliationChanged{jid(who), Affiliation::none, value, "", ""};
    return event;
  };
  for (int i = 1; i <= 5; ++i) {
    const bool elsewhere = i == 4;
    world.must({room_created(i, "r" + std::to_string(6 - i) +
                                    (elsewhere ? "@other.localhost" : "@chat.localhost")),
                own(i, 2, "romeo@localhost", i == 2 ? Affiliation::admin : Affiliation::owner)});
  }
  world.must({own(3, 3, "localhost", Affiliation::owner),
              own(3, 4, "juliet@localhost", Affiliation::owner),
              own(3, 5, "romeo@localhost", Affiliation::none)});
  auto destroyed = message(1, 3);
  destroyed.body = record::RoomDestroyed{"", {}};
  const auto owned = [&](const std::string& who, std::size_t at_most) {
    const auto rooms = world.rooms.owned_rooms(jid(who), at_most);
    REQUIRE(rooms);
    std::vector<std::string> out;
    for (const auto& room : *rooms) out.push_back(std::string(room.local()));
    return out;
  };
  using List = std::vector<std::string>;
  CHECK(owned("romeo@localhost/pda", 4) == List{"r1", "r2", "r5"});
  CHECK(owned("romeo@localhost", 3) == List{"r1", "r2", "r5"});
  CHECK(owned("romeo@localhost", 2) == List{"r1", "r2"});
  CHECK(owned("juliet@localhost", 9) == List{"r3"});
  CHECK(owned("nurse@localhost", 9) == List{});  // of localhost, whose owner the domain is
  world.must({destroyed});
  CHECK(owned("romeo@localhost", 9) == List{"r1", "r2"});

  tests::Sql sql(world.place.content_url);
  (void)sql.error("SET enable_seqscan = off");  // PostgreSQL's, for tables as small as these
  const std::string steps = tests::plan(sql, db::rows::OwnedRooms::sql, {"'x'", "9"});
  CHECK(steps.find("affiliation_owner") != std::string::npos);
}

TEST_CASE("what a room keeps about people comes back, and goes with the room") {
  Recording world;
  const auto about = [](std::int64_t room, std::int64_t number, const std::string& who,
                        std::vector<record::PersonChanged::Change> changes) {
    auto event = message(room, number);
    event.body = record::PersonChanged{jid(who), std::move(changes)};
    return event;
  };
  world.must({room_created(1, balcony), room_created(2, "b@chat.localhost")});
  world.must({about(1, 2, "romeo@localhost", {{"voice", "", "1"}, {"registration", "", "R\nM"}}),
              about(1, 3, "juliet@localhost", {{"voice", "", "1"}}),
              about(2, 2, "romeo@localhost", {{"voice", "", "2"}}),
              about(1, 4, "romeo@localhost", {{"voice", "1", "0"}}),
              about(1, 5, "juliet@localhost", {{"voice", "1", ""}})});
  const auto people = world.load(balcony).people;
  REQUIRE(people.size() == 2);
  CHECK(people[0].jid == jid("romeo@localhost"));
  CHECK(people[0].key == "registration");
  CHECK(people[0].value == "R\nM");
  CHECK(people[1].value == "0");
  CHECK(world.load("b@chat.localhost").people.size() == 1);
  world.must({with(6, record::RoomDestroyed{"", {}})});
  tests::Sql sql(world.place.content_url);
  CHECK(sql.number("SELECT count(*) FROM room_person WHERE room_id = 1") == 0);
  CHECK(sql.number("SELECT count(*) FROM room_person WHERE room_id = 2") == 1);
}

TEST_CASE("a room with a damaged row is corrupt, not empty, and reading goes on elsewhere") {
  Recording world;
  world.must({room_created(1, balcony)});
  world.must({room_created(2, "b@chat.localhost")});
  tests::Sql sql(world.place.content_url);
  REQUIRE(sql.error("INSERT INTO affiliation VALUES (1, '@@', 4, '')") == "");
  for (int i = 0; i < 10; ++i) {  // more often than there are connections
    const auto room = world.content->rooms().load(jid(balcony), 10);
    REQUIRE_FALSE(room);
    CHECK(room.error() == muc::StoreError::corrupt);
  }
  CHECK(world.load("b@chat.localhost").id == 2);
}

TEST_CASE("accounts: added, found, changed, listed, removed") {
  using Action = record::AccountChanged::Action;
  Recording world;
  auto& accounts = world.content->accounts();
  for (const auto* name : {"juliet", "nurse", "romeo"})
    world.must({tests::account_added(name, name == std::string("nurse"))});
  const auto change = [&](Action action, const std::string& name) {
    auto event = tests::account_added(name);
    auto& changed = std::get<record::AccountChanged>(event.body);
    changed.action = action;
    changed.verifiers->sha256.stored_key = "new";
    world.must({event});
  };
  const auto find = [&](const std::string& name) {
    const auto found = accounts.find(name);
    REQUIRE(found);
    return *found;
  };
  REQUIRE(find("romeo"));
  CHECK(find("romeo")->enabled);
  CHECK_FALSE(find("romeo")->admin);
  CHECK(find("romeo")->verifiers.sha1 ==
        xmpp::ScramKeys{std::string("sa\0lt", 5), 4096, "stored", "server"});
  CHECK(find("nurse")->admin);
  CHECK_FALSE(find("tybalt"));

  change(Action::disabled, "romeo");
  CHECK_FALSE(find("romeo")->enabled);
  change(Action::enabled, "romeo");
  CHECK(find("romeo")->enabled);
  change(Action::password, "romeo");
  CHECK(find("romeo")->verifiers.sha256.stored_key == "new");
  CHECK(find("juliet")->verifiers.sha256.stored_key == "stored");

  const auto page = accounts.list("juliet", 1);
  REQUIRE(page);
  REQUIRE(page->size() == 1);
  CHECK(page->at(0).localpart == "nurse");
  CHECK(page->at(0).verifiers.sha1.stored_key.empty());
  change(Action::removed, "romeo");
  CHECK_FALSE(find("romeo"));
}

TEST_CASE("pages of public rooms, either way, are every room once, and are counted") {
  Recording world;
  std::vector<record::Event> made;
  for (int i = 1; i <= 250; ++i)
    made.push_back(room_created(i, "r" + std::to_string(1000 + i) + "@chat.localhost"));
  world.must(std::move(made));
  auto& rooms = world.rooms;
  const std::string service = "chat.localhost";
  std::vector<std::string> forward, backward;
  for (std::string after;;) {
    const auto page = rooms.list_public(service, after, 40);
    REQUIRE(page);
    if (page->empty()) break;
    for (const auto& room : *page) forward.push_back(room.jid.str());
    after = forward.back();
  }
  for (std::string before;;) {
    const auto page = rooms.list_public_before(service, before, 40);
    REQUIRE(page);
    if (page->empty()) break;
    for (auto room = page->rbegin(); room != page->rend(); ++room)
      backward.push_back(room->jid.str());
    before = backward.back();
  }
  CHECK(forward.size() == 250);
  CHECK(std::is_sorted(forward.begin(), forward.end()));
  CHECK(std::vector<std::string>(backward.rbegin(), backward.rend()) == forward);
  CHECK(rooms.count_public(service, "").value() == 250);
  CHECK(rooms.count_public(service, forward[100]).value() == 100);
  CHECK(rooms.count_public("other.localhost", "").value() == 0);
}

TEST_CASE("a room as administrators see it: settings, affiliations, who is inside") {
  Recording world;
  world.must({room_created(1, balcony), room_created(2, "b@chat.localhost"),
              room_created(3, "z@other.localhost")});
  world.must({with(2, record::ConfigChanged{{{"muc#roomconfig_roomname", "", "Balcony"},
                                             {"muc#roomconfig_publicroom", "1", "0"}}}),
              with(3, record::AffiliationChanged{jid("juliet@localhost"), Affiliation::none,
                                                 Affiliation::owner, "Juliet", ""}),
              tests::joined(1, 4, "juliet"), tests::joined(1, 5, "romeo"), message(1, 6),
              tests::left(1, 7, "romeo")});
  auto& directory = world.content->directory();
  const auto all = directory.list("", "", 10);
  REQUIRE(all);
  REQUIRE(all->size() == 3);
  CHECK((*all)[0].jid == jid("b@chat.localhost"));
  CHECK((*all)[1].name == "Balcony");
  CHECK_FALSE((*all)[1].is_public);
  CHECK((*all)[1].occupants == 1);
  CHECK(directory.list("other.localhost", "", 10)->size() == 1);
  CHECK(directory.list("", "b@chat.localhost", 1)->at(0).jid == jid(balcony));

  CHECK_FALSE(*directory.find(jid("none@chat.localhost")));
  const auto room = directory.find(jid(balcony));
  REQUIRE(room);
  REQUIRE(*room);
  CHECK((*room)->last_number == 7);
  CHECK((*room)->messages == 1);
  CHECK((*room)->affiliations == 1);
  CHECK((*room)->settings.at("muc#roomconfig_roomname") == "Balcony");
  CHECK((*room)->summary.last_message_at.us > 0);
  const auto affiliations = directory.affiliations((*room)->summary.id, "", 10);
  REQUIRE(affiliations);
  REQUIRE(affiliations->size() == 1);
  CHECK(affiliations->at(0).affiliation == Affiliation::owner);
  CHECK(directory.affiliations((*room)->summary.id, "juliet@localhost", 10)->empty());
  const auto inside = directory.occupants((*room)->summary.id, 10);
  REQUIRE(inside);
  REQUIRE(inside->size() == 1);
  CHECK(inside->at(0).jid == jid("juliet@localhost/pda"));

  // What a crash left open is nobody's stay.
  world.close();
  world.open();
  world.record();
  CHECK(world.content->directory().occupants(1, 10)->empty());
  CHECK(world.content->directory().find(jid(balcony)).value()->summary.occupants == 0);
}
