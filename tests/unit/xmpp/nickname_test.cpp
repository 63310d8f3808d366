// SPDX-License-Identifier: Apache-2.0
#include "xmpp/nickname.h"

#include <algorithm>
#include <catch2/catch.hpp>

using xmpp::enforce_nickname;
using xmpp::looks_of;

TEST_CASE("nicknames are prepared as RFC 8266 has it") {
  CHECK(enforce_nickname("Foo") == "Foo");  // its own examples: case stays
  CHECK(enforce_nickname("Foo Bar") == "Foo Bar");
  CHECK(enforce_nickname("  Foo \xc2\xa0  Bar ") == "Foo Bar");
  CHECK(enforce_nickname("\xe2\x99\x9a") == "\xe2\x99\x9a");        // BLACK CHESS KING
  CHECK(enforce_nickname("Richard \xe2\x85\xa3") == "Richard IV");  // ROMAN NUMERAL FOUR
  CHECK(enforce_nickname("\xf0\x9f\x98\x80") == "\xf0\x9f\x98\x80");
  CHECK(enforce_nickname("\xc2\xa8") == "\xcc\x88");  // NFKC makes a space: gone
  for (const auto* wrong : {"", " ", "\xc2\xa0", "a\x07", "a\xe2\x80\x8b",
                            "a\xe2\x80\xae"
                            "b",
                            "\xe1\x84\x80", "\xef\xbf\xbf", "\xee\x80\x80", "a\xd9\x80"})
    CHECK_FALSE(enforce_nickname(wrong));
}

TEST_CASE("what looks alike has one look (BI-MUC-04)") {
  const auto same = [](std::string_view a, std::string_view b) {
    const auto ours = looks_of(a), theirs = looks_of(b);
    return std::find_first_of(ours.begin(), ours.end(), theirs.begin(), theirs.end()) != ours.end();
  };
  CHECK(same("Juliet", "jULIET"));
  CHECK(same("Juliet", " Juliet "));
  CHECK(same("Romeo", "R\xd0\xbeme\xd0\xbe"));  // Cyrillic
  CHECK(same("Romeo", "\xef\xbc\xb2omeo"));     // full width
  CHECK(same("Romeo", "R0meo"));
  CHECK(same("\xc3\xa9va", "e\xcc\x81va"));  // composed or not
  CHECK(same("paul", "pau1"));
  CHECK(same("Alice", "AIice"));  // a capital i
  CHECK(same("Paypal", "PaypaI"));
  CHECK_FALSE(same("Alice", "Aiice"));
  CHECK_FALSE(same("Romeo", "Rome"));
  CHECK_FALSE(same("eva", "\xc3\xa9va"));
  CHECK_FALSE(same("n1", "n2"));
}
