// SPDX-License-Identifier: Apache-2.0
#include "xmpp/sanitise.h"

#include <catch2/catch.hpp>

#include "xmpp/ns.h"

using namespace xmpp;

namespace {

const Jid room = *Jid::parse("room@chat.example");

bool stays(const Element& child) {
  Element message("message", ns::client);
  message.add("body", ns::client);
  message.add(child);
  message.add(child);
  strip_forged(message, room);
  REQUIRE(message.child("body", ns::client) != nullptr);
  REQUIRE((message.child_count() == 1 || message.child_count() == 3));
  return message.child_count() == 3;
}

Element stanza_id(std::string_view by) {
  return Element("stanza-id", ns::stanza_id).set_attr("id", "1").set_attr("by", by);
}

Element delay(std::string_view from) {
  return Element("delay", ns::delay).set_attr("from", from).set_attr("stamp", "x");
}

}  // namespace

TEST_CASE("stanza ids in the room's name are taken out") {
  CHECK_FALSE(stays(stanza_id("room@chat.example")));
  CHECK_FALSE(stays(stanza_id("ROOM@Chat.Example.")));
  CHECK_FALSE(stays(stanza_id("\uFF52oom@chat.example")));
  CHECK(stays(stanza_id("other@chat.example")));
  CHECK(stays(stanza_id("room@chat.example/x")));
  CHECK(stays(stanza_id("chat.example")));
  CHECK(stays(stanza_id("@")));
  CHECK(stays(Element("origin-id", ns::stanza_id).set_attr("id", "1")));
}

TEST_CASE("delays in the room's name, an occupant's or the service's are taken out") {
  CHECK_FALSE(stays(delay("room@chat.example")));
  CHECK_FALSE(stays(delay("Room@CHAT.example/juliet")));
  CHECK_FALSE(stays(delay("chat.example.")));
  CHECK(stays(delay("juliet@example.org")));
  CHECK(stays(delay("other@chat.example")));
  CHECK(stays(delay("")));
}

TEST_CASE("occupant ids and everything of the MUC namespaces are taken out") {
  CHECK_FALSE(stays(Element("occupant-id", ns::occupant_id).set_attr("id", "x")));
  for (const auto ns : {ns::hats, ns::muc, ns::muc_user, ns::muc_admin, ns::muc_owner})
    CHECK_FALSE(stays(Element("x", ns)));
  CHECK(stays(Element("x", "http://jabber.org/protocol/muc#other")));
  CHECK(stays(Element("body", ns::client)));
}

TEST_CASE("what is deeper stays, such as in a forwarded message") {
  Element forwarded("forwarded", "urn:xmpp:forward:0");
  forwarded.add(stanza_id("room@chat.example"));
  forwarded.add("x", ns::muc_user);
  CHECK(stays(forwarded));
}

TEST_CASE("what claims to be from a domain of ours is taken out, whoever the stanza is for") {
  const auto ours = [](std::string_view d) { return d == "example" || d == "chat.example"; };
  const auto left = [&](Element child) {
    Element message("message", ns::client);
    message.add("body", ns::client);
    message.add(std::move(child));
    strip_in_name_of(message, ours);
    return message.child_count() == 2;
  };
  for (const char* name :
       {"example", "CHAT.example", "any@chat.example", "any@chat.example/nick"}) {
    CHECK_FALSE(left(delay(name)));
    CHECK_FALSE(left(stanza_id(name)));
  }
  for (const char* name : {"", "@", "other", "chat.example.org", "example@other"}) {
    CHECK(left(delay(name)));
    CHECK(left(stanza_id(name)));
  }
  CHECK(left(Element("origin-id", ns::stanza_id).set_attr("by", "example")));
  CHECK(left(Element("x", ns::muc)));  // that is a request, to a room
}

TEST_CASE("BI-STZ-14: wrappers that only one's own server makes are taken out") {
  const auto nobody = [](std::string_view) { return false; };
  Element message("message", ns::client);
  message.add("received", "urn:xmpp:carbons:2").add("forwarded", "urn:xmpp:forward:0");
  message.add("sent", "urn:xmpp:carbons:2");
  message.add("result", "urn:xmpp:mam:2");
  message.add("private", "urn:xmpp:carbons:2");  // a wish, not a wrapper
  message.add("body", ns::client);
  strip_in_name_of(message, nobody);
  REQUIRE(message.child_count() == 2);
  CHECK(message.child("private", "urn:xmpp:carbons:2") != nullptr);
}

TEST_CASE("BI-STZ-15: what is no language is not handed on") {
  const auto left = [](const std::string& lang) {
    Element message("message", ns::client);
    message.set_lang(lang);
    message.add("body", ns::client).set_lang(lang);
    strip_odd_languages(message);
    const bool kept = message.lang() == lang;
    CHECK((message.child("body", ns::client)->lang() == lang) == kept);
    return kept;
  };
  for (const std::string& good :
       {std::string("en"), std::string("de-CH-1901"), std::string(34, 'a'), std::string(35, 'a')})
    CHECK(left(good));
  for (const std::string& bad : {std::string(36, 'a'), std::string(10240, 'a'), std::string("e n"),
                                 std::string("\u00e9"), std::string("'><x/>")})
    CHECK_FALSE(left(bad));
  CHECK(left(""));  // explicitly none
}
