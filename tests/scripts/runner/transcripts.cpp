// SPDX-License-Identifier: Apache-2.0
// Every transcript, through the rules in memory.
#include <catch2/catch.hpp>

#include "tests/scripts/runner/memory_driver.h"

TEST_CASE("transcripts") {
  const auto files = tests::find_scripts(SCRIPTS_DIR);
  REQUIRE(files.size() > 20);
  for (const auto& file : files) {
    DYNAMIC_SECTION(file.substr(file.rfind('/') + 1)) {
      const tests::Script script = tests::read_script(file);
      CHECK_FALSE(script.title.empty());
      tests::MemoryDriver driver;
      std::string problem;
      try {
        tests::run_script(script, driver);
      } catch (const std::exception& e) {
        problem = e.what();
      }
      CAPTURE(problem);
      CHECK(problem.empty());
    }
  }
}
