// SPDX-License-Identifier: Apache-2.0
#include "bridge/stanza_rules.h"

#include <catch2/catch.hpp>

#include "xmpp/ns.h"

namespace {

using namespace bridge;
using xmpp::Element;

Element stanza(std::string_view name, std::string_view type = {}) {
  Element e(name, xmpp::ns::client);
  if (!type.empty()) e.set_attr("type", type);
  return e;
}

Element iq(std::string_view type, int children) {
  Element e = stanza("iq", type);
  e.set_attr("id", "1");
  for (int i = 0; i < children; ++i) e.add("query", "urn:x");
  return e;
}

bool bad_request(const Element& e) {
  const auto error = check_stanza(e);
  return error && error->condition == xmpp::Condition::bad_request &&
         error->type == xmpp::ErrorType::modify;
}

const Candidate away{false, 0, false}, low{true, 1, false}, high{true, 5, false},
    negative{true, -1, false};

using Indices = std::vector<std::size_t>;

}  // namespace

TEST_CASE("BI-STZ-03: an IQ without id or type, of an unknown type, with 0 or 2 children") {
  CHECK_FALSE(check_stanza(iq("get", 1)));
  CHECK_FALSE(check_stanza(iq("set", 1)));
  CHECK_FALSE(check_stanza(iq("result", 0)));
  CHECK_FALSE(check_stanza(iq("error", 2)));
  CHECK(bad_request(iq("get", 0)));
  CHECK(bad_request(iq("set", 2)));
  CHECK(bad_request(iq("foo", 1)));
  CHECK(bad_request(iq("", 1)));
  Element no_id = iq("get", 1);
  no_id.remove_attr("id");
  CHECK(bad_request(no_id));
  no_id.set_attr("from", "juliet@localhost/balcony");
  const auto reply = refusal(no_id, xmpp::Condition::bad_request);
  REQUIRE(reply);
  CHECK(reply->find_attr("id") != nullptr);
}

TEST_CASE("BI-STZ-05: an error is never answered") {
  for (const char* kind : {"message", "presence", "iq"})
    CHECK_FALSE(refusal(stanza(kind, "error"), xmpp::Condition::bad_request));
  CHECK_FALSE(refusal(iq("result", 0), xmpp::Condition::bad_request));
}

TEST_CASE("BI-STZ-09: a child in the stream's namespace is refused") {
  Element message = stanza("message");
  message.add("error", xmpp::ns::streams);
  CHECK(bad_request(message));
}

TEST_CASE("a presence has a known type and a priority that fits into a byte") {
  CHECK(bad_request(stanza("presence", "here")));
  CHECK(bad_request(stanza("presence", "available")));
  for (const auto& [text, value] : {std::pair{"127", 127}, {"-128", -128}, {"+5", 5}, {"0", 0}}) {
    Element presence = stanza("presence");
    presence.add("priority", xmpp::ns::client).set_text(text);
    CHECK(presence_priority(presence) == value);
    CHECK_FALSE(check_stanza(presence));
  }
  for (const char* text : {"128", "-129", "", "x", "1x", "999999999999", " 1"}) {
    Element presence = stanza("presence");
    presence.add("priority", xmpp::ns::client).set_text(text);
    CHECK(bad_request(presence));
  }
}

TEST_CASE("a message to a bare JID reaches the most available resources (RFC 6121 8.5.2)") {
  const Candidate all[] = {away, low, high, negative, high};
  for (const auto type : {MessageType::normal, MessageType::chat}) {
    CHECK(route_message(type, false, all).hears == Indices{2, 4});
    CHECK_FALSE(route_message(type, false, all).refused);
    const Candidate none[] = {away, negative};
    CHECK(route_message(type, false, none).refused);
    CHECK(route_message(type, false, {}).refused);
  }
  CHECK(route_message(MessageType::headline, false, all).hears == Indices{1, 2, 4});
  CHECK(route_message(MessageType::groupchat, false, all).refused);
  const auto error = route_message(MessageType::error, false, all);
  CHECK((error.hears.empty() && !error.refused));
}

TEST_CASE("a message to a full JID reaches that resource, available or not (RFC 6121 8.5.3)") {
  const Candidate here[] = {high, {false, -5, true}};
  for (const auto type : {MessageType::normal, MessageType::chat, MessageType::groupchat,
                          MessageType::headline, MessageType::error})
    CHECK(route_message(type, true, here).hears == Indices{1});
}

TEST_CASE("when the full JID is gone only chat falls back to the bare JID (RFC 6121 8.5.3.2)") {
  const Candidate others[] = {high};
  CHECK(route_message(MessageType::chat, true, others).hears == Indices{0});
  CHECK(route_message(MessageType::normal, true, others).refused);
  CHECK(route_message(MessageType::groupchat, true, others).refused);
  for (const auto type : {MessageType::headline, MessageType::error}) {
    const auto route = route_message(type, true, others);
    CHECK((route.hears.empty() && !route.refused));
  }
}
