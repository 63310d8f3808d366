// SPDX-License-Identifier: Apache-2.0
#include "record/leaf_reader.h"

#include <catch2/catch.hpp>
#include <fstream>
#include <nlohmann/json.hpp>

#include "record/json.h"
#include "record/json_reader.h"
#include "record/leaf.h"

namespace {

using nlohmann::json;
namespace text = record::json;

std::vector<std::string> leaves() {
  std::ifstream file(LEAF_VECTORS);
  REQUIRE(file);
  std::vector<std::string> found;
  const json all = json::parse(file);
  for (const auto& vector : all.at("vectors")) found.push_back(vector.at("leaf"));
  return found;
}

}  // namespace

TEST_CASE("a leaf is read back as it was written") {
  for (const auto& bytes : leaves()) {
    INFO(bytes);
    const auto leaf = record::read_leaf(bytes);
    REQUIRE(leaf);
    const json same = json::parse(bytes);
    CHECK(leaf->source == same.at("src"));
    CHECK(leaf->sn == same.at("sn"));
    CHECK(base::base64(base::as_chars(leaf->previous)) == same.at("sp"));
    CHECK(leaf->id == same.at("id"));
    CHECK(leaf->code == same.at("t"));
    CHECK(leaf->at_us == same.at("ts"));
    CHECK(leaf->mono_us == same.at("mono"));
    CHECK(leaf->boot == same.at("boot"));
    CHECK(leaf->number.has_value() == same.contains("rn"));
    if (leaf->number) CHECK(*leaf->number == same.at("rn"));
    CHECK(leaf->room_previous.has_value() == same.contains("rp"));
    CHECK(json::parse(leaf->details) == same.at("d"));
    REQUIRE(leaf->parts.size() == same.at("parts").size());
    for (std::size_t n = 0; n < leaf->parts.size(); ++n) {
      const auto& part = same.at("parts")[n];
      CHECK(leaf->parts[n].kind == part.at("k"));
      CHECK(leaf->parts[n].size == part.at("sz"));
      CHECK(base::base64(base::as_chars(leaf->parts[n].commitment)) == part.at("c"));
    }
    if (same.contains("a")) CHECK(leaf->pseudonym == same.at("a").value("p", ""));
  }
}

TEST_CASE("what is not written canonically is no leaf") {
  const std::string good = leaves().front();
  REQUIRE(record::read_leaf(good));
  const auto refused = [&](std::size_t at, std::size_t length, const std::string& with) {
    return !record::read_leaf(std::string(good).replace(at, length, with));
  };
  CHECK(refused(0, 1, "{ "));                                       // white space
  CHECK(refused(good.size(), 0, " "));                              // something behind it
  CHECK(refused(good.size() - 1, 1, ""));                           // cut
  CHECK(refused(good.find("\"v\":1"), 5, "\"v\":2"));               // another version
  CHECK(refused(good.find("\"v\":1"), 5, "\"v\":01"));              // zeros in front
  CHECK(refused(good.find("\"v\":1"), 5, "\"v\":1.0"));             // a fraction
  CHECK(refused(good.find("\"v\":1"), 5, "\"a\":1"));               // keys out of order
  CHECK(refused(good.find(",\"v\":1"), 6, ""));                     // a member is missing
  CHECK(refused(good.find("\"src\":\""), 7, "\"src\":\"\\u006e"));  // an escape that need not be
}

TEST_CASE("a text comes back from its escapes") {
  const std::string odd = "a\"b\\c\b\t\n\f\r\x01\x1f \xc3\xa9\xf0\x9f\x8e\x89";
  std::string written;
  text::append_string(written, odd);
  text::Reader in(written);
  const auto raw = in.raw_string();
  REQUIRE(raw);
  CHECK(text::unescaped(*raw) == odd);
  CHECK(in.at_end());
}

TEST_CASE("members are found by their names, and only on the first level") {
  const std::string object = R"({"a":{"n":1},"n":2,"t":"x\ny"})";
  CHECK(text::integer_of(object, "n") == 2);
  CHECK(text::text_of(object, "t") == "x\ny");
  CHECK(text::value_of(object, "a") == R"({"n":1})");
  CHECK_FALSE(text::integer_of(object, "t"));
  CHECK_FALSE(text::integer_of(object, "z"));
}

TEST_CASE("nesting is bounded at 8") {
  const auto nested = [](int depth) {
    return std::string(static_cast<std::size_t>(depth), '[') +
           std::string(static_cast<std::size_t>(depth), ']');
  };
  for (const int depth : {7, 8}) CHECK(text::Reader(nested(depth)).skip());
  CHECK_FALSE(text::Reader(nested(9)).skip());
}

TEST_CASE("whole numbers are read to 2^53 - 1 and no further") {
  CHECK(text::Reader("9007199254740990").integer() == 9007199254740990);
  CHECK(text::Reader("9007199254740991").integer() == 9007199254740991);
  CHECK_FALSE(text::Reader("9007199254740992").integer());
  CHECK(text::Reader("-1").integer() == -1);
  CHECK_FALSE(text::Reader("-0").integer());
  CHECK_FALSE(text::Reader("").integer());
}
