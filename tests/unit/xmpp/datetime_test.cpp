// SPDX-License-Identifier: Apache-2.0
#include "xmpp/datetime.h"

#include <catch2/catch.hpp>
#include <random>

using namespace xmpp;
using base::Time;

TEST_CASE("a time is written in UTC, microseconds only when there are some") {
  CHECK(format_datetime({0}) == "1970-01-01T00:00:00Z");
  CHECK(format_datetime({base::seconds(1795507200)}) == "2026-11-24T08:00:00Z");
  CHECK(format_datetime({base::seconds(1795507200) + 123456}) == "2026-11-24T08:00:00.123456Z");
  CHECK(format_datetime({-1}) == "1969-12-31T23:59:59.999999Z");
  CHECK(format_datetime({base::seconds(951782400)}) == "2000-02-29T00:00:00Z");
  CHECK(format_datetime({INT64_MIN}) == "0001-01-01T00:00:00Z");
  CHECK(format_datetime({INT64_MAX}) == "9999-12-31T23:59:59.999999Z");
}

TEST_CASE("a time is read in any zone") {
  CHECK(parse_datetime("1969-07-21T02:56:15Z") == Time{base::seconds(-14159025)});
  CHECK(parse_datetime("1969-07-20T21:56:15-05:00") == parse_datetime("1969-07-21T02:56:15Z"));
  CHECK(parse_datetime("2026-11-24T09:00:00+01:00") == Time{base::seconds(1795507200)});
  CHECK(parse_datetime("2026-11-24T22:00:00+14:00") == Time{base::seconds(1795507200)});
  CHECK(parse_datetime("2026-11-24T08:00:00-00:00") == Time{base::seconds(1795507200)});
}

TEST_CASE("a fraction may have any number of digits") {
  const std::int64_t second = base::seconds(1795507200);
  CHECK(parse_datetime("2026-11-24T08:00:00.1Z") == Time{second + 100000});
  CHECK(parse_datetime("2026-11-24T08:00:00.123456Z") == Time{second + 123456});
  CHECK(parse_datetime("2026-11-24T08:00:00.1234569999999999999999Z") == Time{second + 123456});
}

TEST_CASE("what is not a DateTime is refused") {
  for (const char* bad : {"",
                          "2026",
                          "2026-11-24",
                          "2026-11-24T08:00:00",
                          "2026-11-24 08:00:00Z",
                          "2026-11-24t08:00:00Z",
                          "2026-11-24T08:00:00z",
                          "20261124T08:00:00Z",
                          "2026-11-24T08:00Z",
                          "2026-13-01T00:00:00Z",
                          "2026-00-01T00:00:00Z",
                          "2026-02-29T00:00:00Z",
                          "2026-04-31T00:00:00Z",
                          "2026-01-00T00:00:00Z",
                          "2026-01-01T24:00:00Z",
                          "2026-01-01T00:60:00Z",
                          "2026-01-01T00:00:60Z",
                          "2026-01-01T00:00:00.Z",
                          "2026-01-01T00:00:00,5Z",
                          "2026-01-01T00:00:00+14:01",
                          "2026-01-01T00:00:00+15:00",
                          "2026-01-01T00:00:00+01:60",
                          "2026-01-01T00:00:00+0100",
                          "2026-01-01T00:00:00ZZ",
                          " 2026-01-01T00:00:00Z",
                          "-2026-01-01T00:00:00Z",
                          "+226-01-01T00:00:00Z",
                          "0000-01-01T00:00:00Z",
                          "12026-01-01T00:00:00Z",
                          "2026-1-1T00:00:00Z",
                          "0001-01-01T00:00:00+00:01",
                          "9999-12-31T23:59:59-00:01"}) {
    INFO(bad);
    CHECK_FALSE(parse_datetime(bad).has_value());
  }
  CHECK(parse_datetime("0001-01-01T00:00:00Z").has_value());
  CHECK(parse_datetime("9999-12-31T23:59:59.999999Z").has_value());
}

TEST_CASE("every time comes back as it was") {
  std::mt19937_64 random(82);
  const Time first = *parse_datetime("0001-01-01T00:00:00Z");
  const Time last = *parse_datetime("9999-12-31T23:59:59.999999Z");
  for (int i = 0; i < 20000; ++i) {
    const auto span = static_cast<std::uint64_t>(last - first);
    const Time time = first + static_cast<std::int64_t>(random() % span);
    REQUIRE(parse_datetime(format_datetime(time)) == time);
  }
}
