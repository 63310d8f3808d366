// SPDX-License-Identifier: Apache-2.0
// What goes out of history: by age, by number, by command; slices, gaps, rooms that are not loaded.
#include <catch2/catch.hpp>
#include <mutex>

#include "tests/contract/world.h"

using record::Outcome;
using tests::message;
using tests::room_created;
using tests::Sql;
using tests::World;

namespace {

constexpr base::Micros day = 24 * base::minutes(60);
const db::KeepPace at_once{.first = 0, .round = base::milliseconds(20), .page = 0};

struct Keeping : World {
  Keeping() : sql(place.content_url) { record(); }
  ~Keeping() { content->stop_keeping(); }  // it is told of rooms until then
  // Each message `apart` younger than the one before; the youngest is of now.
  void fill(std::int64_t room, int messages, base::Micros apart = 0) {
    std::vector<record::Event> events{
        room_created(room, "r" + std::to_string(room) + "@chat.localhost")};
    for (int n = 0; n < messages; ++n) {
      events.push_back(message(room, n + 2));
      events.back().at = clock.wall() - apart * (messages - 1 - n);
    }
    REQUIRE(commit(std::move(events)) == Outcome::durable);
  }
  void keep(const db::KeepRules& rules) {
    content->start_keeping(
        rules,
        [this](const xmpp::Jid& room, std::int64_t up_to, base::Time) {
          const std::lock_guard lock(mutex);
          told.emplace_back(room.str(), up_to);
        },
        at_once);
  }
  void rule(std::int64_t room, std::optional<std::string> days,
            std::optional<std::string> messages) {
    record::Event event{.at = clock.wall(),
                        .room_id = room,
                        .number = 1,
                        .body = record::RetentionChanged{std::move(days), std::move(messages)}};
    REQUIRE(commit({event}) == Outcome::durable);
  }
  std::int64_t kept(std::int64_t room) {
    return sql.number("SELECT count(*) FROM history WHERE room_id = " + std::to_string(room));
  }
  std::int64_t oldest(std::int64_t room) {
    return sql.number("SELECT min(number) FROM history WHERE room_id = " + std::to_string(room));
  }
  // Waits until a round over all rooms has begun and ended after now: room 99 is trimmed by it.
  void a_round() {
    const std::int64_t room = next_mark++;
    fill(room, 2);
    rule(room, {}, "1");
    tests::eventually([&] { return kept(room) == 1; });
  }

  Sql sql;
  std::mutex mutex;
  std::vector<std::pair<std::string, std::int64_t>> told;
  std::int64_t next_mark = 1000;
};

}  // namespace

TEST_CASE("history keeps so many messages of each room, and no room less than it has") {
  Keeping world;
  world.fill(1, 9);
  world.fill(2, 10);
  world.fill(3, 11);
  world.fill(4, 500);
  world.keep({.messages = 10});
  tests::eventually([&] { return world.kept(4) == 10; });
  world.a_round();
  CHECK(world.kept(1) == 9);
  CHECK(world.kept(2) == 10);
  CHECK(world.kept(3) == 10);
  CHECK(world.oldest(3) == 3);
  CHECK(world.oldest(4) == 492);
  const std::lock_guard lock(world.mutex);
  CHECK(std::ranges::find(world.told, std::pair<std::string, std::int64_t>(
                                          "r4@chat.localhost", 491)) != world.told.end());
}

TEST_CASE("history keeps messages of so many days, by the day exactly") {
  Keeping world;
  world.fill(1, 10, day);      // 0 to 9 days old
  world.fill(2, 3, 10 * day);  // 20, 10, 0
  world.fill(3, 4, base::minutes(1));
  world.keep({.days = 5});
  tests::eventually([&] { return world.kept(1) == 5 && world.kept(2) == 1; });
  world.a_round();
  CHECK(world.oldest(1) == 7);
  CHECK(world.kept(3) == 4);
  // The outbox, and with it the archive, has them all.
  CHECK(world.sql.number("SELECT count(*) FROM outbox WHERE code = 101") >= 17);
  CHECK(tests::verify_chains(world.sql, "outbox") == "");
}

TEST_CASE("a message from the future keeps no older ones in the room") {
  Keeping world;
  std::vector<record::Event> events{room_created(1, "r1@chat.localhost")};
  for (int n = 2; n <= 9; ++n) {
    events.push_back(message(1, n));
    // The clock was years ahead, put right, and ran on.
    events.back().at = n == 2 ? world.clock.wall() + 3650 * day : world.clock.wall() - 10 * day;
  }
  REQUIRE(world.commit(std::move(events)) == Outcome::durable);
  world.keep({.days = 1});
  tests::eventually([&] { return world.kept(1) == 1; });
  CHECK(world.oldest(1) == 2);
}

TEST_CASE("what is too old goes in pieces where many thousand messages are to be looked at") {
  Keeping world;
  std::vector<record::Event> events{room_created(1, "r1@chat.localhost")};
  events.push_back(message(1, 2));
  events.back().at = world.clock.wall() + 3650 * day;  // so that halving finds nothing
  REQUIRE(world.commit(std::move(events)) == Outcome::durable);
  constexpr int old = 20'001;
  REQUIRE(world.sql.error(
              "INSERT INTO history (room_id, number, at_us, nick, sender, stanza)"
              " SELECT 1, n + 2, 1000 + n, 'romeo', 'romeo@localhost/pda', '<message/>' FROM"
              " (WITH RECURSIVE n(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < " +
              std::to_string(old) + ") SELECT n FROM n) AS n") == "");
  world.keep({.days = 1});
  tests::eventually([&] { return world.kept(1) == 1; });
}

