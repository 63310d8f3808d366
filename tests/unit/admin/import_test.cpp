// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include "admin/commands.h"
#include "admin/import_file.h"
#include "tests/unit/admin/fakes.h"

namespace {

using Catch::Matchers::Contains;

TEST_CASE("lines of localpart and password are read") {
  const auto file = admin::parse_import("alice,one\r\n\n# a comment\nBob,two,three\ncarol,four");
  CHECK(file.problems.empty());
  REQUIRE(file.accounts.size() == 3);
  CHECK(file.accounts[0].password == "one");
  CHECK(file.accounts[1].localpart == "bob");
  CHECK(file.accounts[1].password == "two,three");
  CHECK(file.accounts[1].line == 4);
  CHECK(file.accounts[2].line == 5);
}

TEST_CASE("bad lines are named by number and show no password") {
  const auto file = admin::parse_import("nocomma\na b,x\nalice,\nalice,x\nALICE,topsecret\n,y\n");
  CHECK(file.accounts.size() == 1);
  REQUIRE(file.problems.size() == 5);
  CHECK_THAT(file.problems[0], Contains("line 1: "));
  CHECK_THAT(file.problems[1], Contains("line 2: "));
  CHECK_THAT(file.problems[2], Contains("line 3: "));
  CHECK_THAT(file.problems[3],
             Contains("line 5: ") && Contains("line 4") && !Contains("topsecret"));
  CHECK_THAT(file.problems[4], Contains("line 6: "));
}

TEST_CASE("a good file is imported in one submission") {
  tests::AdminWorld world;
  std::string text;
  for (int i = 0; i < 100; ++i)
    text += "user" + std::to_string(i) + ",pass" + std::to_string(i) + "\n";
  std::size_t last_done = 0, total = 0;
  const auto answer = admin::run(admin::user_import, {{"file", text}},
                                 {.progress =
                                      [&](std::size_t done, std::size_t all) {
                                        last_done = done;
                                        total = all;
                                      }},
                                 world.context);
  REQUIRE(answer);
  CHECK(answer->count == 100);
  CHECK(world.accounts.all.size() == 100);
  CHECK(world.recorder.submissions == 3);  // started, all accounts, finished
  CHECK(last_done == 100);
  CHECK(total == 100);
  CHECK(xmpp::password_matches(base::Hash::sha256, "pass42",
                               world.accounts.all.at("user42").verifiers.sha256));
}

TEST_CASE("one bad line and nothing is imported") {
  tests::AdminWorld world;
  const auto result = world.run(admin::user_import, {{"file", "alice,x\nbad line\n"}});
  REQUIRE_FALSE(result);
  CHECK_THAT(result.error().text, Contains("1 line is wrong"));
  CHECK(world.accounts.all.empty());
}

TEST_CASE("an account that exists is a bad line") {
  tests::AdminWorld world;
  REQUIRE(world.run(admin::user_add, {{"jid", "bob@localhost"}, {"password", "x"}}));
  const auto result = world.run(admin::user_import, {{"file", "alice,x\nbob,y\n"}});
  REQUIRE_FALSE(result);
  REQUIRE(result.error().details.size() == 1);
  CHECK_THAT(result.error().details[0], Contains("line 2: ") && Contains("bob"));
  CHECK(world.accounts.all.size() == 1);
}

TEST_CASE("twenty bad lines are shown, of more the number") {
  for (const int bad : {19, 20, 21}) {
    tests::AdminWorld world;
    std::string text;
    for (int i = 0; i < bad; ++i) text += "bad\n";
    const auto result = world.run(admin::user_import, {{"file", text}});
    REQUIRE_FALSE(result);
    CHECK_THAT(result.error().text, Contains(std::to_string(bad) + " lines"));
    CHECK(result.error().details.size() == static_cast<std::size_t>(bad));
    CHECK((result.error().details.back() == "and 1 more") == (bad == 21));
  }
}

TEST_CASE("an empty file is refused") {
  tests::AdminWorld world;
  CHECK_FALSE(world.run(admin::user_import, {{"file", ""}}));
  CHECK_FALSE(world.run(admin::user_import, {{"file", "# nobody\n\n"}}));
}

}  // namespace
