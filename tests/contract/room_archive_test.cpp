// SPDX-License-Identifier: Apache-2.0
// Pages of a room's archive, read back from the database: the same as from the plain store in
// memory, whatever is asked; and by the primary key alone.
#include <algorithm>
#include <catch2/catch.hpp>
#include <random>

#include "db/stores/history/page_rows.h"
#include "db/writer/derive/setbacks.h"
#include "tests/contract/world.h"
#include "tests/scripts/runner/memory_store.h"

using record::Outcome;
using tests::jid;
using tests::room_created;
using tests::World;

namespace {

using Numbers = std::vector<std::int64_t>;

struct Archive : World {
  Archive() { record(); }

  void must(const record::Event& event) {
    REQUIRE(commit({event}) == Outcome::durable);
    memory.apply(event);
  }
  void make_room(std::int64_t id) {
    must(room_created(id, "r" + std::to_string(id) + "@chat.localhost"));
    last[id] = 1;
  }
  std::int64_t say(std::int64_t room, std::int64_t at, const std::string& who = "romeo",
                   const std::string& resource = "pda") {
    auto event = tests::message(room, ++last[room], "x");
    event.at = {at};
    event.actor.jid = jid(who + "@localhost/" + resource);
    std::get<record::MessagePosted>(event.body).nick = who;
    must(event);
    return last[room];
  }
  template <class Body>
  void other(std::int64_t room, std::int64_t at, Body body) {
    auto event = tests::message(room, ++last[room]);
    event.at = {at};
    event.body = std::move(body);
    must(event);
  }

  // What the database gives; that the memory gives the same is checked.
  muc::ArchivePage page(const muc::ArchiveRequest& request) {
    const auto got = content->rooms().archive(request);
    const auto expected = memory.archive(request);
    REQUIRE(got);
    REQUIRE(expected);
    CHECK(got->missing == expected->missing);
    CHECK(got->complete == expected->complete);
    CHECK(got->count == expected->count);
    CHECK(numbers_of(*got) == numbers_of(*expected));
    for (std::size_t i = 0; i < std::min(got->items.size(), expected->items.size()); ++i) {
      CHECK(got->items[i].at == expected->items[i].at);
      CHECK(got->items[i].nick == expected->items[i].nick);
      CHECK(got->items[i].sender == expected->items[i].sender);
      CHECK(got->items[i].stanza == expected->items[i].stanza);
    }
    return *got;
  }
  Numbers numbers(const muc::ArchiveRequest& request) { return numbers_of(page(request)); }

  static Numbers numbers_of(const muc::ArchivePage& page) {
    Numbers out;
    for (const auto& item : page.items) out.push_back(item.number);
    return out;
  }

  tests::MemoryRoomStore memory;
  std::map<std::int64_t, std::int64_t> last;
};

muc::ArchiveRequest all_of(std::int64_t room) { return {.room_id = room, .max_items = 100}; }

}  // namespace

TEST_CASE(
    "what was taken back stands in history as a tombstone, if its author or a moderator did it") {
  constexpr const char* stone = "<retracted xmlns='urn:xmpp:message-retract:1' id='r'/>";
  Archive world;
  world.make_room(1);
  const auto first = world.say(1, 1000, "romeo", "pda");
  const auto second = world.say(1, 2000, "rome");
  const auto third = world.say(1, 3000, "romeo", "pda");
  // By the author, from wherever he is now; a name that only begins the same is another's.
  auto event = tests::message(1, ++world.last[1]);
  event.actor.jid = jid("romeo@localhost/elsewhere");
  event.body = record::MessageRetracted{first, stone};
  world.must(event);
  event.number = ++world.last[1];
  event.body = record::MessageRetracted{second, stone};
  world.must(event);
  event.number = ++world.last[1];
  event.body = record::MessageRetracted{999, stone};
  world.must(event);
  auto items = world.page(all_of(1)).items;
  REQUIRE(items.size() == 3);
  CHECK(items[0].stanza.find("<retracted") != std::string::npos);
  CHECK(items[0].stanza.find("<body") == std::string::npos);
  CHECK(items[1].stanza.find("<body") != std::string::npos);

  // By a moderator, in one batch with the message itself; what everybody is told is history too.
  auto said = tests::message(1, ++world.last[1], "y");
  auto taken = tests::message(1, ++world.last[1]);
  taken.body = record::MessageModerated{.target = said.number,
                                        .stanza = "<message><retract/></message>",
                                        .stanza_id = "m",
                                        .retracted = stone};
  REQUIRE(world.commit({said, taken}) == Outcome::durable);
  world.memory.apply(said);
  world.memory.apply(taken);
  world.other(1, 9000,
              record::MessageModerated{.target = third,
                                       .stanza = "<message><a/></message>",
                                       .stanza_id = "n",
                                       .retracted = stone});
  items = world.page(all_of(1)).items;
  REQUIRE(items.size() == 6);
  CHECK(items[2].stanza.find("<retracted") != std::string::npos);
  CHECK(items[3].stanza.find("<retracted") != std::string::npos);
  CHECK(items[4].stanza == "<message><retract/></message>");
  CHECK(items[4].nick.empty());
}

