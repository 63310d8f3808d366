// SPDX-License-Identifier: Apache-2.0
#include "xmpp/jid.h"

#include <catch2/catch.hpp>
#include <unordered_set>

using namespace xmpp;

namespace {

std::string prepared(std::string_view text) {
  const auto jid = Jid::parse(text);
  return jid ? jid->str() : "(malformed)";
}

std::string utf8(std::uint32_t c) {
  const auto byte = [](std::uint32_t b) { return static_cast<char>(b); };
  if (c < 0x80) return {byte(c)};
  if (c < 0x800) return {byte(0xc0 | c >> 6), byte(0x80 | (c & 63))};
  if (c < 0x10000) return {byte(0xe0 | c >> 12), byte(0x80 | (c >> 6 & 63)), byte(0x80 | (c & 63))};
  return {byte(0xf0 | c >> 18), byte(0x80 | (c >> 12 & 63)), byte(0x80 | (c >> 6 & 63)),
          byte(0x80 | (c & 63))};
}

}  // namespace

TEST_CASE("an address has its three parts") {
  const auto full = Jid::parse("juliet@example.org/balcony/x@y");
  REQUIRE(full);
  CHECK(full->local() == "juliet");
  CHECK(full->domain() == "example.org");
  CHECK(full->resource() == "balcony/x@y");
  CHECK(full->bare_str() == "juliet@example.org");
  CHECK_FALSE(full->is_bare());
  CHECK(full->has_local());
  const auto domain = Jid::parse("example.org");
  REQUIRE(domain);
  CHECK(domain->local().empty());
  CHECK(domain->domain() == "example.org");
  CHECK(domain->resource().empty());
  CHECK(domain->is_bare());
  CHECK_FALSE(domain->has_local());
  const auto component = Jid::parse("example.org/a");
  REQUIRE(component);
  CHECK(component->domain() == "example.org");
  CHECK(component->bare().str() == "example.org");
  CHECK(Jid().empty());
}

TEST_CASE("addresses compare as text and can be hashed") {
  CHECK(*Jid::parse("A@B.example/c") == *Jid::parse("a@b.example/c"));
  CHECK_FALSE(*Jid::parse("a@b.example/c") == *Jid::parse("a@b.example/C"));
  CHECK(*Jid::parse("a@b.example") < *Jid::parse("b@b.example"));
  const std::unordered_set<Jid> set{*Jid::parse("a@b.example"), *Jid::parse("A@b.example")};
  CHECK(set.size() == 1);
}

TEST_CASE("a resource can be put onto and taken off an address") {
  const Jid bare = *Jid::parse("a@b.example");
  CHECK(bare.with_resource("x y")->str() == "a@b.example/x y");
  CHECK(bare.with_resource("x")->with_resource("z")->str() == "a@b.example/z");
  CHECK(bare.with_resource("x")->bare() == bare);
  CHECK_FALSE(bare.with_resource("").has_value());
  CHECK_FALSE(bare.with_resource("\x01").has_value());
}

TEST_CASE("malformed addresses are refused") {
  for (const char* bad : {"",
                          "@",
                          "/",
                          "@d.example",
                          "a@",
                          "a@/r",
                          "d.example/",
                          "a@d.example/",
                          "/r",
                          "a@b@c.example",
                          "a@ex ample",
                          "a b@c.example",
                          "a@-x.example",
                          "a@-x.",
                          "a@x-.example",
                          "a@x..y",
                          "a@.x",
                          ".",
                          "a@.",
                          "a@x..",
                          "\"a\"@b.example",
                          "a&b@c.example",
                          "a'b@c.example",
                          "a:b@c.example",
                          "a<b@c.example",
                          "a>b@c.example",
                          "a\x7f@c.example",
                          "a\n@c.example",
                          "a@c\n.example",
                          "a@c.example/\n",
                          "a@c.example/\x7f",
                          "a@b_c.example",
                          "a@b!c",
                          "a@b%c",
                          "\xff@c.example",
                          "a@\xc3",
                          "a@c.example/\xed\xa0\x80",
                          "a@c.example/\xEE\x80\x80",
                          "a@xn--.example",
                          "a@xn--a.example",
                          "a@b.example\xEF\xBC\x8F"
                          "c"}) {
    INFO(bad);
    CHECK_FALSE(Jid::parse(bad).has_value());
  }
  CHECK_FALSE(Jid::parse(std::string_view("a\0b@c.example", 13)).has_value());
  CHECK_FALSE(Jid::parse(std::string_view("a@c.example/a\0b", 15)).has_value());
}

