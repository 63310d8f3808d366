// SPDX-License-Identifier: Apache-2.0
// The archives of accounts: whose rows a message becomes, and how they are paged.
#include "accounts/archive/message_archive.h"

#include <catch2/catch.hpp>
#include <future>
#include <random>
#include <set>

#include "db/stores/people/message_archive_rows.h"
#include "db/writer/derive/setbacks.h"
#include "tests/contract/world.h"

using accounts::ArchiveFilter;
using record::Outcome;
using tests::jid;

namespace {

struct Archives : tests::World {
  Archives() {
    record();
    REQUIRE(commit({tests::account_added("juliet"), tests::account_added("romeo")}) ==
            Outcome::durable);
  }
  record::Event said(const std::string& from, const std::string& to, const std::string& text,
                     std::int64_t at = 1000) {
    auto event = tests::account_added("");
    event.at = {at};
    event.actor.jid = jid(from);
    event.body = record::DirectMessage{
        .to = jid(to), .stanza = text, .body = text, .for_sender = true, .for_recipient = true};
    return event;
  }
  // What a page holds, one after the other; "+" where there is more.
  std::string page(const std::string& who, const ArchiveFilter& filter = {}, bool from_end = false,
                   std::size_t max = 100, std::size_t bytes = 1 << 20) {
    const auto found = content->messages().page(who, filter, from_end, max, bytes);
    REQUIRE(found);
    std::string all;
    for (const auto& message : found->messages) all += message.stanza + " ";
    return all + (found->more ? "+" : "");
  }
  std::vector<std::int64_t> numbers(const std::string& who) {
    const auto found = content->messages().page(who, {}, false, 100, 1 << 20);
    REQUIRE(found);
    std::vector<std::int64_t> all;
    for (const auto& message : found->messages) all.push_back(message.number);
    return all;
  }
};

}  // namespace

TEST_CASE("a message is in the archives that its flags name, to oneself once") {
  Archives world;
  auto none = world.said("romeo@localhost/o", "juliet@localhost", "none");
  auto& body = std::get<record::DirectMessage>(none.body);
  body.for_sender = body.for_recipient = false;
  auto half = world.said("romeo@localhost/o", "juliet@localhost", "half");
  std::get<record::DirectMessage>(half.body).for_sender = false;
  REQUIRE(world.commit({world.said("romeo@localhost/o", "juliet@localhost", "both"), none, half,
                        world.said("juliet@localhost/b", "juliet@localhost", "self")}) ==
          Outcome::durable);
  CHECK(world.page("juliet") == "both half self ");
  CHECK(world.page("romeo") == "both ");
  CHECK(world.page("nurse").empty());
  CHECK(world.page("juliet", {.with = jid("juliet@localhost")}) == "self ");
}

TEST_CASE("a message to an account that is gone does not wait for the next of that name") {
  Archives world;
  auto gone = tests::account_added("juliet");
  std::get<record::AccountChanged>(gone.body).action = record::AccountChanged::Action::removed;
  REQUIRE(world.commit({world.said("romeo@localhost/o", "juliet@localhost", "before"), gone,
                        world.said("romeo@localhost/o", "juliet@localhost", "after")}) ==
          Outcome::durable);
  REQUIRE(world.commit({tests::account_added("juliet")}) == Outcome::durable);
  CHECK(world.page("juliet").empty());
  CHECK(world.page("romeo") == "before after ");
}

TEST_CASE("the recorder says where a message stands, and that is its number") {
  Archives world;
  std::promise<record::Settlement> settled;
  world.content->recorder().submit({world.said("romeo@localhost/o", "juliet@localhost", "one"),
                                    world.said("romeo@localhost/o", "juliet@localhost", "two")},
                                   [&](record::Settlement outcome) { settled.set_value(outcome); });
  const auto outcome = settled.get_future().get();
  CHECK(outcome.outcome == Outcome::durable);
  CHECK(world.numbers("juliet") == std::vector{outcome.position, outcome.position + 1});
  const auto found = world.content->messages().find("juliet", outcome.position);
  REQUIRE(found);
  REQUIRE(*found);
  CHECK((*found)->stanza == "one");
  CHECK_FALSE(*world.content->messages().find("nurse", outcome.position));
}

