// SPDX-License-Identifier: Apache-2.0
#include "xmpp/parser/stream_parser.h"

#include <catch2/catch.hpp>

#include "tests/unit/xmpp/parser_corpus.h"

using namespace xmpp;
using namespace tests;
using Status = StreamParser::Status;

namespace {

struct Fixture {
  Events events;
  StreamParser parser{events, {}};
  Fixture() { parser.feed(stream_start); }
};

}  // namespace

TEST_CASE("a stream opens, brings stanzas and closes") {
  Events events;
  StreamParser parser(events, {});
  CHECK(parser.feed("<?xml version='1.0'?>") == Status::ok);
  CHECK(parser.feed("<stream:stream to='example.org' from='juliet@example.org' id='7' "
                    "version='1.0' xml:lang='cs' xmlns='jabber:client' "
                    "xmlns:stream='http://etherx.jabber.org/streams'>") == Status::ok);
  CHECK(events.header.ns == "jabber:client");
  CHECK(events.header.to == "example.org");
  CHECK(events.header.from == "juliet@example.org");
  CHECK(events.header.id == "7");
  CHECK(events.header.version == "1.0");
  CHECK(events.header.lang == "cs");
  CHECK(events.header.has_to);
  CHECK(events.header.has_version);
  CHECK(parser.feed("<message to='a@b'><body>hi</body></message>") == Status::ok);
  REQUIRE(events.stanzas.size() == 1);
  CHECK(events.stanzas[0].is("message", "jabber:client"));
  CHECK(events.stanzas[0].child("body", "jabber:client")->text() == "hi");
  CHECK(parser.feed("</stream:stream><presence/>") == Status::ended);
  CHECK(parser.feed("<presence/>") == Status::ended);
  CHECK(events.lines.size() == 3);
  CHECK(events.last() == "close");
}

TEST_CASE("a header tells what is absent from what is empty") {
  Events events;
  StreamParser parser(events, {});
  parser.feed("<stream:stream to='' xmlns:stream='http://etherx.jabber.org/streams'>");
  CHECK(events.header.has_to);
  CHECK_FALSE(events.header.has_version);
  CHECK(events.header.ns.empty());
}

TEST_CASE("what comes before the stream must be markup in UTF-8") {
  CHECK(verdict("GET / HTTP/1.1\r\n") == "error not-well-formed");
  CHECK(verdict("G") == "error not-well-formed");
  CHECK(verdict("\x16\x03\x01") == "error not-well-formed");
  CHECK(verdict("\xEF\xBB\xBF<stream:stream") == "error not-well-formed");
  CHECK(verdict("\xFF\xFE<\0") == "error unsupported-encoding");
  CHECK(verdict("\xFE\xFF") == "error unsupported-encoding");
  CHECK(verdict(std::string("<\0?\0", 4)) == "error unsupported-encoding");
  CHECK(verdict(std::string("\0<\0?", 4)) == "error unsupported-encoding");
  CHECK(verdict("\x80") == "error unsupported-encoding");
  CHECK(verdict("<?xml version='1.0'?>x") == "error not-well-formed");
  CHECK(verdict("<?xml version='1.0'?>\n \t") == "");
}

TEST_CASE("the XML declaration must be that of XMPP") {
  CHECK(verdict("<?xml version='1.0' encoding='UTF-8'?>") == "");
  CHECK(verdict("<?xml version='1.0' encoding='utf-8'?>") == "");
  CHECK(verdict("<?xml version='1.0' encoding='ISO-8859-1'?>") == "error unsupported-encoding");
  CHECK(verdict("<?xml version='1.0' encoding='UTF-16'?>") == "error unsupported-encoding");
  CHECK(verdict("<?xml version='1.0' encoding='UTF-80'?>") == "error unsupported-encoding");
  CHECK(verdict("<?xml version='1.1'?>") == "error restricted-xml");
  CHECK(verdict("<?xml version='1.0' standalone='no'?>") == "error restricted-xml");
  CHECK(verdict("<?xml version='1.0' standalone='yes'?>") == "error restricted-xml");
  CHECK(verdict(" <?xml version='1.0'?>") == "error not-well-formed");
  CHECK(verdict_inside("<?xml version='1.0'?>") == "error not-well-formed");
}

TEST_CASE("a document type is refused at its start") {
  CHECK(verdict("<!D") == "error restricted-xml");
  CHECK(verdict("<?xml version='1.0'?><!DOCTYPE x [<!ENTITY a 'ha'>") == "error restricted-xml");
  CHECK(verdict_inside("<!DOCTYPE x [") == "error not-well-formed");
}

