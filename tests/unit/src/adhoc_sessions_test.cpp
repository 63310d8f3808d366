// SPDX-License-Identifier: Apache-2.0
// BI-STZ-19: what an ad-hoc command's session id opens, for whom, and for how long.
#include "src/administration/adhoc_sessions.h"

#include <catch2/catch.hpp>
#include <set>

#include "admin/commands.h"
#include "tests/support/fakes.h"

namespace {

using Problem = server::AdHocSessions::Problem;

xmpp::Jid jid(const std::string& text) { return xmpp::Jid::parse(text).value(); }

struct World {
  tests::FakeClock clock;
  tests::SeededRandom random;
  server::AdHocSessions sessions{{4, 2, base::minutes(10)}, clock, random};
  std::string begin(const std::string& who) {
    return sessions.begin(jid(who), admin::user_add).value_or("");
  }
};

TEST_CASE("BI-STZ-19: a session serves the full JID that began it, once") {
  World world;
  const auto id = world.begin("admin@localhost/a");
  CHECK(id.size() >= 20);
  for (const auto* other : {"admin@localhost/b", "other@localhost/a", "admin@localhost"}) {
    const auto found = world.sessions.look(id, jid(other));
    REQUIRE_FALSE(found);
    CHECK(found.error() == Problem::unknown);
    CHECK_FALSE(world.sessions.end(id, jid(other)));
  }
  CHECK_FALSE(world.sessions.look(id + "x", jid("admin@localhost/a")));
  CHECK(world.sessions.look(id, jid("admin@localhost/a")).value() == &admin::user_add);
  CHECK(world.sessions.end(id, jid("admin@localhost/a")).value() == &admin::user_add);
  CHECK_FALSE(world.sessions.end(id, jid("admin@localhost/a")));
}

TEST_CASE("BI-STZ-19: a session ends by itself, and says so for a while") {
  World world;
  const auto who = jid("admin@localhost/a");
  const auto id = world.begin("admin@localhost/a");
  world.clock.advance(base::minutes(10) - 1);
  CHECK(world.sessions.look(id, who));  // and it waits anew
  world.clock.advance(base::minutes(10));
  const auto late = world.sessions.end(id, who);
  REQUIRE_FALSE(late);
  CHECK(late.error() == Problem::expired);
}

TEST_CASE("sessions are bounded: of one person, and of all") {
  World world;
  const auto first = world.begin("a@localhost/1"), second = world.begin("a@localhost/2");
  const auto third = world.begin("a@localhost/3");
  CHECK_FALSE(world.sessions.look(first, jid("a@localhost/1")));
  CHECK(world.sessions.look(second, jid("a@localhost/2")));
  CHECK(world.begin("b@localhost/1") != "");
  CHECK(world.begin("c@localhost/1") != "");
  CHECK(world.begin("d@localhost/1") == "");  // all four are taken by others
  CHECK(world.begin("c@localhost/1") != "");  // its own oldest goes
  CHECK(std::set<std::string>{first, second, third}.size() == 3);
}

}  // namespace
