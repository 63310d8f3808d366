// SPDX-License-Identifier: Apache-2.0
#include "record/by_rate.h"

#include <catch2/catch.hpp>

namespace {

using record::ByRate;

record::Event rejected(std::int64_t bytes, const std::string& cause = "forbidden") {
  record::Event event{{}, 5, 7, {xmpp::Jid::parse("romeo@localhost/x").value()}, {}};
  record::MessageRejected body{cause, "message", bytes, "r@chat.localhost", "<message/>"};
  body.stanza_sha256 = "5a";
  event.body = body;
  return event;
}

base::Time at(std::int64_t seconds) { return {seconds * 1'000'000}; }

const record::MessageRejected& body(const std::vector<record::Event>& events, std::size_t i = 0) {
  return std::get<record::MessageRejected>(events.at(i).body);
}

}  // namespace

TEST_CASE("twenty in a minute are events of their own, the rest of it is one") {
  ByRate rate;
  for (std::size_t i = 0; i < ByRate::each; ++i) {
    const auto now = rate.add("k", rejected(10), at(100));
    REQUIRE(now.size() == 1);
    CHECK(body(now).count == 1);
    CHECK(body(now).stanza == "<message/>");
  }
  CHECK(rate.add("k", rejected(10), at(101)).empty());
  CHECK(rate.add("k", rejected(11, "not-acceptable"), at(159)).empty());
  CHECK(rate.due(at(159)).empty());
  const auto due = rate.due(at(160));
  REQUIRE(due.size() == 1);
  CHECK(due[0].room_id == 5);
  CHECK(due[0].actor.jid.str() == "romeo@localhost/x");
  CHECK(body(due).count == 2);
  CHECK(body(due).bytes == 21);
  CHECK(body(due).cause == "not-acceptable");
  CHECK(body(due).to.empty());
  CHECK(body(due).stanza.empty());
  CHECK(body(due).stanza_sha256.empty());
  CHECK(rate.due(at(300)).empty());
  CHECK(rate.add("k", rejected(10), at(300)).size() == 1);
}

TEST_CASE("nineteen and twenty leave nothing to count") {
  for (const std::size_t many : {ByRate::each - 1, ByRate::each}) {
    ByRate rate;
    for (std::size_t i = 0; i < many; ++i) CHECK(rate.add("k", rejected(1), at(0)).size() == 1);
    CHECK(rate.due(at(60)).empty());
  }
}

TEST_CASE("what comes after a minute nobody looked at does not lose what was counted in it") {
  ByRate rate;
  for (std::size_t i = 0; i <= ByRate::each; ++i) (void)rate.add("k", rejected(1), at(0));
  const auto both = rate.add("k", rejected(3), at(61));
  REQUIRE(both.size() == 2);
  CHECK(body(both, 0).count == 1);
  CHECK(body(both, 0).stanza.empty());
  CHECK(body(both, 1).stanza == "<message/>");
}

TEST_CASE("kinds do not count together, and all ends when the server does") {
  ByRate rate;
  for (std::size_t i = 0; i <= ByRate::each; ++i) (void)rate.add("a", rejected(1), at(0));
  CHECK(rate.add("b", rejected(1), at(0)).size() == 1);
  const auto all = rate.all();
  REQUIRE(all.size() == 1);
  CHECK(body(all).count == 1);
  CHECK(rate.all().empty());
}

TEST_CASE("a clock that goes back begins a minute anew") {
  ByRate rate;
  for (std::size_t i = 0; i <= ByRate::each; ++i) (void)rate.add("k", rejected(1), at(1000));
  CHECK(rate.add("k", rejected(1), at(10)).size() == 2);
}

TEST_CASE("so many kinds at once, and those beyond are one without names") {
  ByRate rate;
  for (std::size_t i = 0; i < ByRate::kinds_max; ++i)
    CHECK(rate.add(std::to_string(i), rejected(1), at(0)).at(0).room_id == 5);
  for (std::size_t i = 0; i < ByRate::each; ++i) {
    const auto one = rate.add("new " + std::to_string(i), rejected(1), at(0));
    REQUIRE(one.size() == 1);
    CHECK(one[0].room_id == 0);
    CHECK(one[0].number == 0);
    CHECK(one[0].actor.jid.empty());
  }
  CHECK(rate.add("another", rejected(1), at(0)).empty());
  CHECK(rate.add("7", rejected(1), at(0)).size() == 1);  // known before
  const auto due = rate.due(at(60));
  REQUIRE(due.size() == 1);
  CHECK(body(due).count == 1);
  CHECK(rate.add("new", rejected(1), at(60)).at(0).room_id == 5);
}