TEST_CASE("an archive holds messages and subjects, oldest first, and nothing else") {
  Archive world;
  world.make_room(1);
  world.make_room(2);
  CHECK(world.page(all_of(1)).complete);
  CHECK(world.numbers(all_of(1)) == Numbers{});
  world.say(1, 1000);
  world.say(2, 1000);
  world.other(1, 2000, record::SubjectChanged{"romeo", "<message><subject/></message>", "", "i"});
  world.other(1, 3000,
              record::MessagePosted{.nick = "romeo",
                                    .stanza = "<message><body>secret</body></message>",
                                    .stanza_id = "p",
                                    .is_private = true,
                                    .to_nick = "juliet",
                                    .keep = false});
  world.other(
      1, 4000,
      record::MessagePosted{
          .nick = "romeo", .stanza = "<message><x/></message>", .stanza_id = "c", .keep = false});
  world.say(1, 5000);
  CHECK(world.numbers(all_of(1)) == Numbers{2, 3, 6});
  CHECK(world.page(all_of(1)).items[1].stanza == "<message><subject/></message>");
  // Subjects are not part of what is given to those who enter.
  const auto history = world.content->rooms().history({.room_id = 1, .max_items = 10});
  REQUIRE(history);
  CHECK(history->size() == 2);
  CHECK(world.content->directory().find(jid("r1@chat.localhost")).value()->messages == 2);
}

TEST_CASE("pages of an archive, from both ends, to numbers, by bytes") {
  Archive world;
  world.make_room(1);
  for (int i = 0; i < 10; ++i) world.say(1, 1000 * i);  // 2 to 11
  auto asked = all_of(1);
  asked.max_items = 10;
  CHECK(world.page(asked).complete);
  asked.max_items = 9;
  CHECK_FALSE(world.page(asked).complete);
  asked.newest = true;
  CHECK(world.numbers(asked) == Numbers{3, 4, 5, 6, 7, 8, 9, 10, 11});
  asked.max_items = 3;
  asked.before = 9;
  CHECK(world.numbers(asked) == Numbers{6, 7, 8});
  asked.after = 6;
  CHECK(world.numbers(asked) == Numbers{7, 8});
  CHECK(world.page(asked).complete);
  asked.newest = false;
  asked.after = 4;
  CHECK(world.numbers(asked) == Numbers{5, 6, 7});
  asked.after = 8;
  CHECK(world.numbers(asked) == Numbers{});
  asked.after = 11;
  asked.before = 3;
  CHECK(world.page(asked).complete);
  // Each stanza has 33 bytes: the page ends with the one that exceeds them.
  REQUIRE(world.page(all_of(1)).items[0].stanza.size() == 33);
  for (const auto& [bytes, size] : {std::pair<std::size_t, std::size_t>{0, 1},
                                    {32, 1},
                                    {33, 2},
                                    {34, 2},
                                    {297, 10},
                                    {296, 9}}) {
    asked = all_of(1);
    asked.max_bytes = bytes;
    CHECK(world.numbers(asked).size() == size);
    asked.newest = true;
    CHECK(world.numbers(asked).size() == size);
  }
}

