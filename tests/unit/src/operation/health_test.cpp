// SPDX-License-Identifier: Apache-2.0
#include "src/operation/health.h"

#include <catch2/catch.hpp>

using Catch::Matchers::Contains;
using server::health;
using server::Severity;
using server::Symptoms;

TEST_CASE("all well: 200") {
  const auto answer = health({.archive = Symptoms::Archive::following});
  CHECK(answer.status == 200);
  CHECK(answer.type == "application/json");
  CHECK_THAT(answer.body, Contains("\"status\": \"well\"") && !Contains("ill\"") &&
                              Contains("follows the record"));
}

TEST_CASE("what makes it ill is named in words, with 503") {
  const auto ill = [](const Symptoms& symptoms, const std::string& words) {
    const auto answer = health(symptoms);
    CHECK(answer.status == 503);
    CHECK_THAT(answer.body, Contains("\"status\": \"ill\"") && Contains(words));
  };
  ill({.record_accepting = false}, "new messages are refused");
  ill({.archive = Symptoms::Archive::retrying}, "copies wait in the outbox");
  ill({.archive = Symptoms::Archive::unsigned_}, "no checkpoint can be signed");
  ill({.archive = Symptoms::Archive::stopped_by_gap,
       .stopped_sources = "n1.7 at 13: a number is missing"},
      "has stopped for a source, the others go on: n1.7 at 13: a number is missing");
  ill({.silent_shards = 1}, "do not answer");
  Symptoms symptoms;
  symptoms.watch.outbox = Severity::error;
  ill(symptoms, "is full");
  symptoms = {};
  symptoms.watch.volumes = {{"data_dir", "/", {}, Severity::none},
                            {"archive", "/", {}, Severity::error}};
  ill(symptoms, "a volume is nearly full");
  symptoms = {};
  symptoms.watch.certificate = Severity::error;
  ill(symptoms, "has expired");
}

TEST_CASE("what only has to be looked at is degraded, with 200") {
  Symptoms symptoms;
  symptoms.watch.volumes = {{"data_dir", "/", {}, Severity::warning}};
  auto answer = health(symptoms);
  CHECK(answer.status == 200);
  CHECK_THAT(answer.body, Contains("\"status\": \"degraded\"") && Contains("little space is left"));
  symptoms = {};
  symptoms.watch.outbox = Severity::warning;
  symptoms.watch.certificate = Severity::warning;
  answer = health(symptoms);
  CHECK(answer.status == 200);
  CHECK_THAT(answer.body, Contains("is filling") && Contains("expires soon"));
}
