// SPDX-License-Identifier: Apache-2.0
#include "xmpp/mam.h"

#include <catch2/catch.hpp>
#include <limits>

#include "xmpp/datetime.h"
#include "xmpp/ns.h"
#include "xmpp/parser/read_stanza.h"
#include "xmpp/writer.h"

using namespace xmpp;

namespace {

std::string field(const std::string& var, const std::string& value) {
  return "<field var='" + var + "'><value>" + value + "</value></field>";
}

std::string form(const std::string& fields) {
  return "<x xmlns='jabber:x:data' type='submit'>" + field("FORM_TYPE", "urn:xmpp:mam:2") + fields +
         "</x>";
}

std::string set(const std::string& children) {
  return "<set xmlns='http://jabber.org/protocol/rsm'>" + children + "</set>";
}

auto parse(const std::string& children, const std::string& attributes = "") {
  const auto iq = read_stanza("<iq type='set'><query xmlns='urn:xmpp:mam:2'" + attributes + ">" +
                              children + "</query></iq>");
  REQUIRE(iq);
  return parse_mam_query(*iq->child("query", ns::mam));
}

// The condition of the refusal; "" if there was none.
std::string refusal(const std::string& children, const std::string& attributes = "") {
  const auto query = parse(children, attributes);
  if (query) return "";
  return std::string(name(query.error().type)) + " " + std::string(name(query.error().condition));
}

}  // namespace

TEST_CASE("a query that asks for nothing matches everything") {
  const auto query = parse("");
  REQUIRE(query);
  CHECK(query->query_id.empty());
  CHECK_FALSE(query->with);
  CHECK_FALSE(query->start);
  CHECK_FALSE(query->end);
  CHECK_FALSE(query->before_id);
  CHECK_FALSE(query->after_id);
  CHECK(query->ids.empty());
  CHECK_FALSE(query->page.max);
  CHECK_FALSE(query->page.backward());
  CHECK_FALSE(query->flipped);
}

TEST_CASE("a query with everything in it") {
  const auto query = parse(
      form(field("with", "Juliet@capulet.lit") + field("start", "2010-06-07T00:00:00Z") +
           field("end", "2010-06-07T02:00:00+02:00") + field("before-id", "b") +
           field("after-id", "a") + "<field var='ids'><value>1</value><value>2</value></field>") +
          set("<max>10</max><before/>") + "<flip-page/>",
      " queryid='f27'");
  REQUIRE(query);
  CHECK(query->query_id == "f27");
  CHECK(query->with->str() == "juliet@capulet.lit");
  CHECK(query->start == query->end);
  CHECK(query->start == parse_datetime("2010-06-07T00:00:00Z"));
  CHECK(query->before_id == "b");
  CHECK(query->after_id == "a");
  CHECK(query->ids == std::vector<std::string>{"1", "2"});
  CHECK(query->page.max == 10u);
  CHECK(query->page.before == "");
  CHECK(query->page.backward());
  CHECK_FALSE(query->page.after);
  CHECK(query->flipped);
}

TEST_CASE("BI-MAM-02 a field that nobody knows is refused, not ignored") {
  CHECK(refusal(form(field("withtext", "x"))) == "cancel feature-not-implemented");
  CHECK(refusal(form(field("{urn:xmpp:fulltext:0}fulltext", "x"))) ==
        "cancel feature-not-implemented");
  CHECK(refusal(form("<field var='include-groupchat'/>")) == "cancel feature-not-implemented");
  CHECK(refusal(form("<field var='start'/>")) == "");  // no value: not asked for
}

TEST_CASE("BI-MAM-03 dates that are none") {
  for (const char* date : {"2026-02-30T00:00:00Z", "2026-02-03T00:00:00", "10000-01-01T00:00:00Z",
                           "-0001-01-01T00:00:00Z", "2026-01-01", "٢٠٢٦-01-01T00:00:00Z", "", "now",
                           "2026-01-01T24:00:00Z", "2026-01-01T00:00:60Z"}) {
    INFO(date);
    CHECK(refusal(form(field("start", date))) == "modify bad-request");
    CHECK(refusal(form(field("end", date))) == "modify bad-request");
  }
  CHECK(refusal(form(field("start", "9999-12-31T23:59:59Z"))) == "");
  CHECK(refusal(form(field("start", "0001-01-01T00:00:00Z"))) == "");
}

TEST_CASE("BI-MAM-05 max is a number or bad-request") {
  CHECK(parse(set("<max>0</max>"))->page.max == 0u);
  CHECK(parse(set("<max>1000000000</max>"))->page.max == 1000000000u);
  CHECK(parse(set("<max>99999999999999999999999999</max>"))->page.max ==
        std::numeric_limits<std::size_t>::max());
  for (const char* max : {"-1", "abc", "", " 5", "5 ", "0x5", "1e9", "5.0", "٥"}) {
    INFO(max);
    CHECK(refusal(set("<max>" + std::string(max) + "</max>")) == "modify bad-request");
  }
  CHECK(refusal(set("<max>1</max><max>2</max>")) == "modify bad-request");
  CHECK(refusal(set("<after>1</after><after>2</after>")) == "modify bad-request");
  CHECK(refusal(set("<index>3</index>")) == "cancel feature-not-implemented");
}

