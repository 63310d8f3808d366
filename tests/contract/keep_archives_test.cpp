// SPDX-License-Identifier: Apache-2.0
// What goes out of people's archives of direct messages: by age, by number; the compliance archive
// keeps it all.
#include <catch2/catch.hpp>

#include "db/keep/overdue.h"
#include "db/sql/target.h"
#include "tests/contract/world.h"

using record::Outcome;
using tests::jid;
using tests::Sql;

namespace {

constexpr base::Micros day = 24 * base::minutes(60);

struct Keeping : tests::World {
  Keeping() : sql(place.content_url) {
    record();
    for (const char* name : {"juliet", "romeo", "nurse"})
      REQUIRE(commit({tests::account_added(name)}) == Outcome::durable);
  }
  ~Keeping() { content->stop_keeping(); }
  // Only `who` has it in the archive, each `apart` younger than the one before, the last of now.
  void fill(const std::string& who, int messages, base::Micros apart = 0) {
    std::vector<record::Event> events;
    for (int n = 0; n < messages; ++n)
      events.push_back(said(who, "m" + std::to_string(n), apart * (messages - 1 - n)));
    REQUIRE(commit(std::move(events)) == Outcome::durable);
  }
  record::Event said(const std::string& who, const std::string& text, base::Micros ago) {
    auto event = tests::account_added("");
    event.at = clock.wall() - ago;
    event.actor.jid = jid("friar@localhost/cell");
    event.body = record::DirectMessage{.to = jid(who + "@localhost"),
                                       .stanza = text,
                                       .body = text,
                                       .for_sender = false,
                                       .for_recipient = true};
    return event;
  }
  void keep(const db::KeepRules& rules) {
    content->start_keeping(rules, {}, {.first = 0, .round = base::milliseconds(20), .page = 0});
  }
  std::int64_t kept(const std::string& who) {
    return sql.number("SELECT count(*) FROM archived_message WHERE localpart = '" + who + "'");
  }
  std::string texts(const std::string& who) {
    const auto page = content->messages().page(who, {}, false, 1000, 1 << 20);
    REQUIRE(page);
    std::string all;
    for (const auto& message : page->messages) all += message.stanza + " ";
    return all;
  }
  std::string first(const std::string& who) {
    return sql.text("SELECT stanza FROM archived_message WHERE localpart = '" + who +
                    "' ORDER BY number LIMIT 1");
  }
  // Waits until a round has begun and ended after now: the last in the order of names is trimmed.
  void a_round() {
    if (!has_mark) REQUIRE(commit({tests::account_added("zz")}) == Outcome::durable);
    has_mark = true;
    std::vector<record::Event> events{said("zz", "old", 1000 * day)};
    for (int n = 0; n < 12; ++n) events.push_back(said("zz", "new", 0));
    REQUIRE(commit(std::move(events)) == Outcome::durable);
    tests::eventually([&] {
      return sql.number("SELECT count(*) FROM archived_message WHERE stanza = 'old'") == 0;
    });
  }

  bool has_mark = false;
  Sql sql;
};

}  // namespace

TEST_CASE("an archive keeps so many messages of each person, and the compliance archive all") {
  Keeping world;
  world.fill("juliet", 9);
  world.fill("romeo", 10);
  world.fill("nurse", 11);
  world.keep({.messages = 10});
  tests::eventually([&] { return world.kept("nurse") == 10; });
  world.a_round();
  CHECK(world.kept("juliet") == 9);
  CHECK(world.kept("romeo") == 10);
  CHECK(world.first("nurse") == "m1");
  // Where nothing is new, nobody is counted again; where something is, it is.
  REQUIRE(world.commit({world.said("romeo", "m10", 0)}) == Outcome::durable);
  tests::eventually([&] { return world.first("romeo") == "m1"; });
  CHECK(world.kept("romeo") == 10);
  CHECK(world.sql.number("SELECT count(*) FROM outbox WHERE code = 110") >= 31);
  CHECK(tests::verify_chains(world.sql, "outbox") == "");
}

TEST_CASE("an archive keeps messages of so many days, by the day exactly") {
  Keeping world;
  world.fill("juliet", 10, day);     // 0 to 9 days old
  world.fill("romeo", 3, 10 * day);  // 20, 10, 0
  world.fill("nurse", 4, base::minutes(1));
  world.keep({.days = 5});
  tests::eventually([&] { return world.kept("juliet") == 5 && world.kept("romeo") == 1; });
  world.a_round();
  CHECK(world.texts("juliet") == "m5 m6 m7 m8 m9 ");
  CHECK(world.kept("nurse") == 4);
  CHECK(tests::verify_chains(world.sql, "outbox") == "");
}

