// SPDX-License-Identifier: Apache-2.0
#include "xmpp/writer.h"

#include <catch2/catch.hpp>
#include <random>

#include "tests/unit/xmpp/parser_events.h"

using namespace xmpp;
using tests::Events;

namespace {

Element reparsed(const std::string& xml) {
  Events events;
  StreamParser parser(events, {});
  parser.feed(tests::stream_start + xml);
  INFO(xml);
  REQUIRE(events.last().starts_with("stanza"));
  REQUIRE(events.stanzas.size() == 1);
  return events.stanzas[0];
}

class RandomElements {
 public:
  explicit RandomElements(unsigned seed) : random_(seed) {}

  Element element(int depth) {
    Element e(pick({"message", "x", "a-b", "ž", "_1", "body"}), ns());
    for (unsigned i = 0, n = below(4); i < n; ++i) e.set_attr(pick({"to", "id", "č", "b"}), text());
    if (below(4) == 0) e.set_lang(text());
    if (below(6) == 0) e.attributes().push_back({"q", text(), "urn:attribute's"});
    if (below(6) == 0) e.attributes().push_back({"q", text(), "urn:other"});
    for (unsigned i = 0, n = below(5); depth > 0 && i < n; ++i) {
      if (below(2) == 0)
        e.add_text(text());
      else
        e.add(element(depth - 1));
    }
    return e;
  }

 private:
  unsigned below(unsigned n) { return static_cast<unsigned>(random_() % n); }
  std::string pick(std::initializer_list<const char*> from) {
    return from.begin()[below(static_cast<unsigned>(from.size()))];
  }
  std::string ns() {
    return pick({"jabber:client", "urn:x", "urn:<&'\">", "", "http://etherx.jabber.org/streams"});
  }
  std::string text() {
    std::string out;
    for (unsigned i = 0, n = below(6); i < n; ++i)
      out += pick({"a", "<", ">", "&", "'", "\"", "]]>", "\n", "\t", "\r", "\r\n", " ", "ž", "🐎",
                   "&amp;", "\u0085", "\u2028", "xmlns="});
    return out;
  }

  std::mt19937 random_;
};

}  // namespace

TEST_CASE("an element is written with its namespace only where it changes") {
  Element e("message", ns::client);
  e.set_attr("to", "a@b").set_attr("id", "1");
  e.set_lang("cs");
  e.add("body", ns::client).add_text("hi");
  e.add("x", "urn:x").add("y", "urn:x").add("z", "");
  CHECK(to_xml(e, ns::client) ==
        "<message to='a@b' id='1' xml:lang='cs'><body>hi</body>"
        "<x xmlns='urn:x'><y><z xmlns=''/></y></x></message>");
  CHECK(to_xml(e, "").starts_with("<message xmlns='jabber:client' to='a@b'"));
}

TEST_CASE("text and attributes are escaped once") {
  Element e("m", ns::client);
  e.set_attr("a", "<>&'\"\t\n\r&amp;");
  e.add_text("<b>&\"' ]]> &amp;\n\t\r");
  CHECK(to_xml(e, ns::client) ==
        "<m a='&lt;&gt;&amp;&apos;\"&#9;&#10;&#13;&amp;amp;'>"
        "&lt;b&gt;&amp;\"' ]]&gt; &amp;amp;\n\t&#13;</m>");
  std::string out = "x";
  append_escaped(out, "<>&'\"\t\n\rž");
  CHECK(out == "x&lt;&gt;&amp;&apos;&quot;&#9;&#10;&#13;ž");
}

TEST_CASE("what XML cannot say is replaced") {
  Element e("m", ns::client);
  e.add_text(
      std::string("a\0b\x01\x1f\xff\xc3(\xed\xa0\x80\xEF\xBF\xBE\xEF\xBF\xBF\x7f\xC2\x80", 20));
  e.set_attr("a", "\x02\xc3");
  const std::string xml = to_xml(e, ns::client);
  const Element back = reparsed(xml);
  CHECK(back.attr("a") == "\uFFFD\uFFFD");
  CHECK(back.text() == "a\uFFFDb\uFFFD\uFFFD\uFFFD\uFFFD(\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD\x7f\u0080");
}

