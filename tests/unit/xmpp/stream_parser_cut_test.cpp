// SPDX-License-Identifier: Apache-2.0
// The same bytes give the same calls however they are cut (BI-RAW-37).
#include <catch2/catch.hpp>
#include <random>

#include "tests/unit/xmpp/parser_corpus.h"

using namespace xmpp;
using namespace tests;

namespace {

using Lines = std::vector<std::string>;

Lines in_two(std::string_view document, std::size_t at, const ParserLimits& limits) {
  Events events;
  StreamParser parser(events, limits);
  drive(parser, document.substr(0, at));
  drive(parser, document.substr(at));
  return events.lines;
}

Lines byte_by_byte(std::string_view document, const ParserLimits& limits) {
  Events events;
  StreamParser parser(events, limits);
  for (std::size_t i = 0; i < document.size(); ++i) drive(parser, document.substr(i, 1));
  return events.lines;
}

Lines sleeping(std::string_view document, const ParserLimits& limits) {
  Events events;
  StreamParser parser(events, limits);
  for (std::size_t i = 0; i < document.size(); ++i) {
    drive(parser, document.substr(i, 1));
    parser.hibernate();
  }
  return events.lines;
}

Lines pausing(std::string_view document, const ParserLimits& limits, std::size_t chunk) {
  Events events;
  events.flow = StreamParser::Flow::pause;
  StreamParser parser(events, limits);
  for (std::size_t i = 0; i < document.size(); i += chunk) drive(parser, document.substr(i, chunk));
  return events.lines;
}

void same_however_cut(const std::string& document, const ParserLimits& limits = {}) {
  INFO(document);
  const Lines expected = whole(document, limits);
  for (std::size_t at = 0; at <= document.size(); ++at) {
    INFO("cut at " << at);
    REQUIRE(in_two(document, at, limits) == expected);
  }
  REQUIRE(byte_by_byte(document, limits) == expected);
  REQUIRE(sleeping(document, limits) == expected);
  for (const std::size_t chunk : {1u, 7u, 100000u})
    REQUIRE(pausing(document, limits, chunk) == expected);
}

}  // namespace

TEST_CASE("good streams are read alike however they are cut") {
  for (const std::string& document : good_streams()) {
    same_however_cut(document);
    CHECK(verdict(document).find("error") == std::string::npos);
  }
}

TEST_CASE("bad streams are refused alike however they are cut") {
  for (const std::string& document : bad_streams()) {
    same_however_cut(document);
    CHECK(verdict(document).find("error ") == 0);
  }
}

TEST_CASE("small limits strike alike however the stream is cut") {
  auto documents = good_streams();
  const auto bad = bad_streams();
  documents.insert(documents.end(), bad.begin(), bad.end());
  ParserLimits limits;
  for (const std::size_t size : {20u, 60u, 130u, 160u, 170u, 190u}) {
    limits.token_bytes = size;
    limits.stanza_bytes = 262144;
    for (const auto& document : documents) same_however_cut(document, limits);
    limits.token_bytes = 16384;
    limits.stanza_bytes = size;
    for (const auto& document : documents) same_however_cut(document, limits);
  }
}

TEST_CASE("a stanza is reported with its last byte") {
  for (const std::string& document : good_streams()) {
    Events events;
    StreamParser parser(events, {});
    for (std::size_t i = 0; i < document.size(); ++i) {
      const std::size_t before = events.lines.size();
      drive(parser, document.substr(i, 1));
      if (events.lines.size() != before) REQUIRE(document[i] == '>');
    }
    REQUIRE(events.lines == whole(document));
  }
}

TEST_CASE("random mutations of streams are read alike however they are cut") {
  std::mt19937 random(20261124);
  auto documents = good_streams();
  for (int round = 0; round < 600; ++round) {
    std::string document = documents[random() % documents.size()];
    for (std::size_t i = 0, n = 1 + random() % 3; i < n; ++i) {
      const std::size_t at = random() % document.size();
      constexpr std::string_view bytes("<>&'\"/=!?[]-;#x:a \r\n\0\xff\xc3\xe2\xf0\x80", 26);
      if (random() % 2 == 0)
        document[at] = bytes[random() % bytes.size()];
      else
        document.insert(at, 1, bytes[random() % bytes.size()]);
    }
    ParserLimits limits;
    if (round % 3 == 1) limits.token_bytes = 20 + random() % 200;
    if (round % 3 == 2) limits.stanza_bytes = 20 + random() % 200;
    INFO(document);
    const Lines expected = whole(document, limits);
    REQUIRE(byte_by_byte(document, limits) == expected);
    REQUIRE(sleeping(document, limits) == expected);
    const std::size_t chunk = 1 + random() % 40;
    REQUIRE(pausing(document, limits, chunk) == expected);
    REQUIRE(in_two(document, random() % document.size(), limits) == expected);
  }
}