TEST_CASE("pages go both ways and say whether there is more") {
  Archives world;
  for (const char* text : {"1", "2", "3", "4", "5"})
    REQUIRE(world.commit({world.said("romeo@localhost/o", "juliet@localhost", text)}) ==
            Outcome::durable);
  const auto n = world.numbers("juliet");
  CHECK(world.page("juliet", {}, false, 4) == "1 2 3 4 +");
  CHECK(world.page("juliet", {}, false, 5) == "1 2 3 4 5 ");
  CHECK(world.page("juliet", {}, true, 2) == "4 5 +");
  CHECK(world.page("juliet", {.after = n[1]}, false, 2) == "3 4 +");
  CHECK(world.page("juliet", {.before = n[2]}, true, 2) == "1 2 ");
  CHECK(world.page("juliet", {.after = n[0], .before = n[3]}) == "2 3 ");
  CHECK(world.page("juliet", {}, false, 0) == "+");
  CHECK(world.page("juliet", {}, false, 9, 1) == "1 +");
  CHECK(world.page("juliet", {}, false, 9, 2) == "1 2 +");
  CHECK(world.page("juliet", {}, true, 9, 5) == "1 2 3 4 5 ");
  const auto ends = world.content->messages().ends("juliet");
  REQUIRE(ends);
  REQUIRE(*ends);
  CHECK((*ends)->first.number == n.front());
  CHECK((*ends)->last.number == n.back());
  CHECK_FALSE(*world.content->messages().ends("nurse"));
}

TEST_CASE("a time is included, and times need not ascend") {
  Archives world;
  REQUIRE(world.commit({world.said("romeo@localhost/o", "juliet@localhost", "a", 100),
                        world.said("romeo@localhost/o", "juliet@localhost", "b", 300),
                        world.said("romeo@localhost/o", "juliet@localhost", "c", 200),
                        world.said("romeo@localhost/o", "juliet@localhost", "d", 400)}) ==
          Outcome::durable);
  for (const bool from_end : {false, true}) {
    const auto between = [&](std::int64_t start, std::int64_t end) {
      return world.page("juliet", {.start = base::Time{start}, .end = base::Time{end}}, from_end);
    };
    CHECK(between(200, 300) == "b c ");
    CHECK(between(201, 300) == "b ");
    CHECK(between(200, 299) == "c ");
    CHECK(between(401, 500).empty());
    CHECK(between(0, 99).empty());
    CHECK(between(100, 400) == "a b c d ");
  }
}

TEST_CASE("with a bare JID means all resources, with a full one just this") {
  Archives world;
  REQUIRE(world.commit({world.said("romeo@localhost/o", "juliet@localhost", "a"),
                        world.said("romeo@localhost/x", "juliet@localhost", "b"),
                        world.said("juliet@localhost/b", "romeo@localhost", "c"),
                        world.said("juliet@localhost/b", "romeo@localhost/o", "d"),
                        world.said("juliet@localhost/b", "nurse@localhost", "e")}) ==
          Outcome::durable);
  for (const bool from_end : {false, true}) {
    CHECK(world.page("juliet", {.with = jid("romeo@localhost")}, from_end) == "a b c d ");
    CHECK(world.page("juliet", {.with = jid("romeo@localhost/o")}, from_end) == "a d ");
    CHECK(world.page("juliet", {.with = jid("friar@localhost")}, from_end).empty());
  }
  CHECK(world.page("juliet", {.with = jid("romeo@localhost")}, true, 1) == "d +");
}

TEST_CASE("of those that are named a page has what else is asked, and none may be missing") {
  Archives world;
  REQUIRE(world.commit({world.said("romeo@localhost/o", "juliet@localhost", "1", 1),
                        world.said("nurse@localhost/n", "juliet@localhost", "2", 2),
                        world.said("romeo@localhost/o", "juliet@localhost", "3", 3),
                        world.said("romeo@localhost/p", "juliet@localhost", "4", 4)}) ==
          Outcome::durable);
  const auto all = world.numbers("juliet");
  REQUIRE(all.size() == 4);
  ArchiveFilter named{.only = {all[3], all[0], all[2], all[0]}};
  CHECK(world.page("juliet", named) == "1 3 4 ");
  CHECK(world.page("juliet", named, false, 2) == "1 3 +");
  CHECK(world.page("juliet", named, false, 3) == "1 3 4 ");
  CHECK(world.page("juliet", named, true, 2) == "3 4 +");
  CHECK(world.page("juliet", named, false, 9, 1) == "1 +");
  const auto with = [&](auto change) {
    auto filter = named;
    change(filter);
    return world.page("juliet", filter);
  };
  CHECK(with([&](auto& f) { f.after = all[0]; }) == "3 4 ");
  CHECK(with([&](auto& f) { f.before = all[3]; }) == "1 3 ");
  CHECK(with([&](auto& f) { f.start = base::Time{3}; }) == "3 4 ");
  CHECK(with([&](auto& f) { f.end = base::Time{3}; }) == "1 3 ");
  CHECK(with([&](auto& f) { f.with = jid("romeo@localhost/o"); }) == "1 3 ");
  CHECK(with([&](auto& f) { f.with = jid("nurse@localhost"); }).empty());

  auto& messages = world.content->messages();
  CHECK(*messages.count("juliet", named) == 3);
  CHECK(*messages.count("juliet", {}) == 4);
  CHECK(*messages.count("juliet", {.with = jid("romeo@localhost")}) == 3);
  CHECK(*messages.count("juliet", {.with = jid("romeo@localhost/p"), .after = all[0]}) == 1);
  CHECK(*messages.count("juliet", {.start = base::Time{2}, .end = base::Time{3}}) == 2);
  // Somebody else's is not there, even if it matches nothing else that is asked.
  named.only.push_back(all[3] + 1000);
  named.before = all[1];
  CHECK(messages.page("juliet", named, false, 1, 1)->missing);
  CHECK(*messages.count("juliet", named) == std::nullopt);
}