TEST_CASE("attributes of foreign namespaces get a prefix") {
  Element e("m", ns::client);
  e.attributes().push_back({"a", "1", "urn:x"});
  e.set_attr("a", "2");
  e.attributes().push_back({"a", "3", "urn:y"});
  CHECK(to_xml(e, ns::client) ==
        "<m xmlns:ns1='urn:x' ns1:a='1' a='2' xmlns:ns2='urn:y' ns2:a='3'/>");
  CHECK(reparsed(to_xml(e, ns::client)) == e);
}

TEST_CASE("top-level elements of the stream namespace have the prefix peers expect") {
  Element features("features", ns::streams);
  features.add("starttls", ns::tls).add("required", ns::tls);
  features.add("x", ns::client);
  CHECK(to_xml(features, ns::client) ==
        "<stream:features xmlns:stream='http://etherx.jabber.org/streams'>"
        "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'><required/></starttls><x/>"
        "</stream:features>");
  CHECK(reparsed(to_xml(features, ns::client)) == features);
  CHECK(to_xml(Element("error", ns::streams), ns::streams) == "<error/>");
}

TEST_CASE("every element comes back as it was") {
  for (unsigned seed = 0; seed < 3000; ++seed) {
    const Element e = RandomElements(seed).element(4);
    const std::string xml = to_xml(e, ns::client);
    REQUIRE(reparsed(xml) == e);
    REQUIRE(to_xml(reparsed(xml), ns::client) == xml);
    REQUIRE(reparsed(to_xml(e, "urn:elsewhere").insert(0, "<w xmlns='urn:elsewhere'>") + "</w>")
                .first_child()
                ->nodes() == e.nodes());
  }
}

TEST_CASE("a payload has its hole where 'to' belongs") {
  Element e("message", ns::client);
  e.set_attr("from", "room@chat/x").set_attr("to", "left@out").set_attr("id", "1");
  e.add("body", ns::client).add_text("hi");
  const auto with_body = to_payload(e, ns::client);
  CHECK(*with_body.bytes == "<message from='room@chat/x' id='1'><body>hi</body></message>");
  REQUIRE(with_body.splice_at != base::Payload::no_splice);
  std::string spliced = *with_body.bytes;
  spliced.insert(with_body.splice_at, splice_to("juliet@example.org/b'a<l>&"));
  CHECK(spliced ==
        "<message from='room@chat/x' id='1' to='juliet@example.org/b&apos;a&lt;l&gt;&amp;'>"
        "<body>hi</body></message>");
  CHECK(reparsed(spliced).attr("to") == "juliet@example.org/b'a<l>&");

  const auto bare = to_payload(Element("presence", ns::client), ns::client);
  CHECK(*bare.bytes == "<presence/>");
  CHECK(bare.splice_at == 9);
  const auto foreign = to_payload(Element("presence", ns::server), ns::client);
  CHECK(foreign.bytes->substr(0, foreign.splice_at) == "<presence xmlns='jabber:server'");
}

TEST_CASE("a stream header can be read by our own parser") {
  Events events;
  StreamParser parser(events, {});
  parser.feed(stream_header(ns::client, "example.org", "a'b@c/d", "id<1>"));
  CHECK(events.last() ==
        "open jabber:client to=a'b@c/d from=example.org id=id<1> version=1.0 "
        "lang=en t v");
  CHECK(stream_header(ns::server, "", "", "") ==
        "<?xml version='1.0'?><stream:stream xmlns='jabber:server' "
        "xmlns:stream='http://etherx.jabber.org/streams' from='' version='1.0' xml:lang='en'>");
}
