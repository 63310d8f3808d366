// SPDX-License-Identifier: Apache-2.0
#include "src/config/options.h"

#include <catch2/catch.hpp>
#include <fstream>
#include <iterator>
#include <set>

#include "muc/feature_table.h"
#include "record/codes.h"

namespace {

std::string file(const std::string& name) {
  std::ifstream stream(std::string(SOURCE_ROOT) + "/" + name, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

TEST_CASE("the sample in docs/ is current; else run script/generate") {
  CHECK(file("docs/hansard.toml") == server::sample_config());
}

TEST_CASE("the manual page in docs/man is current; else run script/generate") {
  CHECK(file("docs/man/hansard.toml.5.scd") == server::config_man_page());
}

TEST_CASE("docs/xeps.md is what the features of rooms say (script/generate)") {
  CHECK(file("docs/xeps.md") == muc::feature_table());
}

TEST_CASE("the events in docs/archive-format.md are those of record/ (script/generate)") {
  const std::string text = file("docs/archive-format.md");
  CHECK(text == record::with_event_table(text));
}

TEST_CASE("the sample says exactly the defaults") {
  const auto sample = server::parse_config(server::sample_config(), "sample");
  REQUIRE(sample);
  for (const auto& option : server::options())
    CHECK(server::toml_value(option, *sample) == server::toml_value(option, server::Config{}));
  CHECK(sample->warnings.empty());
}

TEST_CASE("defaults keep their own bounds and no key stands twice") {
  std::set<std::string> seen;
  server::Config defaults;
  for (const auto& option : server::options()) {
    INFO(server::dotted(option));
    CHECK(seen.insert(server::dotted(option)).second);
    CHECK_FALSE(option.help.empty());
    if (const auto* number = std::get_if<server::Number>(&option.kind)) {
      const auto value = number->at(defaults);
      CHECK((value == server::unlimited ? number->may_be_unlimited
                                        : value >= number->min && value <= number->max));
    }
  }
}

TEST_CASE("the nearest word is near or none") {
  const std::string words[] = {"domain", "shards", "admins"};
  CHECK(server::nearest("domian", words) == "domain");
  CHECK(server::nearest("shard", words) == "shards");
  CHECK(server::nearest("something_else", words) == "");
}

}  // namespace