TEST_CASE("numbers that are named must be there") {
  Archive world;
  world.make_room(1);
  for (int i = 0; i < 5; ++i) world.say(1, 1000 * i);  // 2 to 6
  world.other(1, 6000, record::InvitationSent{});
  auto asked = all_of(1);
  asked.named = {2, 6};
  CHECK_FALSE(world.page(asked).missing);
  for (const std::int64_t absent : {1, 7, 8, 1000}) {
    asked.named = {2, absent};
    CHECK(world.page(asked).missing);
    asked.named = {};
    asked.only = {absent, 2};
    CHECK(world.page(asked).missing);
    asked.only = {};
  }
  asked.only = {6, 2, 4, 2};
  CHECK(world.numbers(asked) == Numbers{2, 4, 6});
  asked.max_items = 2;
  CHECK(world.numbers(asked) == Numbers{2, 4});
  CHECK_FALSE(world.page(asked).complete);
  asked.newest = true;
  CHECK(world.numbers(asked) == Numbers{4, 6});
  asked.before = 6;
  CHECK(world.numbers(asked) == Numbers{2, 4});
  asked.start = {2000};
  CHECK(world.numbers(asked) == Numbers{4});
  asked.max_items = 0;
  CHECK(world.page(asked).count == 1u);
}

TEST_CASE("BI-MAM-08 by whom: an account, one of its sessions, a nick; whatever is in the text") {
  Archive world;
  world.make_room(1);
  world.say(1, 1000, "romeo", "pda");           // 2
  world.say(1, 2000, "romeo", "pda/2");         // 3
  world.say(1, 3000, "juliet", "pda");          // 4
  world.say(1, 4000, "romeo0", "pda");          // 5
  world.say(1, 5000, "romeo", "it's 100%_\\");  // 6
  const auto by = [&](const std::string& who) {
    auto asked = all_of(1);
    asked.sender = jid(who);
    return world.numbers(asked);
  };
  CHECK(by("romeo@localhost") == Numbers{2, 3, 6});
  CHECK(by("romeo@localhost/pda") == Numbers{2});
  CHECK(by("romeo@localhost/pd") == Numbers{});
  CHECK(by("romeo@localhost/it's 100%_\\") == Numbers{6});
  CHECK(by("romeo@localhost/it's 100%_") == Numbers{});
  CHECK(by("romeo@localhost/%") == Numbers{});
  CHECK(by("r_meo@localhost") == Numbers{});
  CHECK(by("romeo@localhost/');--") == Numbers{});
  CHECK(by("localhost") == Numbers{});
  CHECK(by("nurse@localhost") == Numbers{});
  auto asked = all_of(1);
  asked.nick = "juliet";
  CHECK(world.numbers(asked) == Numbers{4});
  asked.nick = "%";
  CHECK(world.numbers(asked) == Numbers{});
  asked.nick = std::string(10240, 'a');
  CHECK(world.numbers(asked) == Numbers{});
  asked.nick = "romeo";
  asked.newest = true;
  asked.max_items = 2;
  CHECK(world.numbers(asked) == Numbers{3, 6});
  asked.max_items = 0;
  CHECK(world.page(asked).count == 3u);
}

TEST_CASE("BI-MAM-06 an archive by time, its ends included; an end before its start") {
  Archive world;
  world.make_room(1);
  for (int i = 0; i < 10; ++i) world.say(1, 1000 * (i / 2));  // two of each time
  const auto between = [&](std::int64_t start, std::int64_t end) {
    auto asked = all_of(1);
    asked.start = {start};
    asked.end = {end};
    return world.numbers(asked);
  };
  CHECK(between(1000, 2000) == Numbers{4, 5, 6, 7});
  CHECK(between(1001, 1999) == Numbers{});
  CHECK(between(999, 1000) == Numbers{4, 5});
  CHECK(between(2000, 1000) == Numbers{});
  CHECK(between(4000, 9000) == Numbers{10, 11});
  CHECK(between(-5000, 0) == Numbers{2, 3});
  CHECK(between(4001, 9000) == Numbers{});
}