TEST_CASE("preferences are kept, and with them go the archive when the account goes") {
  Archives world;
  const auto change = [&](record::Body body) {
    auto event = tests::account_added("juliet");
    event.body = std::move(body);
    return world.commit({event});
  };
  REQUIRE(change(record::RosterChanged{"juliet", jid("nurse@localhost"), false, "", {}}) ==
          Outcome::durable);
  for (int times = 0; times < 2; ++times)
    REQUIRE(
        change(record::ArchivePreferencesChanged{
            "juliet", record::ArchiveDefault::roster, {jid("a@b"), jid("a@c/d")}, {jid("e@f")}}) ==
        Outcome::durable);
  const auto owners = world.content->messages().owners();
  REQUIRE(owners);
  REQUIRE(owners->size() == 1);
  CHECK(owners->front().localpart == "juliet");
  CHECK(owners->front().contacts == std::set{jid("nurse@localhost")});
  const auto data = world.content->personal().load("juliet");
  REQUIRE(data);
  REQUIRE(*data);
  CHECK((*data)->archiving == owners->front().preferences);
  CHECK((*data)->archiving.always == std::vector{jid("a@b"), jid("a@c/d")});
  CHECK(change(record::ArchivePreferencesChanged{"nobody"}) == Outcome::broken);

  auto removed = tests::account_added("juliet");
  std::get<record::AccountChanged>(removed.body).action = record::AccountChanged::Action::removed;
  REQUIRE(world.commit({world.said("romeo@localhost/o", "juliet@localhost", "last"), removed}) ==
          Outcome::durable);
  CHECK(world.page("juliet").empty());
  CHECK(world.page("romeo") == "last ");
  CHECK(world.content->messages().owners()->empty());
}

TEST_CASE("times are found by halving, exactly, however clocks were set back") {
  Archives world;
  std::mt19937 random(7);
  std::vector<std::int64_t> times;
  std::vector<record::Event> events;
  std::int64_t now = 10000;
  for (int n = 0; n < 300; ++n) {
    now += static_cast<std::int64_t>(random() % 100);
    if (n % 60 == 59) now -= static_cast<std::int64_t>(random() % 3000);
    times.push_back(now);
    events.push_back(world.said(n % 3 == 0 ? "nurse@localhost/n" : "romeo@localhost/o",
                                "juliet@localhost", std::to_string(n), now));
    // In commits of their own, so that what is remembered and what is stored are both asked.
    if (n % 50 == 0) REQUIRE(world.commit(std::exchange(events, {})) == Outcome::durable);
    if (n == 150) {
      world.close();
      world.open();
      world.record();
    }
  }
  REQUIRE(world.commit(events) == Outcome::durable);
  const auto expected = [&](std::int64_t start, std::int64_t end, bool nurse) {
    std::string all;
    for (std::size_t n = 0; n < times.size(); ++n)
      if (times[n] >= start && times[n] <= end && (!nurse || n % 3 == 0))
        all += std::to_string(n) + " ";
    return all;
  };
  for (int n = 0; n < 300; ++n) {
    // Around the time of a message, where a mistake of one would show.
    const std::int64_t start =
        times[random() % times.size()] + static_cast<std::int64_t>(random() % 3) - 1;
    const std::int64_t end =
        times[random() % times.size()] + static_cast<std::int64_t>(random() % 3) - 1;
    for (const bool nurse : {false, true}) {
      ArchiveFilter filter{.start = base::Time{start}, .end = base::Time{end}};
      if (n % 5 == 0) filter.start.reset();
      if (n % 7 == 0) filter.end.reset();
      if (nurse) filter.with = jid("nurse@localhost");
      const std::string all = expected(filter.start ? start : 0, filter.end ? end : 1 << 30, nurse);
      INFO(start << " to " << end);
      CHECK(world.page("juliet", filter, n % 2 == 0, 1000) == all);
      CHECK(*world.content->messages().count("juliet", filter) ==
            static_cast<std::size_t>(std::ranges::count(all, ' ')));
    }
  }
}

