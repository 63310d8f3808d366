// SPDX-License-Identifier: Apache-2.0
#include <atomic>
#include <catch2/catch.hpp>
#include <utility>
#include <vector>

#include "admin/account_rules.h"
#include "admin/commands.h"
#include "tests/unit/admin/fakes.h"

namespace {

using Catch::Matchers::Contains;
using Kind = admin::Refusal::Kind;

admin::Arguments alice() { return {{"jid", "alice@localhost"}, {"password", "secret"}}; }

TEST_CASE("an account is made with keys for both hashes") {
  tests::AdminWorld world;
  const auto answer = world.run(admin::user_add, alice());
  REQUIRE(answer);
  CHECK(answer->count == 1);
  const auto& account = world.accounts.all.at("alice");
  CHECK(account.enabled);
  CHECK_FALSE(account.admin);
  CHECK(account.verifiers.sha1.iterations == 4);
  CHECK(account.verifiers.sha1.salt != account.verifiers.sha256.salt);
  CHECK(xmpp::password_matches(base::Hash::sha1, "secret", account.verifiers.sha1));
  CHECK(xmpp::password_matches(base::Hash::sha256, "secret", account.verifiers.sha256));
  CHECK_FALSE(xmpp::password_matches(base::Hash::sha256, "Secret", account.verifiers.sha256));
}

TEST_CASE("an administrator is made on request") {
  tests::AdminWorld world;
  auto arguments = alice();
  arguments["admin"] = "true";
  REQUIRE(world.run(admin::user_add, arguments));
  CHECK(world.accounts.all.at("alice").admin);
}

TEST_CASE("an account that exists is not made again") {
  tests::AdminWorld world;
  REQUIRE(world.run(admin::user_add, alice()));
  const auto again = world.run(admin::user_add, {{"jid", "ALICE@localhost"}, {"password", "x"}});
  REQUIRE_FALSE(again);
  CHECK_THAT(again.error().text, Contains("exists already") && Contains("user passwd"));
  CHECK(xmpp::password_matches(base::Hash::sha1, "secret",
                               world.accounts.all.at("alice").verifiers.sha1));
}

TEST_CASE("a malformed JID is wrong usage, a foreign one is refused") {
  tests::AdminWorld world;
  for (const char* jid :
       {"", "alice", "localhost", "alice@localhost/phone", "a b@localhost", "@"}) {
    const auto result = world.run(admin::user_add, {{"jid", jid}, {"password", "x"}});
    REQUIRE_FALSE(result);
    CHECK(result.error().kind == Kind::usage);
    CHECK_THAT(result.error().text, Contains("user@localhost"));
  }
  const auto foreign = world.run(admin::user_add, {{"jid", "a@example.org"}, {"password", "x"}});
  REQUIRE_FALSE(foreign);
  CHECK(foreign.error().kind == Kind::refused);
  CHECK_THAT(foreign.error().text, Contains("a@localhost"));
  CHECK(world.accounts.all.empty());
}

TEST_CASE("passwords are prepared and bounded") {
  CHECK_FALSE(admin::prepared_password(""));
  CHECK(admin::prepared_password(std::string(1023, 'x')));
  CHECK(admin::prepared_password(std::string(1024, 'x')));
  CHECK_FALSE(admin::prepared_password(std::string(1025, 'x')));
  CHECK_FALSE(admin::prepared_password("bell\a"));
  const auto mapped = admin::prepared_password(
      "a\xc2\xa0"
      "b");  // no-break space: a space
  REQUIRE(mapped);
  CHECK(*mapped == "a b");
}

TEST_CASE("a changed password replaces the keys and ends the sessions") {
  tests::AdminWorld world;
  REQUIRE(world.run(admin::user_add, alice()));
  REQUIRE(world.run(admin::user_passwd, {{"jid", "alice@localhost"}, {"password", "new"}}));
  CHECK(xmpp::password_matches(base::Hash::sha1, "new",
                               world.accounts.all.at("alice").verifiers.sha1));
  REQUIRE(world.live.ended.size() == 1);
  CHECK(world.live.ended[0] ==
        std::pair{std::string("alice@localhost"), admin::Ending::password_changed});
}

// Again, too: the record of the first time may have come after the command had given up.
TEST_CASE("disabling ends the sessions; enabling undoes it") {
  tests::AdminWorld world;
  REQUIRE(world.run(admin::user_add, alice()));
  const admin::Arguments jid = {{"jid", "alice@localhost"}};
  REQUIRE(world.run(admin::user_disable, jid));
  CHECK_FALSE(world.accounts.all.at("alice").enabled);
  const auto again = world.run(admin::user_disable, jid);
  REQUIRE(again);
  CHECK_THAT(again->text, Contains("already"));
  CHECK(world.live.ended.size() == 2);
  REQUIRE(world.run(admin::user_enable, jid));
  CHECK(world.accounts.all.at("alice").enabled);
}

TEST_CASE("a removed account is gone and its sessions end") {
  tests::AdminWorld world;
  REQUIRE(world.run(admin::user_add, alice()));
  REQUIRE(world.run(admin::user_remove, {{"jid", "alice@localhost"}}));
  CHECK(world.accounts.all.empty());
  REQUIRE(world.live.ended.size() == 1);
  CHECK(world.live.ended[0].second == admin::Ending::removed);
}

TEST_CASE("an account that does not exist is named") {
  tests::AdminWorld world;
  for (const auto* command : {&admin::user_disable, &admin::user_enable, &admin::user_remove}) {
    const auto result = world.run(*command, {{"jid", "bob@localhost"}});
    REQUIRE_FALSE(result);
    CHECK_THAT(result.error().text, Contains("bob@localhost"));
  }
}

// Its record may have come after a command had given up, or gone wrong half way.
TEST_CASE("removing an account that is not there still ends what is left of it") {
  tests::AdminWorld world;
  CHECK_FALSE(world.run(admin::user_remove, {{"jid", "bob@localhost"}}));
  CHECK(world.live.ended ==
        std::vector{std::pair{std::string("bob@localhost"), admin::Ending::removed}});
  CHECK(world.live.administrators == std::vector{std::pair{std::string("bob@localhost"), false}});
}

// Takes what commands say of themselves at once, and keeps what they change for later.
struct SlowRecorder final : record::Recorder {
  explicit SlowRecorder(record::Recorder& to) : quick(to) {}
  void submit(std::vector<record::Event> events,
              std::function<void(record::Settlement)> done) override {
    if (std::holds_alternative<record::AdminCommand>(events.at(0).body))
      return quick.submit(std::move(events), std::move(done));
    held.emplace_back(std::move(events), std::move(done));
  }
  bool accepting() const override { return true; }
  void let_go() {
    for (auto& [events, done] : std::exchange(held, {}))
      quick.submit(std::move(events), std::move(done));
  }
  record::Recorder& quick;
  std::vector<std::pair<std::vector<record::Event>, std::function<void(record::Settlement)>>> held;
};

TEST_CASE("a change that is durable after its command gave up has its effect all the same") {
  tests::AdminWorld world;
  REQUIRE(world.run(admin::user_add, alice()));
  SlowRecorder slow(world.recorder);
  world.context.recorder = &slow;
  std::atomic<bool> stopping{true};  // whoever waits gives up at once
  world.context.stopping = &stopping;
  using Ended = std::vector<std::pair<std::string, admin::Ending>>;
  const std::string jid = "alice@localhost";
  const auto late = [&](const admin::Command& command, const admin::Arguments& arguments) {
    world.live.ended.clear();
    world.live.administrators.clear();
    const auto result = world.run(command, arguments);
    REQUIRE_FALSE(result);
    CHECK_THAT(result.error().text, Contains("may still happen"));
    CHECK(world.live.ended.empty());
    CHECK(world.live.administrators.empty());
  };
  late(admin::user_passwd, {{"jid", jid}, {"password", "new"}});
  slow.let_go();
  CHECK(world.live.ended == Ended{{jid, admin::Ending::password_changed}});
  late(admin::user_disable, {{"jid", jid}});
  slow.let_go();
  CHECK(world.live.ended == Ended{{jid, admin::Ending::disabled}});
  late(admin::user_remove, {{"jid", jid}});
  slow.let_go();
  CHECK(world.live.ended == Ended{{jid, admin::Ending::removed}});
  CHECK(world.live.administrators == std::vector{std::pair{jid, false}});
  auto arguments = alice();
  arguments["admin"] = "true";
  late(admin::user_add, arguments);
  world.recorder.outcome = record::Outcome::broken;
  slow.let_go();
  CHECK(world.live.administrators.empty());  // it never became true
  world.recorder.outcome = record::Outcome::durable;
  late(admin::user_add, arguments);
  slow.let_go();
  CHECK(world.live.administrators == std::vector{std::pair{jid, true}});
}

TEST_CASE("all accounts are listed, page after page") {
  tests::AdminWorld world;
  for (int i = 0; i < 2001; ++i) {
    const auto name = "user" + std::to_string(10000 + i);
    world.accounts.all[name].localpart = name;
  }
  world.context.admins = {*xmpp::Jid::parse("user10007@localhost")};
  const auto answer = world.run(admin::user_list);
  REQUIRE(answer);
  REQUIRE(answer->tables.size() == 1);
  const auto& rows = answer->tables[0].rows;
  REQUIRE(rows.size() == 2001);
  CHECK(answer->count == 2001);
  CHECK(std::get<std::string>(rows[2000][0]) == "user12000@localhost");
  CHECK(std::get<bool>(rows[7][2]));
  CHECK_FALSE(std::get<bool>(rows[8][2]));
}

TEST_CASE("a database that cannot be read is said, not taken for empty") {
  tests::AdminWorld world;
  world.accounts.unavailable = true;
  CHECK_FALSE(world.run(admin::user_list));
  CHECK_FALSE(world.run(admin::user_add, alice()));
  CHECK_FALSE(world.run(admin::user_import, {{"file", "a,b\n"}}));
}

}  // namespace
