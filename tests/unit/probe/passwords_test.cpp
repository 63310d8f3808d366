// SPDX-License-Identifier: Apache-2.0
#include "probe/passwords.h"

#include <catch2/catch.hpp>

using probe::Passwords;

namespace {
xmpp::Jid jid(std::string_view text) { return xmpp::Jid::parse(text).value(); }
}  // namespace

TEST_CASE("a password is what stands behind the first space, spaces and all") {
  const auto passwords =
      Passwords::parse("# two\n\nromeo@example.org a b \r\njuliet@example.org\t\"x\"\n");
  REQUIRE(passwords);
  REQUIRE(passwords->find(jid("romeo@example.org")));
  CHECK(*passwords->find(jid("romeo@example.org")) == "a b ");
  CHECK(*passwords->find(jid("juliet@example.org/balcony")) == "\"x\"");
  CHECK_FALSE(passwords->find(jid("nurse@example.org")));
}

TEST_CASE("addresses are compared as addresses") {
  const auto passwords = Passwords::parse("Romeo@EXAMPLE.org x");
  REQUIRE(passwords);
  CHECK(passwords->find(jid("romeo@example.org")));
}

TEST_CASE("a bad line is named by number and never shown") {
  for (const auto* text :
       {"a@b x\nsecret", "a@b x\n\x01 secret", "a@b x\nexample.org secret", "a@b x\nc@d/e secret",
        "a@b x\nc@d", "a@b x\nc@d ", "a@b x\na@b secret"}) {
    const auto passwords = Passwords::parse(text);
    REQUIRE_FALSE(passwords);
    CHECK(passwords.error().find("line 2 ") != std::string::npos);
    CHECK(passwords.error().find("secret") == std::string::npos);
  }
}
