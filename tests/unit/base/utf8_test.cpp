// SPDX-License-Identifier: Apache-2.0
#include "base/utf8.h"

#include <catch2/catch.hpp>
#include <string>

using namespace base;

TEST_CASE("a well-formed character gives its value and size") {
  const auto at = [](std::string_view text) { return first_code_point(text); };
  CHECK(at("a").value == 'a');
  CHECK(at(std::string_view("\0", 1)).size == 1);
  CHECK(at("\x7f").size == 1);
  CHECK(at("\xC2\x80").value == 0x80);
  CHECK(at("\xDF\xBF").value == 0x7ff);
  CHECK(at("\xE0\xA0\x80").value == 0x800);
  CHECK(at("\xED\x9F\xBF").value == 0xd7ff);
  CHECK(at("\xEE\x80\x80").value == 0xe000);
  CHECK(at("\xEF\xBF\xBF").value == 0xffff);
  CHECK(at("\xF0\x90\x80\x80").value == 0x10000);
  CHECK(at("\xF4\x8F\xBF\xBF").value == 0x10ffff);
  CHECK(at("\xF4\x8F\xBF\xBFx").size == 4);
}

TEST_CASE("what is not UTF-8 is told apart") {
  for (const char* bad :
       {"\x80", "\xBF", "\xC0\xAF", "\xC1\xBF", "\xC2", "\xC2<", "\xE0\x80\xAF", "\xE0\x9F\xBF",
        "\xED\xA0\x80", "\xED\xBF\xBF", "\xE2\x82", "\xF0\x8F\xBF\xBF", "\xF0\x9F\x90",
        "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xFF", "\xFE"}) {
    CHECK(first_code_point(bad).size == 0);
    CHECK_FALSE(is_utf8(std::string("x") + bad + "x"));
  }
  CHECK(is_utf8(""));
  CHECK(is_utf8("žluť 🐎"));
}

TEST_CASE("text is cut at a character") {
  CHECK(cut_utf8("abc", 2) == "ab");
  CHECK(cut_utf8("abc", 3) == "abc");
  CHECK(cut_utf8("abc", 4) == "abc");
  CHECK(cut_utf8("až", 2) == "a");
  CHECK(cut_utf8("až", 3) == "až");
  CHECK(cut_utf8("ž", 1) == "");
  CHECK(cut_utf8("", 0) == "");
}