TEST_CASE("addresses of hosts are no addresses here") {
  for (const char* literal : {"a@127.0.0.1", "127.0.0.1", "a@[::1]", "[::1]", "a@1", "a@127.1",
                              "a@::1", "a@1.2.3.4.", "a@\xEF\xBC\x91.2.3.4", "a@b.123"})
    CHECK_FALSE(Jid::parse(literal).has_value());
  CHECK(prepared("a@1.2.3.4.example") == "a@1.2.3.4.example");
  CHECK(prepared("a@3com.4u") == "a@3com.4u");
}

TEST_CASE("case is folded where addresses ignore it") {
  CHECK(prepared("Juliet@EXAMPLE.Org/Balcony") == "juliet@example.org/Balcony");
  CHECK(prepared("ŽLUŤ@Bücher.EXAMPLE/Ž") == "žluť@bücher.example/Ž");
  CHECK(prepared("straße@straße.example/straße") == "strasse@strasse.example/straße");
}

TEST_CASE("compatibility forms are one with the plain ones") {
  CHECK(prepared("\xEF\xBD\x81@\xEF\xBD\x82.example/\xEF\xBD\x83") == "a@b.example/c");
  CHECK(prepared("e\xCC\x81@b.example") == "é@b.example");
  CHECK(prepared("a@b\u3002example") == "a@b.example");
  CHECK(prepared("a@b\uFF0Eexample\uFF61") == "a@b.example");
  CHECK(prepared("a\u00ADb@c.example/\u200Bd") == "ab@c.example/d");
  CHECK_FALSE(Jid::parse("\u00AD@c.example").has_value());
  CHECK_FALSE(Jid::parse("a@c.example/\u200B\u2060").has_value());
  CHECK_FALSE(Jid::parse("a\uFF20b@c.example").has_value());
  CHECK_FALSE(Jid::parse("a\u00A0b@c.example").has_value());
  CHECK(prepared("a@c.example/x\u00A0y") == "a@c.example/x y");
}

TEST_CASE("characters newer than the profiles pass, as peers let them") {
  CHECK(prepared("🐎@c.example/🦄") == "🐎@c.example/🦄");
}

TEST_CASE("text that runs both ways is refused") {
  CHECK(prepared("\u05D0\u05D1@c.example") == "\u05D0\u05D1@c.example");
  CHECK_FALSE(Jid::parse("\u05D0a\u05D1@c.example").has_value());
  CHECK_FALSE(Jid::parse("a\u202Eb@c.example").has_value());
  CHECK_FALSE(Jid::parse("a@c.example/a\u202Eb").has_value());
}

TEST_CASE("a domain has one form") {
  CHECK(prepared("example.org.") == "example.org");
  CHECK(prepared("a@xn--bcher-kva.example") == "a@bücher.example");
  CHECK(prepared("a@XN--BCHER-KVA.example") == "a@bücher.example");
  CHECK(prepared("a@xn--strae-oqa.example") == "a@xn--strae-oqa.example");
  CHECK(prepared("a@r3---sn.example") == "a@r3---sn.example");
  CHECK(prepared("localhost") == "localhost");
  CHECK(*Jid::from_parts("A", "B.", "C") == *Jid::parse("a@b/C"));
  CHECK(Jid::from_parts("", "b")->str() == "b");
  CHECK_FALSE(Jid::from_parts("a", "").has_value());
}

