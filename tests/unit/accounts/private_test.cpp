// SPDX-License-Identifier: Apache-2.0
// Private XML (XEP-0049) and vCards (XEP-0054).
#include "accounts/personal/limits.h"
#include "accounts/personal/space.h"
#include "tests/unit/accounts/desk.h"

using tests::Desk;
using tests::has;

namespace {

std::string stored(const std::string& element) {
  return "<query xmlns='jabber:iq:private'>" + element + "</query>";
}
std::string vcard(const std::string& content) {
  return "<vCard xmlns='vcard-temp'>" + content + "</vCard>";
}

}  // namespace

TEST_CASE("XEP-0049: an element is kept by name and namespace") {
  Desk d;
  CHECK(has(d.get(stored("<exodus xmlns='exodus:prefs'/>")), "<exodus xmlns='exodus:prefs'/>"));
  CHECK(has(d.set(stored("<exodus xmlns='exodus:prefs'><nick>H</nick></exodus>")), "'result'"));
  REQUIRE(d.events.size() == 1);
  CHECK(std::get<record::PrivateXmlChanged>(d.events[0].body).ns == "exodus:prefs");
  CHECK(has(d.get(stored("<exodus xmlns='exodus:prefs'/>")), "<nick>H</nick>"));
  CHECK_FALSE(has(d.get(stored("<other xmlns='exodus:prefs'/>")), "<nick>"));
}

TEST_CASE("XEP-0049: what is no request for one element is refused") {
  Desk d;
  CHECK(has(d.get(stored("")), "<bad-request"));
  CHECK(has(d.set(stored("<a xmlns='urn:a'/><b xmlns='urn:b'/>")), "<bad-request"));
  CHECK(has(d.get(stored("<a/>")), "<not-acceptable"));
  CHECK(d.events.empty());
}

TEST_CASE("private XML has limits") {
  namespace limits = accounts::limits;
  Desk d;
  const std::size_t markup = std::string("<a xmlns='urn:a'></a>").size();
  const auto of = [&](std::size_t bytes) {
    return stored("<a xmlns='urn:a'>" + std::string(bytes - markup, 'x') + "</a>");
  };
  CHECK(has(d.set(of(limits::private_item_bytes)), "'result'"));
  CHECK(has(d.set(of(limits::private_item_bytes + 1)), "<not-acceptable"));
  for (std::size_t i = 1; i < limits::private_items; ++i)
    CHECK(has(d.set(stored("<b xmlns='urn:" + std::to_string(i) + "'/>")), "'result'"));
  CHECK(has(d.set(stored("<b xmlns='urn:more'/>")), "<resource-constraint"));
  CHECK(has(d.set(of(limits::private_item_bytes)), "'result'"));
}

TEST_CASE("XEP-0054: one's own vCard") {
  Desk d;
  CHECK(has(d.get(vcard("")), "<item-not-found"));
  CHECK(has(d.set(vcard("<FN>Juliet</FN>")), "'result'"));
  CHECK(d.events.size() == 1);
  CHECK(has(d.get(vcard("")), "<FN>Juliet</FN>"));
}

TEST_CASE("BI-STZ-17: without a vCard, and without an account, others are told the same") {
  Desk d, nobody;
  nobody.person.loaded(std::nullopt);
  const std::string romeo = "romeo@localhost/orchard";
  for (const char* type : {"get", "set"}) {
    const std::string answer = d.ask(type, vcard(""), romeo);
    CHECK(has(answer, "<service-unavailable"));
    CHECK(answer == nobody.ask(type, vcard(""), romeo));
  }
  d.set(vcard("<FN>Juliet</FN>"));
  CHECK(has(d.ask("get", vcard(""), romeo), "<FN>Juliet</FN>"));
  CHECK(has(d.ask("set", vcard("<FN>R</FN>"), romeo), "<service-unavailable"));
}

TEST_CASE("a vCard has a limit") {
  Desk d;
  const std::size_t markup = vcard("").size();
  const std::size_t max = accounts::limits::vcard_bytes;
  CHECK(has(d.set(vcard(std::string(max - markup, 'x'))), "'result'"));
  CHECK(has(d.set(vcard(std::string(max - markup + 1, 'x'))), "<not-acceptable"));
}

// juliet, of whose room so many bytes are left.
struct Nearly : Desk {
  explicit Nearly(std::size_t left) {
    accounts::PersonalData data;
    data.private_xml[{"urn:big", "a"}] = {xmpp::Element("a", "urn:big"),
                                          accounts::limits::account_bytes - left};
    CHECK(accounts::bytes_kept(data) + left == accounts::limits::account_bytes);
    person.loaded(std::move(data));
  }
};

TEST_CASE("all that an account keeps has one limit, whatever it is") {
  const std::string item = "<item jid='nurse@localhost' subscription='none'/>";
  const std::string element = "<p xmlns='urn:p'/>", card = vcard("<FN>Juliet</FN>");
  const std::string pubsub = "<pubsub xmlns='http://jabber.org/protocol/pubsub'>";
  const std::string bookmark =
      "<conference xmlns='urn:xmpp:bookmarks:1' name='Garden' autojoin='true'/>";
  const std::string storage = "<storage xmlns='storage:bookmarks'/>";
  struct {
    std::string request;
    std::size_t bytes;
  } const kinds[] = {
      {"<query xmlns='jabber:iq:roster'><item jid='nurse@localhost'/></query>", item.size()},
      {stored(element), element.size()},
      {card, card.size()},
      {pubsub + "<publish node='n'><item id='one'>" + element + "</item></publish></pubsub>",
       std::string("one").size() + element.size()},
      {stored("<storage xmlns='storage:bookmarks'><conference jid='garden@chat.localhost'"
              " name='Garden' autojoin='true'/></storage>"),
       storage.size() + std::string("garden@chat.localhost").size() + bookmark.size()},
  };
  for (const auto& [request, bytes] : kinds) {
    INFO(request);
    for (const std::size_t left : {bytes + 1, bytes})
      CHECK(has(Nearly(left).set(request), "'result'"));
    Nearly d(bytes - 1);
    CHECK(has(d.set(request), "<error type='cancel'><resource-constraint"));
    CHECK(d.events.empty());
    // Something smaller in place of what is there makes room.
    CHECK(has(d.set(stored("<a xmlns='urn:big'/>")), "'result'"));
    CHECK(has(d.set(request), "'result'"));
  }
}
