// SPDX-License-Identifier: Apache-2.0
// Accounts and what becomes of their names.
#include <catch2/catch.hpp>

#include "tests/contract/world.h"

TEST_CASE("the name of a removed account is given out again by an administrator only") {
  tests::World world;
  world.record();
  const auto change = [&](record::AccountChanged::Action action, bool in_band = false) {
    auto event = tests::account_added("juliet");
    auto& body = std::get<record::AccountChanged>(event.body);
    body.action = action;
    body.in_band = in_band;
    return world.commit({event});
  };
  using Action = record::AccountChanged::Action;
  CHECK(change(Action::added, true) == record::Outcome::durable);
  CHECK(change(Action::added, true) == record::Outcome::broken);  // taken
  CHECK(change(Action::removed) == record::Outcome::durable);
  CHECK(change(Action::added, true) == record::Outcome::broken);
  CHECK(change(Action::added, true) == record::Outcome::broken);  // asking changes nothing
  CHECK(change(Action::added) == record::Outcome::durable);
  CHECK(change(Action::removed) == record::Outcome::durable);
  CHECK(change(Action::added, true) == record::Outcome::broken);
}

TEST_CASE("a password that was meant for an account before does not reach the next of its name") {
  tests::World world;
  world.record();
  const auto at = [](record::AccountChanged::Action action, std::int64_t us) {
    auto event = tests::account_added("juliet");
    event.at = {us};
    std::get<record::AccountChanged>(event.body).action = action;
    return event;
  };
  using Action = record::AccountChanged::Action;
  auto password = at(Action::password, 4);
  std::get<record::AccountChanged>(password.body).made = base::Time{1};
  REQUIRE(world.commit({at(Action::added, 1)}) == record::Outcome::durable);
  CHECK(world.commit({password}) == record::Outcome::durable);
  REQUIRE(world.commit({at(Action::removed, 2), at(Action::added, 3)}) == record::Outcome::durable);
  CHECK(world.commit({password}) == record::Outcome::broken);
  std::get<record::AccountChanged>(password.body).made = base::Time{3};
  CHECK(world.commit({password}) == record::Outcome::durable);
  std::get<record::AccountChanged>(password.body).made = std::nullopt;
  CHECK(world.commit({password}) == record::Outcome::durable);
}
