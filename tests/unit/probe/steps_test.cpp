// SPDX-License-Identifier: Apache-2.0
#include "probe/steps.h"

#include <catch2/catch.hpp>

using probe::Note;
using probe::Step;

namespace {
probe::Report report() {
  probe::Options options;
  options.first.jid = xmpp::Jid::parse("a@b").value();
  options.second.jid = xmpp::Jid::parse("c@d").value();
  options.room = xmpp::Jid::parse("r@s").value();
  return {.steps = probe::all_steps(options)};
}
}  // namespace

TEST_CASE("a note comes out of its line as it went in") {
  for (const auto kind : {Note::Kind::begun, Note::Kind::ok, Note::Kind::failed, Note::Kind::made,
                          Note::Kind::left}) {
    const auto line =
        probe::encode({.kind = kind, .index = 12, .took = 34567, .text = "what: 1 2"});
    REQUIRE(line.back() == '\n');
    const auto note = probe::decode(std::string_view(line).substr(0, line.size() - 1));
    REQUIRE(note);
    CHECK(note->kind == kind);
    CHECK(note->index == 12);
    CHECK(note->took == 34567);
    CHECK(note->text == "what: 1 2");
  }
}

TEST_CASE("a server's text cannot end a line or move a cursor") {
  const auto line = probe::encode({.kind = Note::Kind::failed, .text = "a\nb 1 2\x1b[2J\x7f"});
  CHECK(line == "f 0 0 a b 1 2 [2J \n");
}

TEST_CASE("what is no note is none") {
  for (const auto* line : {"", "b", "b ", "b x 1 ", "b 1", "b 1 2", "q 1 2 ", "b -1 2 "})
    CHECK_FALSE(probe::decode(line));
}

TEST_CASE("a report is good when every step is") {
  auto all = report();
  CHECK_FALSE(all.ok());
  for (std::size_t i = 0; i < all.steps.size(); ++i) {
    CHECK_FALSE(all.ok());
    probe::apply({.kind = Note::Kind::ok, .index = i, .took = 5}, all);
  }
  CHECK(all.ok());
  CHECK(all.failed() == nullptr);
  probe::apply({.kind = Note::Kind::made, .index = all.steps.size()}, all);
  CHECK(all.room_made);
  probe::apply({.kind = Note::Kind::failed, .index = 3, .took = 7, .text = "no"}, all);
  CHECK_FALSE(all.ok());
  REQUIRE(all.failed());
  CHECK(all.failed()->name == "service");
  CHECK(all.failed()->error == "no");
}
