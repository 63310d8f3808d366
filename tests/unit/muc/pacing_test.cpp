// SPDX-License-Identifier: Apache-2.0
#include "muc/state/pacing.h"

#include <catch2/catch.hpp>

using muc::Pace;

namespace {
constexpr Pace pace{.burst = 5, .each = base::seconds(1)};
}

TEST_CASE("five at once, then one a second (BI-MUC-21)") {
  base::Time paid{}, now{base::seconds(1000)};
  for (int i = 0; i < 5; ++i) CHECK(muc::take_turn(paid, pace, now));
  CHECK_FALSE(muc::take_turn(paid, pace, now));
  CHECK_FALSE(muc::take_turn(paid, pace, now + base::seconds(1) - 1));
  CHECK(muc::take_turn(paid, pace, now + base::seconds(1)));
  CHECK_FALSE(muc::take_turn(paid, pace, now + base::seconds(1)));
  // What was refused costs nothing; after five seconds all is paid for.
  now = now + base::seconds(10);
  for (int i = 0; i < 5; ++i) CHECK(muc::take_turn(paid, pace, now));
  CHECK_FALSE(muc::take_turn(paid, pace, now));
}

TEST_CASE("a clock that is set back makes nobody wait for its return") {
  base::Time paid{};
  CHECK(muc::take_turn(paid, pace, {base::seconds(100000)}));
  CHECK(muc::take_turn(paid, pace, {base::seconds(5)}));
}

TEST_CASE("accounts that are square are forgotten") {
  muc::PacedAccounts accounts;
  for (int i = 0; i < 5000; ++i) {
    const auto jid = *xmpp::Jid::parse("u" + std::to_string(i) + "@localhost");
    CHECK(accounts.take_turn(jid, pace, {base::seconds(10 + 2 * i)}));
  }
  CHECK(accounts.size() <= 1001);
}
