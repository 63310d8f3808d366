// SPDX-License-Identifier: Apache-2.0
#include "muc/people/names.h"

#include <catch2/catch.hpp>

using muc::acceptable_nick;

TEST_CASE("a nick is visible and turns nothing around (BI-MUC-02)") {
  CHECK(acceptable_nick("Juliet", 255));
  CHECK(acceptable_nick("\xd0\x94\xd0\xb6\xd1\x83\xd0\xbb\xd1\x8c\xd0\xb5\xd1\x82\xd1\x82\xd0\xb0",
                        255));
  CHECK(acceptable_nick("Juliet Capulet", 255));

  CHECK_FALSE(acceptable_nick("\xe2\x80\x8b!", 255));  // RFC 8266: whatever else is to be seen
  CHECK_FALSE(acceptable_nick("", 255));
  CHECK_FALSE(acceptable_nick("   ", 255));
  CHECK_FALSE(acceptable_nick("\xc2\xa0", 255));       // NBSP
  CHECK_FALSE(acceptable_nick("\xe2\x80\x8b", 255));   // U+200B
  CHECK_FALSE(acceptable_nick("\xe2\x81\xa0 ", 255));  // U+2060
  CHECK_FALSE(acceptable_nick("\xe3\x85\xa4", 255));   // U+3164
  CHECK_FALSE(
      acceptable_nick("a\xe2\x80\xae"
                      "b",
                      255));                           // U+202E inside
  CHECK_FALSE(acceptable_nick("a\xe2\x81\xa7", 255));  // U+2067
  CHECK_FALSE(
      acceptable_nick("\xe2\x80\x8f"
                      "a",
                      255));                   // U+200F
  CHECK_FALSE(acceptable_nick("a\xff", 255));  // no UTF-8
}

TEST_CASE("a nick has its limit (BI-MUC-03)") {
  CHECK(acceptable_nick(std::string(254, 'n'), 255));
  CHECK(acceptable_nick(std::string(255, 'n'), 255));
  CHECK_FALSE(acceptable_nick(std::string(256, 'n'), 255));
}

TEST_CASE("characters are code points") {
  CHECK(muc::count_characters("") == 0);
  CHECK(muc::count_characters("abc") == 3);
  CHECK(muc::count_characters("\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80") == 3);
}
