// SPDX-License-Identifier: Apache-2.0
#include "src/trimmer.h"

#include <catch2/catch.hpp>

using server::TrimRule;

TEST_CASE("memory is given back when half of a full house have gone") {
  TrimRule rule;
  CHECK_FALSE(rule.worth_it(0));
  CHECK_FALSE(rule.worth_it(1000));
  CHECK_FALSE(rule.worth_it(501));
  CHECK(rule.worth_it(500));
  CHECK_FALSE(rule.worth_it(500));  // once
  CHECK_FALSE(rule.worth_it(400));
  CHECK_FALSE(rule.worth_it(2000));
  CHECK(rule.worth_it(900));
}

TEST_CASE("a few that go are not worth it") {
  TrimRule rule;
  CHECK_FALSE(rule.worth_it(TrimRule::few));
  CHECK_FALSE(rule.worth_it(1));
  CHECK(rule.worth_it(0));
  CHECK_FALSE(rule.worth_it(TrimRule::few - 1));
  CHECK_FALSE(rule.worth_it(0));
}
