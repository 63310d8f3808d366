// SPDX-License-Identifier: Apache-2.0
// Thousands of random steps against a model. HANSARD_RANDOM_SEED and HANSARD_RANDOM_STEPS choose
// others than the usual ones; a run that fails says its seed and its last steps.
#include <catch2/catch.hpp>
#include <cstdlib>
#include <vector>

#include "tests/unit/muc/random_walk.h"

namespace {

std::uint64_t from_environment(const char* name, std::uint64_t usual) {
  const char* text = std::getenv(name);
  return text == nullptr ? usual : std::stoull(text);
}

}  // namespace

TEST_CASE("random people in rooms get what the model says") {
  const std::uint64_t chosen = from_environment("HANSARD_RANDOM_SEED", 0);
  const std::uint64_t steps = from_environment("HANSARD_RANDOM_STEPS", 2000);
  const auto seeds = chosen == 0 ? std::vector<std::uint64_t>{1, 2, 3} : std::vector{chosen};
  for (const auto seed : seeds) {
    tests::reference::Walk walk(seed);
    try {
      for (std::uint64_t i = 0; i < steps; ++i) walk.step();
    } catch (const std::exception& wrong) {
      FAIL("seed " << seed << ": " << wrong.what() << "\n" << walk.last_steps());
    }
    if (steps < 2000) continue;
    INFO("seed " << seed);
    for (const char* outcome :
         {"ok", "ignored", "desync", "forbidden", "conflict", "not-acceptable", "not-allowed",
          "not-authorized", "item-not-found", "registration-required"})
      CHECK(walk.outcomes().contains(outcome));
  }
}