TEST_CASE("parts are limited to 1023 bytes") {
  const auto part = [](std::size_t size, std::string_view unit) {
    std::string text;
    while (text.size() + unit.size() <= size) text += unit;
    return text + std::string(size - text.size(), 'a');
  };
  for (const char* unit : {"a", "ž"}) {
    for (const std::size_t good : {1022u, 1023u}) {
      CHECK(Jid::parse(part(good, unit) + "@b.example").has_value());
      CHECK(Jid::parse("b.example/" + part(good, unit)).has_value());
    }
    CHECK_FALSE(Jid::parse(part(1024, unit) + "@b.example").has_value());
    CHECK_FALSE(Jid::parse("b.example/" + part(1024, unit)).has_value());
  }
  const auto full = Jid::parse(part(1023, "a") + "@" + "b.example/" + part(1023, "a"));
  REQUIRE(full);
  CHECK(full->local().size() == 1023);
  CHECK(full->resource().size() == 1023);
  CHECK(full->domain() == "b.example");
}

TEST_CASE("a prepared part is limited, too") {
  const auto repeated = [](std::size_t times) {  // three bytes that become 33
    std::string text;
    for (std::size_t i = 0; i < times; ++i) text += "\uFDFA";
    return text;
  };
  CHECK(prepare_resource(repeated(1))->size() == 33);
  CHECK(prepare_resource(repeated(31))->size() == 1023);
  CHECK_FALSE(prepare_resource(repeated(32)).has_value());
  CHECK_FALSE(prepare_resource(repeated(341)).has_value());
}

TEST_CASE("labels and host names have the lengths of DNS") {
  const std::string label63(63, 'a');
  CHECK(prepare_domain(label63 + ".example").has_value());
  CHECK(prepare_domain(std::string(62, 'a') + ".example").has_value());
  CHECK_FALSE(prepare_domain(label63 + "a.example").has_value());
  const std::string three = label63 + '.' + label63 + '.' + label63 + '.';
  for (const std::size_t good : {60u, 61u}) CHECK(prepare_domain(three + std::string(good, 'b')));
  CHECK_FALSE(prepare_domain(three + std::string(62, 'b')).has_value());
  CHECK(prepare_domain(three + std::string(61, 'b') + '.').has_value());
  CHECK_FALSE(prepare_domain("ž" + three + std::string(61, 'b')).has_value());
}

TEST_CASE("preparing twice changes nothing, for every character") {
  for (std::uint32_t c = 1; c < 0x30000; ++c) {
    if (c >= 0xd800 && c < 0xe000) continue;
    for (const std::string& text : {utf8(c), "a" + utf8(c) + "b", "e" + utf8(c)}) {
      if (const auto once = prepare_local(text)) REQUIRE(prepare_local(*once) == once);
      if (const auto once = prepare_resource(text)) REQUIRE(prepare_resource(*once) == once);
      if (c % 7 != 0) continue;
      if (const auto once = prepare_domain(text)) {
        REQUIRE(prepare_domain(*once) == once);
        REQUIRE(Jid::parse(*once)->str() == *once);
      }
    }
  }
}

TEST_CASE("the short way for ASCII gives what the long way gives") {
  for (int c = 1; c < 0x80; ++c) {
    const std::string ascii = std::string("x") + static_cast<char>(c) + "y";
    const std::string marked = ascii + "ž";  // one character that sends it through the profile
    const auto same = [&](auto prepare) {
      const auto fast = prepare(ascii);
      const auto slow = prepare(marked);
      INFO(c);
      REQUIRE(fast.has_value() == slow.has_value());
      if (fast) REQUIRE(*fast + "ž" == *slow);
    };
    same(prepare_local);
    same(prepare_resource);
    same(prepare_domain);
  }
}