TEST_CASE("an archive by time is exact however clocks were set back") {
  Archive world;
  std::mt19937 random(7);
  const auto below = [&](int n) { return std::uniform_int_distribution<int>(0, n - 1)(random); };
  for (std::int64_t room = 1; room <= 4; ++room) {
    world.make_room(room);
    std::int64_t now = 100000;
    for (int i = 0; i < 40; ++i) {
      now += below(50);
      if (room == 2 && i % 13 == 7) now -= 10;    // a little, now and then
      if (room == 3 && i == 20) now -= 5000;      // an hour ahead until then
      if (room == 4) now = 100000 + below(1000);  // no order at all
      if (i % 5 == 4) world.other(room, now, record::InvitationSent{});
      if (i % 5 != 4) world.say(room, now);
      if (i == 30) {  // what the writer knew is gone, what it noted is not
        world.close();
        world.open();
        world.record();
      }
    }
    for (int i = 0; i < 60; ++i) {
      auto asked = all_of(room);
      asked.start = {94000 + below(8000)};
      asked.end = {asked.start.us + below(2000)};
      asked.max_items = static_cast<std::size_t>(1 + below(20));
      asked.newest = below(2) == 0;
      if (below(3) == 0) asked.after = below(45);
      if (below(3) == 0) asked.before = below(45);
      if (below(3) == 0) asked.sender = jid("romeo@localhost");
      world.page(asked);
    }
  }
}

TEST_CASE(
    "BI-MAM-11 a walk goes on over what was purged meanwhile: nothing twice, nothing left out") {
  Archive world;
  world.make_room(1);
  for (int i = 0; i < 30; ++i) world.say(1, 1000 * i);  // 2 to 31
  tests::Sql sql(world.place.content_url);
  Numbers seen;
  auto asked = all_of(1);
  asked.max_items = 5;
  for (int page = 0;; ++page) {
    const auto got = world.content->rooms().archive(asked);
    REQUIRE(got);
    for (const auto& item : got->items) seen.push_back(item.number);
    if (got->complete) break;
    asked.after = got->items.back().number;
    if (page == 1) {  // from the front, and in the middle of what is to come
      REQUIRE(sql.error("DELETE FROM history WHERE number < 8 OR number BETWEEN 14 AND 26") == "");
      world.say(1, 30000);
    }
  }
  CHECK(seen == Numbers{2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 27, 28, 29, 30, 31, 32});
  asked.named = {7};
  CHECK(world.content->rooms().archive(asked).value().missing);
  asked.named = {8};
  CHECK_FALSE(world.content->rooms().archive(asked).value().missing);
}

TEST_CASE(
    "reading an archive walks the primary key: nothing is sorted, nobody else's row is seen") {
  Archive world;
  world.make_room(1);
  tests::Sql sql(world.place.content_url);
  // PostgreSQL's plans depend on what there is: fifty rooms.
  if (tests::on_postgres()) {
    REQUIRE(sql.error("INSERT INTO history (room_id, number, at_us, nick, sender, stanza)"
                      " SELECT r, n, n, 'Romeo', 'romeo@localhost/pda', repeat('x', 300)"
                      " FROM generate_series(1, 50) r, generate_series(10, 1000) n") == "");
    REQUIRE(sql.error("ANALYZE history") == "");
  }
  for (const char* statement :
       {db::rows::RowFrom::sql, db::rows::LastRow::sql, db::rows::Page<false>::sql,
        db::rows::Page<true>::sql, db::rows::PageOf<false>::sql, db::rows::PageOf<true>::sql,
        db::rows::CountRange::sql, db::rows::LatestAt::sql}) {
    const std::string steps = tests::plan(
        sql, statement, {"'1'", "'5'", "'900'", "'7'", "'800'", "'5'", "'9'", "'1'", "'x'", "'5'"});
    INFO(statement << "\n" << steps);
    if (tests::on_postgres()) {
      CHECK(steps.find("history_pkey") != std::string::npos);
      CHECK(steps.find("Seq Scan on history ") == std::string::npos);
      CHECK(steps.find("Sort") == std::string::npos);
    } else {
      CHECK(steps.find("SEARCH history USING PRIMARY KEY (room_id=?") != std::string::npos);
      CHECK(steps.find("SCAN") == std::string::npos);
      CHECK(steps.find("TEMP B-TREE") == std::string::npos);
    }
  }
}