TEST_CASE("ages are counted to the microsecond; who has nothing new is not counted again") {
  Keeping world;
  world.fill("juliet", 3, base::seconds(1));
  const std::int64_t at = world.sql.number("SELECT min(at_us) FROM archived_message");
  const std::int64_t last = world.sql.number("SELECT max(number) FROM archived_message");
  const auto target = db::parse_target(world.place.content_url, world.place.dir.str());
  REQUIRE(target);
  db::Session session(*target, db::Session::Use::reader);
  CHECK(db::last_position(session) == last);
  const auto due = [&](const db::KeepRules& rules, base::Micros later, std::int64_t settled) {
    const auto page = db::overdue_people(session, rules, {at + later}, "", settled);
    return page.found.empty() ? 0 : page.found.front().up_to;
  };
  CHECK(due({.days = 5}, 5 * day, 0) == 0);
  CHECK(due({.days = 5}, 5 * day + 1, 0) == last - 2);
  CHECK(due({.messages = 3}, 0, 0) == 0);
  CHECK(due({.messages = 2}, 0, last - 1) == last - 2);
  CHECK(due({.messages = 2}, 0, last) == 0);
}

TEST_CASE("who pages through an archive goes on over what has gone, and ends are the new ones") {
  Keeping world;
  world.fill("juliet", 40, day);
  auto& messages = world.content->messages();
  const auto page = messages.page("juliet", {}, false, 20, 1 << 20);
  REQUIRE(page);
  const std::int64_t gone = page->messages[3].number, left = page->messages[10].number;
  world.keep({.days = 30});
  tests::eventually([&] { return world.kept("juliet") == 30; });
  CHECK((*messages.ends("juliet"))->first.number == left);
  CHECK_FALSE(*messages.find("juliet", gone));
  REQUIRE(*messages.find("juliet", left));
  // From a number that has gone as from one that is left.
  CHECK(messages.page("juliet", {.after = gone}, false, 1, 1 << 20)->messages[0].stanza == "m10");
  CHECK(messages.page("juliet", {.after = left}, false, 1, 1 << 20)->messages[0].stanza == "m11");
  CHECK(messages.page("juliet", {.before = gone}, true, 5, 1 << 20)->messages.empty());
  CHECK(messages.page("juliet", {.only = {gone}}, false, 5, 1 << 20)->missing);
  CHECK(*messages.count("juliet", {.end = world.clock.wall() - 30 * day}) == 0);
  // All of it may go.
  world.content->set_keeping({.days = 1, .messages = 1});
  tests::eventually([&] { return world.kept("juliet") == 1; });
  CHECK(world.texts("juliet") == "m39 ");
}

TEST_CASE("a message from the future keeps no old one from going") {
  Keeping world;
  REQUIRE(world.commit({world.said("juliet", "future", -900 * day),
                        world.said("juliet", "old", day), world.said("juliet", "old too", 9 * day),
                        world.said("juliet", "young", base::minutes(1)),
                        world.said("juliet", "waits", 9 * day)}) == Outcome::durable);
  world.keep({.days = 1});
  tests::eventually([&] { return world.kept("juliet") == 3; });
  CHECK(world.texts("juliet") == "future young waits ");
}

TEST_CASE("without a rule for all, archives stay as they are; a new rule counts for all again") {
  Keeping world;
  world.fill("juliet", 30, day);
  world.fill("romeo", 700);  // more than one slice
  world.keep({.messages = 1000});
  world.content->set_keeping({});
  CHECK(world.kept("juliet") == 30);
  world.content->set_keeping({.messages = 20});
  tests::eventually([&] { return world.kept("juliet") == 20 && world.kept("romeo") == 20; });
  world.content->set_keeping({.messages = 5});  // nothing has come since
  tests::eventually([&] { return world.kept("juliet") == 5 && world.kept("romeo") == 5; });
  CHECK(world.first("romeo") == "m695");
}

TEST_CASE("rules that change end a round that goes by the old ones") {
  Keeping world;
  std::vector<record::Event> events;
  for (int n = 0; n < 250; ++n) {
    const std::string name = "p" + std::to_string(1000 + n);
    events.push_back(tests::account_added(name));
    events.push_back(world.said(name, "a", 0));
    events.push_back(world.said(name, "b", 0));
  }
  REQUIRE(world.commit(std::move(events)) == Outcome::durable);
  // Between the first page of people and the second there is an hour.
  world.content->start_keeping({.messages = 1}, {},
                               {.first = 0, .round = base::milliseconds(20), .page = 60 * day});
  tests::eventually([&] { return world.kept("p1150") == 1; });
  world.fill("juliet", 3);
  world.content->set_keeping({.messages = 2});
  tests::eventually([&] { return world.kept("juliet") == 2; });
  CHECK(world.kept("p1249") == 2);
}
