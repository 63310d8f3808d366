// SPDX-License-Identifier: Apache-2.0
// BI-CFG-09, BI-CFG-07: words of the command line.
#include "src/command/arguments.h"

#include <catch2/catch.hpp>
#include <vector>

namespace {

using Catch::Matchers::Contains;

// Owns words as main() gets them.
struct Words {
  explicit Words(std::vector<std::string> given) : texts(std::move(given)) {
    for (auto& text : texts) pointers.push_back(text.data());
  }
  std::vector<std::string> texts;
  std::vector<char*> pointers;
};

bool accepted(const std::string& word) {
  const Words words({"hansard", word});
  return !server::refuse_arguments(words.pointers);
}

TEST_CASE("words that no terminal types are refused (BI-CFG-09)") {
  CHECK(accepted("alice@localhost"));
  CHECK(accepted("$(x)"));
  CHECK(accepted("--"));
  CHECK(accepted(""));
  CHECK(accepted("zürich €\xf0\x9f\x98\x80"));
  CHECK_FALSE(accepted("a\nb"));
  CHECK_FALSE(accepted("a\x7f"));
  for (const char* word : {"\x80", "\xc3", "\xc0\xaf", "\xe0\x80\x80", "\xed\xa0\x80", "\xe2\x82",
                           "\xf0\x80\x80\x80", "\xf4\x90\x80\x80", "\xff"})
    CHECK_FALSE(accepted(word));
  CHECK(accepted(std::string(65535, 'x')));
  CHECK(accepted(std::string(65536, 'x')));
  CHECK_FALSE(accepted(std::string(65537, 'x')));
  const Words words({"hansard", "user", "a\tb"});
  CHECK_THAT(*server::refuse_arguments(words.pointers), Contains("argument 2"));
}

TEST_CASE("a password is blanked out where it stands (BI-CFG-07)") {
  const Words words(
      {"hansard", "--password", "hunter2", "--password=abc", "--password-stdin", "x"});
  server::blank_out(words.pointers, "--password");
  CHECK(words.texts == std::vector<std::string>{"hansard", "--password", "*******",
                                                "--password=***", "--password-stdin", "x"});
  const Words last({"hansard", "--password"});
  server::blank_out(last.pointers, "--password");
  CHECK(last.texts[1] == "--password");
}

}  // namespace