TEST_CASE("a month after its end a room's history goes, and not before") {
  Keeping world;
  for (int room = 1; room <= 3; ++room) world.fill(room, 5);
  const auto end = [&](std::int64_t room, base::Micros ago) {
    record::Event event{.at = world.clock.wall() - ago,
                        .room_id = room,
                        .number = 7,
                        .body = record::RoomDestroyed{}};
    REQUIRE(world.commit({event}) == Outcome::durable);
  };
  end(1, 30 * day - base::minutes(5));
  end(2, 30 * day);
  // Another room has its JID by now, and keeps what it has in memory.
  REQUIRE(world.commit({room_created(4, "r2@chat.localhost"), message(4, 2)}) == Outcome::durable);
  world.keep({});
  tests::eventually([&] { return world.kept(2) == 0; });
  world.a_round();
  CHECK(world.kept(1) == 5);
  CHECK(world.kept(3) == 5);
  CHECK(world.kept(4) == 1);
  {
    const std::lock_guard lock(world.mutex);
    for (const auto& [room, up_to] : world.told) CHECK(room != "r2@chat.localhost");
  }
  CHECK(tests::verify_chains(world.sql, "outbox") == "");
}

TEST_CASE("a room's own rule comes first: it narrows, widens, and is taken back") {
  Keeping world;
  for (const int room : {1, 2, 3}) world.fill(room, 20);
  world.rule(1, {}, "5");
  world.rule(2, {}, "unlimited");
  world.keep({.messages = 10});
  tests::eventually([&] { return world.kept(1) == 5 && world.kept(3) == 10; });
  world.a_round();
  CHECK(world.kept(2) == 20);
  world.rule(2, {}, "");  // as the server says
  tests::eventually([&] { return world.kept(2) == 10; });
  CHECK(world.sql.number("SELECT count(*) FROM outbox WHERE code = 511") >= 3);
  CHECK(tests::verify_chains(world.sql, "outbox") == "");
}

TEST_CASE("without a rule for all, only rooms with their own are looked at") {
  Keeping world;
  world.fill(1, 20);
  world.fill(2, 20);
  world.rule(2, "unlimited", "7");
  world.keep({});
  tests::eventually([&] { return world.kept(2) == 7; });
  world.a_round();
  CHECK(world.kept(1) == 20);
  if (!tests::on_postgres()) {
    bool indexed = false;
    for (const auto& row : world.sql.rows(
             "EXPLAIN QUERY PLAN SELECT room.id FROM room WHERE room.id > 0 AND room.id IN"
             " (SELECT room_id FROM room_setting"
             " WHERE key IN ('hansard#keep_days', 'hansard#keep_messages')) ORDER BY room.id"))
      indexed = indexed || row.back().find("room_setting_keep") != std::string::npos;
    CHECK(indexed);
  }
  world.content->set_keeping({.messages = 3});
  tests::eventually([&] { return world.kept(1) == 3; });
  CHECK(world.kept(2) == 7);
}

TEST_CASE("a purge takes what is older, no more, and the room goes on") {
  Keeping world;
  world.fill(1, 3000, base::seconds(1));
  const auto before = world.clock.wall() - base::seconds(1000) + base::milliseconds(500);
  std::int64_t shown = -1;
  const auto purged = world.content->purge_history(1, before, [&](std::int64_t done) {
    shown = done;
    return true;
  });
  REQUIRE(purged);
  CHECK(purged->complete);
  CHECK(shown <= purged->messages);  // -1: it was through before anybody was told
  CHECK(world.kept(1) + purged->messages == 3000);
  CHECK(world.sql.number("SELECT min(at_us) FROM history WHERE room_id = 1") >= before.us);
  CHECK(world.sql.number("SELECT number FROM room_head WHERE room_id = 1") == 3001);
  CHECK(world.commit({message(1, 3002)}) == Outcome::durable);
  const auto page = world.content->rooms().history({.room_id = 1, .max_items = 5000});
  REQUIRE(page);
  CHECK(page->size() == static_cast<std::size_t>(world.kept(1)));
  const auto again = world.content->purge_history(1, before, [](std::int64_t) { return true; });
  REQUIRE(again);
  CHECK(again->messages == 0);
  CHECK(again->up_to == 0);
}

TEST_CASE("a purge goes by the time of each message, also where a clock was set back") {
  Keeping world;
  world.fill(1, 1);
  auto late = message(1, 3), early = message(1, 4);
  late.at = world.clock.wall() - base::minutes(5);
  early.at = world.clock.wall() - base::minutes(50);
  REQUIRE(world.commit({late, early}) == Outcome::durable);
  const auto purged = world.content->purge_history(1, world.clock.wall() - base::minutes(20),
                                                   [](std::int64_t) { return true; });
  REQUIRE(purged);
  CHECK(purged->messages == 1);
  CHECK(world.kept(1) == 2);
  CHECK(world.oldest(1) == 2);
}

TEST_CASE("what is trimmed keeps nobody from being recorded, and ends with the writer") {
  Keeping world;
  world.fill(1, 20000);
  world.keep({.messages = 1});
  base::Micros worst = 0;
  for (int n = 0; n < 50; ++n) {
    const auto begin = world.clock.monotonic();
    REQUIRE(world.commit({message(1, 20002 + n)}) == Outcome::durable);
    worst = std::max(worst, world.clock.monotonic() - begin);
  }
  CHECK(worst < base::seconds(2));  // sanitized, on a machine that does other things too
  CHECK(world.stop());
  const auto purged =
      world.content->purge_history(1, world.clock.wall(), [](std::int64_t) { return true; });
  CHECK((!purged || !purged->complete || purged->messages == 0));
}
