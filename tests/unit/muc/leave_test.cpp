// SPDX-License-Identifier: Apache-2.0
// How the end of a stay stands in the record.
#include <catch2/catch.hpp>

#include "tests/unit/muc/world.h"

namespace {

constexpr const char* room = "r@chat.localhost";

std::string gone(const std::string& to) {
  return "<message type='error' to='" + to +
         "'><error type='cancel'><gone xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>"
         "</message>";
}

}  // namespace

TEST_CASE("a session that an error ended is on record as timed out, last of its occupant or not") {
  tests::MucWorld world;
  world.enter("a@localhost/1", "r@chat.localhost/a");
  world.accept("a@localhost/1", room);
  world.enter("b@localhost/1", "r@chat.localhost/b");
  world.enter("b@localhost/2", "r@chat.localhost/b");
  world.send("b@localhost/2", gone("r@chat.localhost/a"));
  world.send("b@localhost/1", gone("r@chat.localhost/a"));
  const auto left = world.recorded<record::OccupantLeft>();
  REQUIRE(left.size() == 2);
  CHECK(left[0].cause == record::LeaveCause::timeout);
  CHECK(left[1].cause == record::LeaveCause::timeout);
}
