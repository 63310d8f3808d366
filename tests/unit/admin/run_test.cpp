// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <catch2/catch.hpp>

#include "admin/commands.h"
#include "tests/unit/admin/fakes.h"

namespace {

using Catch::Matchers::Contains;

TEST_CASE("a command is on record before it acts and after") {
  tests::AdminWorld world;
  REQUIRE(world.run(admin::user_add, {{"jid", "alice@localhost"}, {"password", "hunter2"}}));
  REQUIRE(world.recorder.recorded.size() == 3);
  const auto commands = world.recorder.commands();
  REQUIRE(commands.size() == 2);
  CHECK(std::holds_alternative<record::AdminCommand>(world.recorder.recorded[0].body));
  CHECK(std::holds_alternative<record::AccountChanged>(world.recorder.recorded[1].body));
  CHECK_FALSE(commands[0].finished);
  CHECK(commands[0].command == "user add");
  CHECK(commands[0].uid == 1000);
  CHECK(commands[0].channel == "cli");
  CHECK(commands[0].arguments == "jid=alice@localhost password");
  CHECK(commands[1].finished);
  CHECK(commands[1].result == "done");
  CHECK(commands[1].count == 1);
}

TEST_CASE("a command whose caller has lost the right while it waited does not act") {
  tests::AdminWorld world;
  const auto done =
      admin::run(admin::user_add, {{"jid", "evil@localhost"}, {"password", "hunter2"}},
                 {.channel = "adhoc", .still_may = [] { return false; }}, world.context);
  REQUIRE_FALSE(done);
  CHECK(world.accounts.all.empty());
}

TEST_CASE("a refusal is on record too") {
  tests::AdminWorld world;
  CHECK_FALSE(world.run(admin::user_remove, {{"jid", "bob@localhost"}}));
  const auto commands = world.recorder.commands();
  REQUIRE(commands.size() == 2);
  CHECK(commands[1].result == "refused");
  CHECK(commands[1].count == 0);
}

TEST_CASE("of an imported file only its length is on record") {
  tests::AdminWorld world;
  REQUIRE(world.run(admin::user_import, {{"file", "alice,hunter2\nbob,hunter3\n"}}));
  CHECK(world.recorder.commands()[0].arguments == "file=2 lines");
}

TEST_CASE("nothing happens while nothing can be recorded") {
  tests::AdminWorld world;
  world.recorder.accepts = false;
  const auto result = world.run(admin::user_add, {{"jid", "a@localhost"}, {"password", "x"}});
  REQUIRE_FALSE(result);
  CHECK_THAT(result.error().text, Contains("nothing was done"));
  CHECK(world.recorder.submissions == 0);
  CHECK(world.run(admin::status));
}

TEST_CASE("a command whose start is not recorded does not act") {
  for (const auto outcome : {record::Outcome::broken, record::Outcome::fenced}) {
    tests::AdminWorld world;
    world.recorder.outcome = outcome;
    CHECK_FALSE(world.run(admin::user_add, {{"jid", "a@localhost"}, {"password", "x"}}));
    CHECK(world.recorder.submissions == 1);
  }
}

TEST_CASE("arguments are checked against the declaration") {
  tests::AdminWorld world;
  const auto missing = world.run(admin::user_add, {{"jid", "a@localhost"}});
  REQUIRE_FALSE(missing);
  CHECK(missing.error().kind == admin::Refusal::Kind::usage);
  CHECK_THAT(missing.error().text, Contains("password"));
  const auto unknown = world.run(admin::user_list, {{"colour", "red"}});
  REQUIRE_FALSE(unknown);
  CHECK_THAT(unknown.error().text, Contains("colour"));
  CHECK(world.recorder.submissions == 0);
}

TEST_CASE("status needs no record and no server means a refusal") {
  tests::AdminWorld world;
  const auto shown = world.run(admin::status);
  REQUIRE(shown);
  CHECK(shown->fields.at(0).name == "sessions");
  CHECK(world.recorder.submissions == 0);

  admin::NullLive nobody;
  admin::Context offline{.accounts = world.accounts,
                         .groups = world.groups,
                         .rooms = world.rooms,
                         .databases = world.databases,
                         .archive = world.archive,
                         .recorder = &world.recorder,
                         .clock = world.clock,
                         .random = world.random,
                         .live = nobody,
                         .domain = "localhost"};
  CHECK_FALSE(admin::run(admin::status, {}, {}, offline));
}

TEST_CASE("every command is declared whole and once") {
  std::vector<std::string_view> names;
  for (const auto* command : admin::commands()) {
    CHECK(admin::find_command(command->name) == command);
    CHECK_FALSE(command->help.empty());
    REQUIRE(command->run != nullptr);
    names.push_back(command->name);
  }
  std::sort(names.begin(), names.end());
  CHECK(std::adjacent_find(names.begin(), names.end()) == names.end());
  CHECK(admin::find_command("user") == nullptr);
}

}  // namespace