TEST_CASE("comments, processing instructions and entities are restricted XML") {
  CHECK(verdict("<!-- x -->") == "error restricted-xml");
  CHECK(verdict("<?php x?>") == "error restricted-xml");
  for (const char* where : {"", "<message>", "<message><body>"}) {
    CHECK(verdict_inside(std::string(where) + "<!-- x -->") == "error restricted-xml");
    CHECK(verdict_inside(std::string(where) + "<?php x?>") == "error restricted-xml");
    CHECK(verdict_inside(std::string(where) + "&foo;") == "error restricted-xml");
  }
  CHECK(verdict_inside("<message a='&foo;'/>") == "error restricted-xml");
}

TEST_CASE("the root must be the stream element, by its usual prefix") {
  CHECK(verdict("<foo/>") == "error invalid-namespace");
  CHECK(verdict("<stream:features xmlns:stream='http://etherx.jabber.org/streams'/>") ==
        "error invalid-namespace");
  CHECK(verdict("<stream:stream xmlns:stream='http://evil.example/'>") ==
        "error invalid-namespace");
  CHECK(verdict("<stream xmlns='http://etherx.jabber.org/streams'>") ==
        "error bad-namespace-prefix");
  CHECK(verdict("<foo:stream xmlns:foo='http://etherx.jabber.org/streams'>") ==
        "error bad-namespace-prefix");
  CHECK(verdict("<stream:stream>") == "error not-well-formed");
}

TEST_CASE("broken UTF-8 is another encoding, wherever it stands") {
  for (const char* broken :
       {"\xC0\xAF", "\xE0\x80\xAF", "\xED\xA0\x80", "\xF4\x90\x80\x80", "\xFF", "\xC3<", "\x80"}) {
    INFO(broken);
    CHECK(verdict_inside(std::string("<a>x") + broken) == "error unsupported-encoding");
    CHECK(verdict_inside(std::string("<a b='x") + broken) == "error unsupported-encoding");
    CHECK(verdict_inside(std::string("<ax") + broken) == "error unsupported-encoding");
  }
}

TEST_CASE("characters XML 1.0 forbids are not well-formed") {
  for (const char* c :
       {"&#0;", "&#x1;", "&#xD800;", "&#xFFFE;", "&#x110000;", "\x01", "\xEF\xBF\xBE"}) {
    CHECK(verdict_inside(std::string("<a>") + c) == "error not-well-formed");
    CHECK(verdict_inside(std::string("<a b='") + c + "'/>") == "error not-well-formed");
  }
  CHECK(verdict_inside(std::string("<a b='\0'/>", 10)) == "error not-well-formed");
}

TEST_CASE("what is not well-formed is refused") {
  for (const char* bad :
       {"<x:y/>", "<y a:b='c'/>", "<y id='a' id='b'/>", "<y></z>", "<y a=1/>",
        "<y xmlns:a='u' xmlns:b='u' a:x='1' b:x='2'/>", "<y>]]></y>", "<message></stream:stream>",
        "<presence/>x", "<a xmlns:b=''><b:c/></a>", "<a xmlns:b='x\xEF\xBF\xBFy'/>"})
    CHECK(verdict_inside(bad) == "error not-well-formed");
}

TEST_CASE("a namespace with odd bytes in it stays whole") {
  Fixture f;
  f.parser.feed("<a xmlns='urn:&#255;x|y z' xmlns:p='u\xC3\xBFv' p:q='1'/>");
  REQUIRE(f.events.stanzas.size() == 1);
  CHECK(f.events.stanzas[0].is("a", "urn:\xC3\xBFx|y z"));
  CHECK(f.events.stanzas[0].attributes().at(0) == Attribute{"q", "1", "u\xC3\xBFv"});
}

TEST_CASE("text keeps its characters, line ends as XML reads them") {
  Fixture f;
  f.parser.feed("<m>a\r\nb\rc&#13;d<![CDATA[<b>&]]]]><![CDATA[>]]> </m>");
  REQUIRE(f.events.stanzas.size() == 1);
  CHECK(f.events.stanzas[0].text() == "a\nb\nc\rd<b>&]]> ");
  CHECK(f.events.stanzas[0].nodes().size() == 1);
}

