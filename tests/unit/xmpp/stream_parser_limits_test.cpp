// SPDX-License-Identifier: Apache-2.0
// Each limit at one below, at it, and one above.
#include <catch2/catch.hpp>

#include "tests/unit/xmpp/parser_events.h"

using namespace xmpp;
using namespace tests;

namespace {

const std::string too_much = "error policy-violation";

std::string repeat(std::string_view text, std::size_t times) {
  std::string out;
  for (std::size_t i = 0; i < times; ++i) out += text;
  return out;
}

std::string nested(std::size_t depth) { return repeat("<a>", depth) + repeat("</a>", depth); }

bool taken(const std::string& text, const ParserLimits& limits = {}) {
  const std::string last = verdict_inside(text, limits);
  REQUIRE((last == too_much || last.starts_with("stanza ")));
  return last != too_much;
}

// How many bytes of `text`, which never ends, are read before it is refused.
std::size_t refused_after(std::string_view text, const ParserLimits& limits) {
  Events events;
  StreamParser parser(events, limits);
  parser.feed(stream_start);
  for (std::size_t i = 0; i < text.size(); ++i)
    if (parser.feed(text.substr(i, 1)) == StreamParser::Status::ended) {
      REQUIRE(events.last() == too_much);
      return i + 1;
    }
  return 0;
}

}  // namespace

TEST_CASE("depth is limited") {
  CHECK(taken(nested(63)));
  CHECK(taken(nested(64)));
  CHECK_FALSE(taken(nested(65)));
  CHECK(verdict_inside(repeat("<a>", 65)) == too_much);
  CHECK(verdict_inside(repeat("<a>", 40000)) == too_much);
}

TEST_CASE("elements are limited") {
  for (const std::size_t limit : {32u, 5000u}) {
    ParserLimits limits;
    limits.elements = limit;
    CHECK(taken("<a>" + repeat("<b/>", limit - 2) + "</a>", limits));
    CHECK(taken("<a>" + repeat("<b/>", limit - 1) + "</a>", limits));
    CHECK_FALSE(taken("<a>" + repeat("<b/>", limit) + "</a>", limits));
    CHECK(taken(repeat("<a>" + repeat("<b/>", limit - 1) + "</a>", 3), limits));
  }
}

TEST_CASE("attributes and namespace declarations are limited together") {
  const auto tag = [](int attributes, int declarations) {
    std::string text = "<a";
    for (int i = 0; i < attributes; ++i) text += " a" + std::to_string(i) + "=''";
    for (int i = 0; i < declarations; ++i) text += " xmlns:n" + std::to_string(i) + "='u'";
    return text + "/>";
  };
  CHECK(taken(tag(63, 0)));
  CHECK(taken(tag(64, 0)));
  CHECK_FALSE(taken(tag(65, 0)));
  CHECK(taken(tag(0, 64)));
  CHECK_FALSE(taken(tag(0, 65)));
  CHECK(taken(tag(60, 4)));
  CHECK_FALSE(taken(tag(60, 5)));
  CHECK(taken("<a>" + tag(64, 0) + tag(0, 64) + "</a>"));
  CHECK_FALSE(taken(tag(8000, 0)));
  CHECK_FALSE(taken(tag(0, 2000)));
}

TEST_CASE("a stanza's bytes are limited") {
  for (const std::size_t limit : {10000u, 262144u}) {
    ParserLimits limits;
    limits.stanza_bytes = limit;
    const auto stanza = [](std::size_t size) {
      return "<a>" + std::string(size - 7, 'x') + "</a>";
    };
    CHECK(taken(stanza(limit - 1), limits));
    CHECK(taken(stanza(limit), limits));
    CHECK_FALSE(taken(stanza(limit + 1), limits));
    CHECK(taken(repeat(stanza(limit), 2), limits));
  }
}

TEST_CASE("a stanza is refused at the limit, not at its end") {
  ParserLimits limits;
  limits.stanza_bytes = 10000;
  CHECK(refused_after("<auth>" + std::string(20000, 'x'), limits) == 10001);
  CHECK(refused_after("<auth>" + repeat("&amp;", 4000), limits) == 10001);
  CHECK(refused_after("<auth>" + repeat("<b/>", 4000), limits) == 10001);
  CHECK(refused_after("<auth>" + std::string(20000, ' '), limits) == 10001);
  CHECK(refused_after("<auth a='" + std::string(20000, 'x'), limits) == 10001);
}

