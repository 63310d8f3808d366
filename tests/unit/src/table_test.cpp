// SPDX-License-Identifier: Apache-2.0
#include "src/command/table.h"

#include <catch2/catch.hpp>

namespace {

using server::Colours;

TEST_CASE("columns are aligned by characters") {
  const admin::Answer answer{
      .tables = {{.name = "users",
                  .columns = {"jid", "created_at"},
                  .rows = {{std::string("jürgen@localhost"), std::string("today")},
                           {std::string("a@b"), std::int64_t{7}},
                           {std::string("c@d"), false}}}}};
  CHECK(server::answer_text(answer, Colours::off) ==
        "jid               created at\n"
        "jürgen@localhost  today\n"
        "a@b               7\n"
        "c@d               no\n");
}

TEST_CASE("headings are bold where colours are on") {
  const admin::Answer answer{.tables = {{.name = "t", .columns = {"a"}, .rows = {{true}}}}};
  CHECK(server::answer_text(answer, Colours::on) == "\033[1ma\033[0m\nyes\n");
}

TEST_CASE("fields are aligned, and left out where a sentence says them") {
  admin::Answer answer{.fields = {{"sessions", std::int64_t{3}}, {"up_since", std::string("x")}}};
  CHECK(server::answer_text(answer, Colours::off) == "sessions  3\nup since  x\n");
  answer.text = "all well";
  CHECK(server::answer_text(answer, Colours::off) == "all well\n");
}

TEST_CASE("no value moves the cursor") {
  const admin::Answer answer{.text = "a\033[2Jb\x7f"};
  CHECK(server::answer_text(answer, Colours::off) == "a?[2Jb?\n");
}

}  // namespace
