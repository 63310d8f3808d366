// SPDX-License-Identifier: Apache-2.0
// What rooms keep, purges, backups: as the commands see them.
#include <catch2/catch.hpp>

#include "admin/commands.h"
#include "tests/unit/admin/fakes.h"
#include "xmpp/datetime.h"

namespace {

using Catch::Matchers::Contains;

const record::RetentionChanged* changed(const tests::AdminWorld& world) {
  for (const auto& event : world.recorder.recorded)
    if (const auto* change = std::get_if<record::RetentionChanged>(&event.body)) return change;
  return nullptr;
}

TEST_CASE("what a room keeps is recorded of the room, what is not named stays") {
  tests::AdminWorld world;
  world.rooms.add("a@chat.localhost");
  world.rooms.all["a@chat.localhost"].last_number = 17;
  REQUIRE(world.run(admin::room_set, {{"room", "a@chat.localhost"}, {"keep-days", "30"}}));
  const auto* change = changed(world);
  REQUIRE(change != nullptr);
  CHECK(change->days == "30");
  CHECK_FALSE(change->messages);
  CHECK(world.recorder.recorded.at(1).room_id == world.rooms.all["a@chat.localhost"].summary.id);
  CHECK(world.recorder.recorded.at(1).number == 17);
  CHECK(world.recorder.commands().size() == 2);
}

TEST_CASE("what a room keeps: a number in bounds, unlimited, or as the server says") {
  for (const auto& [value, good] : std::vector<std::pair<std::string, bool>>{{"1", true},
                                                                             {"36500", true},
                                                                             {"0", false},
                                                                             {"36501", false},
                                                                             {"unlimited", true},
                                                                             {"default", true},
                                                                             {"-1", false},
                                                                             {"1.5", false},
                                                                             {"", false},
                                                                             {"many", false}}) {
    tests::AdminWorld world;
    world.rooms.add("a@chat.localhost");
    const auto answer =
        world.run(admin::room_set, {{"room", "a@chat.localhost"}, {"keep-days", value}});
    INFO(value);
    CHECK(answer.has_value() == good);
    CHECK((changed(world) != nullptr) == good);
    if (!answer) CHECK(answer.error().kind == admin::Refusal::Kind::usage);
    if (value == "default") CHECK(changed(world)->days == "");
  }
}

TEST_CASE("room set says what it needs") {
  tests::AdminWorld world;
  world.rooms.add("a@chat.localhost");
  CHECK_THAT(world.run(admin::room_set, {{"room", "a@chat.localhost"}}).error().text,
             Contains("--keep-days"));
  CHECK_THAT(
      world.run(admin::room_set, {{"room", "b@chat.localhost"}, {"keep-days", "1"}}).error().text,
      Contains("no room"));
  CHECK(changed(world) == nullptr);
}

TEST_CASE("a purge goes through the database, then through memory, and is recorded") {
  tests::AdminWorld world;
  world.rooms.add("a@chat.localhost");
  const auto answer =
      world.run(admin::room_purge, {{"room", "a@chat.localhost"}, {"before", "2026-11-25"}});
  REQUIRE(answer);
  CHECK(answer->count == 7);
  REQUIRE(world.databases.purged.size() == 1);
  CHECK(xmpp::format_datetime(world.databases.purged[0].second) == "2026-11-25T00:00:00Z");
  CHECK(world.live.forgotten ==
        std::vector<std::pair<std::string, std::int64_t>>{{"a@chat.localhost", 40}});
  CHECK(world.recorder.commands().at(1).count == 7);
}

TEST_CASE("a purge that is malformed, of no room, or fails") {
  tests::AdminWorld world;
  world.rooms.add("a@chat.localhost");
  for (const char* when : {"", "yesterday", "2026-13-01", "2026-11-25T08:00"})
    CHECK(world.run(admin::room_purge, {{"room", "a@chat.localhost"}, {"before", when}})
              .error()
              .kind == admin::Refusal::Kind::usage);
  CHECK_FALSE(
      world.run(admin::room_purge, {{"room", "b@chat.localhost"}, {"before", "2026-11-25"}}));
  CHECK(world.databases.purged.empty());
  world.databases.trouble = "the database does not answer";
  CHECK_THAT(world.run(admin::room_purge, {{"room", "a@chat.localhost"}, {"before", "2026-11-25"}})
                 .error()
                 .text,
             Contains("does not answer"));
  CHECK(world.live.forgotten.empty());
}

TEST_CASE("a purge that is cut off says how far it came") {
  tests::AdminWorld world;
  world.rooms.add("a@chat.localhost");
  const std::atomic<bool> stopping = true;
  world.context.stopping = &stopping;
  CHECK_THAT(world.run(admin::room_purge, {{"room", "a@chat.localhost"}, {"before", "2026-11-25"}})
                 .error()
                 .text,
             Contains("7 messages"));
}

TEST_CASE("a backup lists what it made; one that fails says why; not over XMPP") {
  tests::AdminWorld world;
  const auto answer = world.run(admin::db_backup, {{"dir", "/backups/today"}});
  REQUIRE(answer);
  CHECK(world.databases.folders == std::vector<std::string>{"/backups/today"});
  REQUIRE(answer->tables.at(0).rows.size() == 2);
  CHECK(answer->count == 2);
  world.databases.trouble = "the disk is full";
  CHECK_THAT(world.run(admin::db_backup, {{"dir", "/backups/today"}}).error().text,
             Contains("the disk is full"));
  CHECK_FALSE(
      admin::run(admin::db_backup, {{"dir", "/backups/x"}}, {.channel = "adhoc"}, world.context));
  CHECK(world.databases.folders.size() == 2);
}

}  // namespace