TEST_CASE("a paused parser keeps the rest until it is asked for") {
  Fixture f;
  f.events.flow = StreamParser::Flow::pause;
  CHECK(f.parser.feed("<a/><b/><c/>") == Status::paused);
  CHECK(f.events.stanzas.size() == 1);
  CHECK(f.parser.feed("<d/>") == Status::paused);
  CHECK(f.events.stanzas.size() == 1);
  CHECK(f.parser.resume() == Status::paused);
  CHECK(f.events.stanzas.size() == 2);
  f.events.flow = StreamParser::Flow::go_on;
  CHECK(f.parser.resume() == Status::ok);
  CHECK(f.events.stanzas.size() == 4);
  CHECK(f.parser.resume() == Status::ok);
}

TEST_CASE("the rest of a paused parser is exactly what was not consumed") {
  const std::string after = "</starttls>\r\n<presence/> more " + std::string(9000, 'x');
  for (const std::string first :
       {"<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>",
        "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'>x</starttls>"}) {
    for (std::size_t cut = 0; cut <= first.size(); ++cut) {
      Fixture f;
      f.events.flow = StreamParser::Flow::pause;
      f.parser.feed(first.substr(0, cut));
      f.parser.feed(first.substr(cut) + after);
      REQUIRE(f.events.stanzas.size() == 1);
      f.parser.feed("<late/>");
      REQUIRE(f.parser.take_rest() == after + "<late/>");
    }
  }
  Fixture f;
  f.events.flow = StreamParser::Flow::pause;
  f.parser.feed("<a/>");
  CHECK(f.parser.take_rest().empty());
}

TEST_CASE("a stream that opens and closes in one tag pauses between the two") {
  Events events;
  events.flow = StreamParser::Flow::pause;
  StreamParser parser(events, {});
  CHECK(parser.feed("<stream:stream xmlns:stream='http://etherx.jabber.org/streams'/>") ==
        Status::paused);
  CHECK(events.lines.size() == 1);
  CHECK(parser.resume() == Status::ended);
  CHECK(events.last() == "close");
}

TEST_CASE("a parser knows whether it is in the middle of something") {
  Events events;
  StreamParser parser(events, {});
  CHECK_FALSE(parser.mid_stanza());
  parser.feed("<stream:stream");
  CHECK(parser.mid_stanza());
  parser.feed(" xmlns:stream='http://etherx.jabber.org/streams'>");
  CHECK_FALSE(parser.mid_stanza());
  parser.feed(" \n");
  CHECK_FALSE(parser.mid_stanza());
  parser.feed("<");
  CHECK(parser.mid_stanza());
  parser.feed("a>");
  CHECK(parser.mid_stanza());
  parser.feed("</a>");
  CHECK_FALSE(parser.mid_stanza());
}

TEST_CASE("prefixes and the default namespace of the header survive hibernation") {
  Events events;
  StreamParser parser(events, {});
  parser.hibernate();
  parser.feed(
      "<stream:stream xmlns='jabber:server' xmlns:db='jabber:server:dialback' "
      "xmlns:q='it&apos;s &lt;odd&gt;' xmlns:stream='http://etherx.jabber.org/streams'>");
  for (int i = 0; i < 3; ++i) {
    parser.hibernate();
    parser.hibernate();
    parser.feed("<db:result>x</db:result><stream:features/><q:a/><message/>");
  }
  REQUIRE(events.stanzas.size() == 12);
  CHECK(events.stanzas[8].is("result", "jabber:server:dialback"));
  CHECK(events.stanzas[9].is("features", ns::streams));
  CHECK(events.stanzas[10].is("a", "it's <odd>"));
  CHECK(events.stanzas[11].is("message", "jabber:server"));
  parser.hibernate();
  CHECK(parser.feed("</stream:stream>") == Status::ended);
  CHECK(events.last() == "close");
}

TEST_CASE("hibernation in the middle of a stanza changes nothing") {
  Fixture f;
  f.parser.feed("<a><b");
  f.parser.hibernate();
  f.parser.feed("/></a>");
  CHECK(f.events.last() == "stanza <a xmlns='jabber:client'><b/></a>");
}

TEST_CASE("the parser is itself after big stanzas") {
  Fixture f;
  const std::string big = "<a><b>" + std::string(100000, 'x') + "</b></a>";
  for (int i = 0; i < 3; ++i) CHECK(f.parser.feed(big + "<c/>") == Status::ok);
  REQUIRE(f.events.stanzas.size() == 6);
  CHECK(f.events.stanzas[4].child("b", "jabber:client")->text().size() == 100000);
  CHECK(f.events.stanzas[5].is("c", "jabber:client"));
}

TEST_CASE("the expat of this machine is fit for use") { CHECK(check_expat().empty()); }
