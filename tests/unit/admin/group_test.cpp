// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include "admin/commands.h"
#include "tests/unit/admin/fakes.h"

namespace {

using Catch::Matchers::Contains;

TEST_CASE("a group is made, filled, shown, emptied and removed, all of it on record") {
  tests::AdminWorld world;
  world.accounts.all["romeo"].localpart = "romeo";
  REQUIRE(world.run(admin::group_add, {{"name", "City"}}));
  const auto again = world.run(admin::group_add, {{"name", "city"}});
  REQUIRE_FALSE(again);
  CHECK_THAT(again.error().text, Contains("exists already"));

  const auto added = world.run(admin::group_member_add,
                               {{"name", "city"}, {"jid", "romeo@localhost\nnurse@example.org"}});
  REQUIRE(added);
  CHECK(added->count == 2);
  const auto twice =
      world.run(admin::group_member_add, {{"name", "city"}, {"jid", "romeo@localhost"}});
  REQUIRE(twice);
  CHECK(twice->count == 0);
  CHECK_THAT(twice->text, Contains("already"));

  const auto shown = world.run(admin::group_show, {{"name", "city"}});
  REQUIRE(shown);
  CHECK(shown->tables.at(0).rows.size() == 2);
  const auto list = world.run(admin::group_list);
  REQUIRE(list);
  CHECK(list->tables.at(0).rows.size() == 1);

  REQUIRE(world.run(admin::group_member_remove, {{"name", "city"}, {"jid", "romeo@localhost"}}));
  CHECK(world.groups.all["city"] == std::set<std::string>{"nurse@example.org"});
  REQUIRE(world.run(admin::group_remove, {{"name", "city"}}));
  CHECK(world.groups.all.empty());
  std::size_t changes = 0;
  for (const auto& event : world.recorder.recorded)
    changes += std::holds_alternative<record::GroupChanged>(event.body) ? 1 : 0;
  CHECK(changes == 5);
}

TEST_CASE("a member of this server must have an account; nobody is added if one has none") {
  tests::AdminWorld world;
  REQUIRE(world.run(admin::group_add, {{"name", "city"}}));
  const auto refused = world.run(admin::group_member_add,
                                 {{"name", "city"}, {"jid", "nurse@example.org\nromoe@localhost"}});
  REQUIRE_FALSE(refused);
  CHECK_THAT(refused.error().text, Contains("romoe@localhost"));
  CHECK(world.groups.all["city"].empty());
}

TEST_CASE("what is done with a group that does not exist is refused") {
  tests::AdminWorld world;
  const admin::Arguments none{{"name", "town"}};
  for (const auto* command : {&admin::group_remove, &admin::group_show}) {
    const auto refused = world.run(*command, none);
    REQUIRE_FALSE(refused);
    CHECK_THAT(refused.error().text, Contains("no group town") && Contains("group list"));
  }
  for (const auto* command : {&admin::group_member_add, &admin::group_member_remove})
    CHECK_FALSE(world.run(*command, {{"name", "town"}, {"jid", "a@b"}}));
}

TEST_CASE("lists come by pages that say where they go on") {
  tests::AdminWorld world;
  for (const auto* name : {"a", "b", "c"}) REQUIRE(world.run(admin::group_add, {{"name", name}}));
  const auto names = [&](const admin::Arguments& arguments, std::string& next) {
    const auto list = world.run(admin::group_list, arguments);
    REQUIRE(list);
    next.clear();
    for (const auto& field : list->fields)
      if (field.name == admin::next_after) next = std::get<std::string>(field.value);
    std::string all;
    for (const auto& row : list->tables.at(0).rows) all += std::get<std::string>(row[0]);
    return all;
  };
  std::string next;
  CHECK(names({{"max", "2"}}, next) == "ab");
  CHECK(next == "b");
  CHECK(names({{"max", "2"}, {"after", next}}, next) == "c");
  CHECK(next.empty());
  CHECK(names({{"max", "3"}}, next) == "abc");
  CHECK(next.empty());
}

TEST_CASE("the person who asks over XMPP stands on record as who did it") {
  tests::AdminWorld world;
  const admin::Caller caller{.channel = "adhoc", .jid = *xmpp::Jid::parse("admin@localhost/pda")};
  REQUIRE(admin::run(admin::group_add, {{"name", "city"}}, caller, world.context));
  REQUIRE(world.recorder.recorded.size() == 3);
  for (const auto& event : world.recorder.recorded)
    CHECK(event.actor.jid.str() == "admin@localhost/pda");
  CHECK(world.recorder.commands()[0].channel == "adhoc");
}

}  // namespace