TEST_CASE("an unfinished token is refused at its limit") {
  const ParserLimits limits;
  const auto refused_within = [&](const std::string& before, const std::string& token) {
    const auto at = refused_after(before + token + std::string(70000, '0'), limits);
    return at - before.size();
  };
  CHECK(refused_within("", "<a b='") == limits.token_bytes + 1);
  CHECK(refused_within("", "<a") == limits.token_bytes + 1);
  CHECK(refused_within("<a>", "<b c='") == limits.token_bytes + 1);
  CHECK(refused_within("<a>text", "&#") == limits.token_bytes + 1);
  CHECK(refused_within("<a>text", "&e") == limits.token_bytes + 1);
  CHECK(refused_within("<a>", "</a") == limits.token_bytes + 1);
  CHECK(refused_within("<a/> \n", "<?x ") == limits.token_bytes + 1);
}

TEST_CASE("a finished token over the limit is refused, too") {
  const auto tag = [](std::size_t size) { return "<a b='" + std::string(size - 9, 'x') + "'/>"; };
  CHECK(taken(tag(16383)));
  CHECK(taken(tag(16384)));
  CHECK_FALSE(taken(tag(16385)));
  const auto reference = [](std::size_t size) {
    return "<a>&#" + std::string(size - 5, '0') + "65;</a>";
  };
  CHECK(taken(reference(16384)));
  CHECK_FALSE(taken(reference(16385)));
}

TEST_CASE("a run of text is no token") {
  ParserLimits limits;
  limits.token_bytes = 200;
  CHECK(taken("<a>" + std::string(5000, 'x') + "</a>", limits));
  CHECK(refused_after("<a>" + std::string(5000, 'x'), limits) == 0);
}

TEST_CASE("the stream header is limited like a stanza, spaces included") {
  ParserLimits limits;
  limits.stanza_bytes = 10000;
  CHECK(verdict("<stream:stream" + std::string(9986, ' '), limits) == "");
  CHECK(verdict("<stream:stream" + std::string(9987, ' '), limits) == too_much);
  CHECK(verdict(std::string(10000, ' '), limits) == "");
  CHECK(verdict(std::string(10001, ' '), limits) == too_much);
  CHECK(verdict("<stream:stream to='" + std::string(20000, 'x')) == too_much);
}

TEST_CASE("whitespace between stanzas is free") {
  ParserLimits limits;
  limits.stanza_bytes = 200;
  limits.token_bytes = 200;
  const std::string spaces(50000, ' ');
  CHECK(taken(spaces + "<a>" + std::string(193, 'x') + "</a>", limits));
  CHECK_FALSE(taken(spaces + "<a>" + std::string(194, 'x') + "</a>", limits));
  CHECK(refused_after(spaces, limits) == 0);
}

TEST_CASE("new limits hold from the next stanza on") {
  Events events;
  ParserLimits limits;
  limits.elements = 2;
  StreamParser parser(events, limits);
  parser.feed(stream_start + "<a><b/>");
  limits.elements = 3;
  parser.set_limits(limits);
  SECTION("the old ones hold for the one under way") {
    parser.feed("<b/></a>");
    CHECK(events.last() == too_much);
  }
  SECTION("then the new ones do") {
    parser.feed("</a><a><b/><b/></a>");
    CHECK(events.last() == "stanza <a xmlns='jabber:client'><b/><b/></a>");
    parser.feed("<a><b/><b/><b/></a>");
    CHECK(events.last() == too_much);
  }
}

TEST_CASE("between stanzas new limits hold at once") {
  Events events;
  ParserLimits limits;
  StreamParser parser(events, limits);
  parser.feed(stream_start + "<a/>");
  limits.depth = 1;
  parser.set_limits(limits);
  parser.feed("<a><b/></a>");
  CHECK(events.last() == too_much);
}
