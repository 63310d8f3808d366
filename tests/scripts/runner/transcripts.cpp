// SPDX-License-Identifier: Apache-2.0
// Every transcript, through the rules in memory.
#include <catch2/catch.hpp>
#include <chrono>
#include <cstdio>

#include "tests/scripts/runner/memory_driver.h"

namespace {

// How long they took, said at the end.
struct Tally {
  using Clock = std::chrono::steady_clock;
  std::size_t scripts = 0;
  Clock::duration time{};
  ~Tally() {
    const double seconds = std::chrono::duration<double>(time).count();
    std::fprintf(stderr, "%zu transcripts in %.2f s\n", scripts, seconds);
  }
};
Tally tally;

}  // namespace

TEST_CASE("transcripts") {
  const auto files = tests::find_scripts(SCRIPTS_DIR);
  REQUIRE(files.size() > 20);
  for (const auto& file : files) {
    DYNAMIC_SECTION(file.substr(file.rfind('/') + 1)) {
      const auto begun = Tally::Clock::now();
      const tests::Script script = tests::read_script(file);
      CHECK_FALSE(script.title.empty());
      tests::MemoryDriver driver;
      std::string problem;
      try {
        tests::run_script(script, driver);
      } catch (const std::exception& e) {
        problem = e.what();
      }
      tally.time += Tally::Clock::now() - begun;
      ++tally.scripts;
      CAPTURE(problem);
      CHECK(problem.empty());
    }
  }
}