TEST_CASE("what is no query of ours") {
  CHECK(refusal(form("") + form("")) == "modify bad-request");
  CHECK(refusal(set("") + set("")) == "modify bad-request");
  CHECK(refusal(form(field("with", "a@b") + field("with", "c@d"))) == "modify bad-request");
  CHECK(refusal(form("<field var='with'><value>a@b</value><value>c@d</value></field>")) ==
        "modify bad-request");
  CHECK(refusal(form(field("with", "@"))) == "modify bad-request");
  CHECK(refusal("<x xmlns='jabber:x:data' type='submit'/>") == "modify bad-request");
  CHECK(refusal("<x xmlns='jabber:x:data' type='result'/>") == "modify bad-request");
  CHECK(refusal("", " node='fdp/submitted'") == "cancel item-not-found");
  CHECK(refusal("", " queryid='" + std::string(1022, 'q') + "'") == "");
  CHECK(refusal("", " queryid='" + std::string(1023, 'q') + "'") == "");
  CHECK(refusal("", " queryid='" + std::string(1024, 'q') + "'") == "modify bad-request");
}

TEST_CASE("the form names every field that a query may have") {
  const Element query = mam_form();
  std::string fields;
  query.child("x", ns::data_form)->for_each_child([&](const Element& f) {
    fields += std::string(f.attr("var")) + ":" + std::string(f.attr("type")) + " ";
    CHECK(f.child("required", ns::data_form) == nullptr);
  });
  CHECK(fields ==
        "FORM_TYPE:hidden with:jid-single start:text-single end:text-single "
        "before-id:text-single after-id:text-single ids:list-multi ");
  CHECK(to_xml(query, "").find("<validate xmlns='http://jabber.org/protocol/xdata-validate' "
                               "datatype='xs:string'><open/></validate>") != std::string::npos);
}

TEST_CASE("a message of the answer") {
  const Jid room = *Jid::parse("coven@chat.shakespeare.lit");
  const auto result = mam_result(
      room, "g'27",
      {.id = "78527",
       .at = *parse_datetime("2002-10-13T23:58:37Z"),
       .stanza = "<message from='coven@chat.shakespeare.lit/1' type='groupchat'><body>Hi</body>"
                 "</message>",
       .more = "<x xmlns='http://jabber.org/protocol/muc#user'/>"});
  CHECK(*result.bytes ==
        "<message from='coven@chat.shakespeare.lit'>"
        "<result xmlns='urn:xmpp:mam:2' queryid='g&apos;27' id='78527'>"
        "<forwarded xmlns='urn:xmpp:forward:0'>"
        "<delay xmlns='urn:xmpp:delay' stamp='2002-10-13T23:58:37Z'/>"
        "<message xmlns='jabber:client' from='coven@chat.shakespeare.lit/1' type='groupchat'>"
        "<body>Hi</body><x xmlns='http://jabber.org/protocol/muc#user'/></message>"
        "</forwarded></result></message>");
  CHECK(result.splice_at == std::string("<message").size());
  // It is what it says to whoever parses it.
  const auto read = read_stanza(*result.bytes);
  REQUIRE(read);
  const Element* inner =
      read->child("result", ns::mam)->child("forwarded", ns::forward)->child("message", ns::client);
  REQUIRE(inner != nullptr);
  CHECK(child_text(*inner, "body", ns::client) == "Hi");

  CHECK(forwardable("<message><body/></message>"));
  CHECK_FALSE(forwardable("<message/>"));
  CHECK_FALSE(forwardable("<message</message>"));
  CHECK_FALSE(forwardable("<presence></presence>"));
}

TEST_CASE("the end of the answer, and metadata") {
  CHECK(to_xml(to_element(MamFin{.page = {.first = "a", .last = "b"}}), "") ==
        "<fin xmlns='urn:xmpp:mam:2' complete='false'>"
        "<set xmlns='http://jabber.org/protocol/rsm'><first>a</first><last>b</last></set></fin>");
  CHECK(to_xml(to_element(MamFin{.page = {.count = 0}, .complete = true, .stable = false}), "") ==
        "<fin xmlns='urn:xmpp:mam:2' complete='true' stable='false'>"
        "<set xmlns='http://jabber.org/protocol/rsm'><count>0</count></set></fin>");
  CHECK(to_xml(to_element(PageNote{.first = "a", .last = "a", .index = 0, .count = 1}), "") ==
        "<set xmlns='http://jabber.org/protocol/rsm'><first index='0'>a</first><last>a</last>"
        "<count>1</count></set>");
  CHECK(to_xml(to_element(MamMetadata{}), "") == "<metadata xmlns='urn:xmpp:mam:2'/>");
  const auto at = *parse_datetime("2008-08-22T21:09:04Z");
  CHECK(to_xml(to_element(MamMetadata{{{"x", at}}, {{"y", at}}}), "") ==
        "<metadata xmlns='urn:xmpp:mam:2'><start id='x' timestamp='2008-08-22T21:09:04Z'/>"
        "<end id='y' timestamp='2008-08-22T21:09:04Z'/></metadata>");
}
