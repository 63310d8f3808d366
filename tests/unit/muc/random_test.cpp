// SPDX-License-Identifier: Apache-2.0
// Thousands of random steps against a model: with two seeds that are always the same and a new one
// each time. HANSARD_RANDOM_SEED and HANSARD_RANDOM_STEPS choose others. Each run says its seeds,
// one that fails its last steps too.
#include <catch2/catch.hpp>
#include <cstdlib>
#include <iostream>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "tests/unit/muc/random_walk.h"

namespace {

std::optional<std::uint64_t> from_environment(const char* name) {
  const char* text = std::getenv(name);
  return text == nullptr ? std::nullopt : std::optional<std::uint64_t>(std::stoull(text));
}

std::vector<std::uint64_t> seeds_of_this_run() {
  if (const auto chosen = from_environment("HANSARD_RANDOM_SEED")) return {*chosen};
  return {1, 2, std::random_device{}()};
}

}  // namespace

TEST_CASE("random people in rooms get what the model says") {
  const std::uint64_t steps = from_environment("HANSARD_RANDOM_STEPS").value_or(2000);
  const auto seeds = seeds_of_this_run();
  std::cout << "note: random people in rooms, HANSARD_RANDOM_SEED=" << seeds.back() << std::endl;
  std::set<std::string, std::less<>> outcomes;
  int crowds = 0;
  for (const auto seed : seeds) {
    tests::reference::Walk walk(seed);
    try {
      for (std::uint64_t i = 0; i < steps; ++i) walk.step();
    } catch (const std::exception& wrong) {
      FAIL("seed " << seed << ": " << wrong.what() << "\n" << walk.last_steps());
    }
    for (const auto& [outcome, times] : walk.outcomes()) outcomes.insert(outcome);
    crowds += walk.crowds();
  }
  // One walk may well miss a rare outcome; the two that are always the same never miss one.
  if (steps < 2000 || seeds.size() == 1) return;
  for (const char* outcome :
       {"ok", "ignored", "desync", "bad-request", "forbidden", "conflict", "not-acceptable",
        "not-allowed", "not-authorized", "item-not-found", "registration-required"}) {
    INFO(outcome);
    CHECK(outcomes.contains(outcome));
  }
  CHECK(crowds > 0);
}
