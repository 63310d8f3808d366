// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include "admin/commands.h"
#include "tests/unit/admin/fakes.h"

namespace {

using Catch::Matchers::Contains;

const admin::Field* field(const admin::Answer& answer, std::string_view name) {
  for (const auto& f : answer.fields)
    if (f.name == name) return &f;
  return nullptr;
}

TEST_CASE("every page of the rooms together is every room once") {
  tests::AdminWorld world;
  for (int i = 100; i < 350; ++i) world.rooms.add("r" + std::to_string(i) + "@chat.localhost");
  world.rooms.add("zoo@other.localhost");
  std::set<std::string> seen;
  admin::Arguments arguments{{"service", "chat.localhost"}, {"max", "100"}};
  std::size_t pages = 0;
  for (;;) {
    const auto page = world.run(admin::room_list, arguments);
    REQUIRE(page);
    ++pages;
    CHECK(page->tables.at(0).rows.size() <= 100);
    for (const auto& row : page->tables.at(0).rows)
      CHECK(seen.insert(std::get<std::string>(row[0])).second);
    const auto* next = field(*page, admin::next_after);
    if (next == nullptr) break;
    arguments["after"] = std::get<std::string>(next->value);
  }
  CHECK(pages == 3);
  CHECK(seen.size() == 250);
}

TEST_CASE("a room is shown whole, but for its password") {
  tests::AdminWorld world;
  world.rooms.add("balcony@chat.localhost");
  auto& room = world.rooms.all["balcony@chat.localhost"];
  room.settings = {{"muc#roomconfig_roomname", "Balcony"},
                   {"muc#roomconfig_roomsecret", "cauldronburn"}};
  room.summary.last_message_at = {1'700'000'000'000'000};
  world.rooms.affiliated = {
      {*xmpp::Jid::parse("juliet@localhost"), record::Affiliation::owner, "Juliet"}};
  world.rooms.inside = {{"Juliet",
                         *xmpp::Jid::parse("juliet@localhost/balcony"),
                         record::Affiliation::owner,
                         record::Role::moderator,
                         {1}}};
  const auto shown = world.run(admin::room_show, {{"room", "Balcony@chat.localhost"}});
  REQUIRE(shown);
  REQUIRE(shown->tables.size() == 3);
  CHECK(std::get<std::string>(shown->tables[0].rows.at(1).at(1)) == "(secret)");
  CHECK(std::get<std::string>(shown->tables[1].rows.at(0).at(1)) == "owner");
  CHECK(std::get<std::string>(shown->tables[2].rows.at(0).at(2)) == "moderator");
  CHECK_THAT(std::get<std::string>(field(*shown, "last_message_at")->value),
             Contains("2023-11-14"));
  CHECK(std::get<bool>(field(*shown, "in_memory")->value));
}

TEST_CASE("no such room, and a database that cannot be read, are said") {
  tests::AdminWorld world;
  const auto none = world.run(admin::room_show, {{"room", "r@chat.localhost"}});
  REQUIRE_FALSE(none);
  CHECK_THAT(none.error().text, Contains("no room r@chat.localhost"));
  world.rooms.unavailable = true;
  CHECK_FALSE(world.run(admin::room_show, {{"room", "r@chat.localhost"}}));
  CHECK_FALSE(world.run(admin::room_list));
}

TEST_CASE("the state of the databases needs no record") {
  tests::AdminWorld world;
  world.recorder.accepts = false;
  const auto shown = world.run(admin::db_status);
  REQUIRE(shown);
  CHECK(std::get<std::string>(shown->tables.at(0).rows.at(0).at(5)) == "process 7");
  CHECK(world.recorder.submissions == 0);
  world.recorder.accepts = true;
  const auto migrated = world.run(admin::db_migrate);
  REQUIRE(migrated);
  CHECK_THAT(migrated->text, Contains("from schema 1 to 2"));
}

}  // namespace