TEST_CASE("setbacks are counted for archives that are older than they, and go with the account") {
  Archives world;
  tests::Sql sql(world.place.content_url);
  const auto say = [&](const char* who, const char* text, std::int64_t at) {
    return world.said(std::string(who) + "@localhost/o", "juliet@localhost", text, at);
  };
  REQUIRE(world.commit({say("nurse", "a", 100), say("nurse", "b", 500), say("nurse", "c", 200),
                        say("nurse", "d", 450), say("romeo", "e", 600)}) == Outcome::durable);
  const auto setbacks = [&] { return sql.rows("SELECT localpart, us FROM message_setback"); };
  CHECK(setbacks() == std::vector<tests::Sql::Row>{{"juliet", "300"}});
  // As the schema before left it.
  world.close();
  REQUIRE(sql.error("DROP TABLE message_setback") == "");
  REQUIRE(sql.error("DELETE FROM schema_version WHERE version >= 8") == "");
  REQUIRE(sql.error("CREATE INDEX archived_message_time ON archived_message"
                    " (localpart, at_us, number)") == "");
  world.open();
  world.record();
  CHECK(setbacks() == std::vector<tests::Sql::Row>{{"juliet", "300"}});
  CHECK(sql.error("DROP INDEX archived_message_time") != "");
  CHECK(world.page("juliet", {.start = base::Time{450}, .end = base::Time{500}}) == "b d ");

  auto removed = tests::account_added("juliet");
  std::get<record::AccountChanged>(removed.body).action = record::AccountChanged::Action::removed;
  REQUIRE(world.commit({removed, say("romeo", "f", 50)}) == Outcome::durable);
  CHECK(sql.rows("SELECT localpart FROM message_setback WHERE localpart = 'juliet'").empty());
}

TEST_CASE(
    "reading an archive walks the primary key, with one peer their index; nothing is sorted") {
  Archives world;
  tests::Sql sql(world.place.content_url);
  // PostgreSQL's plans depend on what there is: fifty archives, of twenty peers each.
  if (tests::on_postgres()) {
    REQUIRE(sql.error("INSERT INTO archived_message (localpart, number, at_us, peer, resource,"
                      " stanza) SELECT 'p' || p, n, n, 'q' || n % 20, '', repeat('x', 300)"
                      " FROM generate_series(1, 50) p, generate_series(10, 1000) n") == "");
    REQUIRE(sql.error("ANALYZE archived_message") == "");
  }
  struct Expected {
    const char* sql;
    std::vector<const char*> values;
    const char* index;  // PostgreSQL's name; "" for the primary key
  };
  using namespace db::rows;
  const std::vector<const char*> range{"'p1'", "'5'", "'900'", "'7'", "'800'"};
  const auto with = [&](std::vector<const char*> more) {
    auto all = range;
    all.insert(all.end(), more.begin(), more.end());
    return all;
  };
  const auto peer = [&](const auto& row, std::vector<const char*> more) {
    using Row = std::remove_cvref_t<decltype(row)>;
    return Expected{tests::on_postgres() ? Row::postgres_sql : Row::sql, with(std::move(more)),
                    "archived_message_peer"};
  };
  const std::vector<Expected> all = {
      {ArchivePage<false>::sql, with({"'9'"}), ""},
      {ArchivePage<true>::sql, with({"'9'"}), ""},
      {ArchiveCount::sql, range, ""},
      {ArchiveRowFrom::sql, {"'p1'", "'5'"}, ""},
      {ArchiveEnd<false>::sql, {"'p1'"}, ""},
      {ArchiveEnd<true>::sql, {"'p1'"}, ""},
      {LatestArchivedAt::sql, {"'p1'"}, ""},
      peer(ArchivePageWith<false>{}, {"'q1'", "'x'", "'1'", "'9'"}),
      peer(ArchivePageWith<true>{}, {"'q1'", "'x'", "'1'", "'9'"}),
      peer(ArchiveCountWith{}, {"'q1'", "'x'", "'1'"}),
  };
  for (const auto& [statement, values, index] : all) {
    const std::string steps = tests::plan(sql, statement, values);
    INFO(statement << "\n" << steps);
    const bool primary = *index == '\0';
    if (tests::on_postgres()) {
      CHECK(steps.find(primary ? "archived_message_pkey" : index) != std::string::npos);
      CHECK(steps.find("Seq Scan on archived_message") == std::string::npos);
      CHECK(steps.find("Sort") == std::string::npos);
    } else {
      CHECK(steps.find("SEARCH archived_message USING " +
                       (primary ? "PRIMARY KEY (localpart=?"
                                : std::string("INDEX ") + index + " (localpart=? AND peer=?")) !=
            std::string::npos);
      CHECK(steps.find("SCAN") == std::string::npos);
      CHECK(steps.find("TEMP B-TREE") == std::string::npos);
    }
  }
}
