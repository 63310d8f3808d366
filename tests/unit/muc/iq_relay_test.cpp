// SPDX-License-Identifier: Apache-2.0
// How many unanswered questions one who is inside may have.
#include <catch2/catch.hpp>

#include "tests/unit/muc/world.h"

namespace {

constexpr const char* room = "r@chat.localhost";

std::string ask(tests::MucWorld& world, const std::string& from) {
  world.forget_inbox(from);
  world.send(from,
             "<iq type='get' id='q' to='r@chat.localhost/a'>"
             "<query xmlns='jabber:iq:version'/></iq>");
  return tests::MucWorld::condition(world.next(from));
}

}  // namespace

TEST_CASE("100 questions of one session may wait for an answer; others ask on") {
  tests::MucWorld world;
  world.enter("a@localhost/1", "r@chat.localhost/a");
  world.accept("a@localhost/1", room);
  world.enter("b@localhost/1", "r@chat.localhost/b");
  world.enter("c@localhost/1", "r@chat.localhost/c");
  for (int i = 0; i < 100; ++i) REQUIRE(ask(world, "b@localhost/1") == "");
  CHECK(ask(world, "b@localhost/1") == "resource-constraint");
  CHECK(ask(world, "c@localhost/1") == "");
}
