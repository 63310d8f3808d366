// SPDX-License-Identifier: Apache-2.0
#include "record/json.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

namespace {
std::string in_json(std::string_view text) {
  std::string out;
  record::json::append_string(out, text);
  return out;
}
}  // namespace

TEST_CASE("strings are escaped as RFC 8785 says: shortest form, nothing else") {
  CHECK(in_json("") == R"("")");
  CHECK(in_json("\b\t\n\f\r\"\\/") == R"("\b\t\n\f\r\"\\/")");
  CHECK(in_json(std::string_view("\0\x0b\x1f\x7f", 4)) == "\"\\u0000\\u000b\\u001f\x7f\"");
  CHECK(in_json("é漢😀\u2028") == "\"é漢😀\u2028\"");
}

TEST_CASE("what is not UTF-8 becomes U+FFFD") {
  for (const std::string bad : {"\x80", "\xc3", "\xc0\xaf", "\xe0\x80\x80", "\xed\xa0\x80",
                                "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xf0\x9f\x98", "\xff"}) {
    const std::string out = in_json("a" + bad + "b");
    CHECK(nlohmann::json::accept(out));
    CHECK(out.find("\xef\xbf\xbd") != std::string::npos);
    CHECK(out.front() == '"');
    CHECK(out.substr(out.size() - 2) == "b\"");
  }
}

TEST_CASE("members come out in order of key, whatever order they went in") {
  record::json::Object object;
  object.integer("sz", -1);
  object.text("c", "x");
  object.boolean("n", true);
  object.json("k", "[]");
  CHECK(object.end() == R"({"c":"x","k":[],"n":true,"sz":-1})");
  CHECK(object.end() == "{}");
}

TEST_CASE("arrays keep their order") {
  record::json::Array array;
  array.integer(2);
  array.text("b");
  array.json("{}");
  CHECK(array.end() == R"([2,"b",{}])");
  CHECK(record::json::Array().end() == "[]");
}

TEST_CASE("the largest whole number of RFC 8785 is written in full") {
  std::string out;
  record::json::append_integer(out, (std::int64_t{1} << 53) - 1);
  CHECK(out == "9007199254740991");
}
