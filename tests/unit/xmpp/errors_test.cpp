// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include "xmpp/errors/stanza_error.h"
#include "xmpp/errors/stream_error.h"
#include "xmpp/ns.h"
#include "xmpp/writer.h"

using namespace xmpp;

TEST_CASE("conditions and types have the names of RFC 6120 and back") {
  for (int i = 0; i <= static_cast<int>(Condition::unexpected_request); ++i) {
    const auto condition = static_cast<Condition>(i);
    CHECK(parse_condition(name(condition)) == condition);
  }
  for (const auto type : {ErrorType::auth, ErrorType::cancel, ErrorType::continue_,
                          ErrorType::modify, ErrorType::wait})
    CHECK(parse_error_type(name(type)) == type);
  CHECK(name(Condition::bad_request) == "bad-request");
  CHECK(name(ErrorType::continue_) == "continue");
  CHECK_FALSE(parse_condition("bad_request").has_value());
  CHECK_FALSE(parse_error_type("").has_value());
}

TEST_CASE("a condition brings its usual type") {
  CHECK(StanzaError(Condition::forbidden).type == ErrorType::auth);
  CHECK(StanzaError(Condition::jid_malformed).type == ErrorType::modify);
  CHECK(StanzaError(Condition::remote_server_timeout).type == ErrorType::wait);
  CHECK(StanzaError(Condition::item_not_found).type == ErrorType::cancel);
  CHECK(StanzaError(ErrorType::wait, Condition::policy_violation).type == ErrorType::wait);
}

TEST_CASE("an error has its condition, text and detail") {
  StanzaError error(Condition::gone, "moved");
  error.uri = "xmpp:new@chat.example";
  error.detail = Element("more", "urn:x");
  CHECK(to_xml(to_element(error, ns::client), ns::client) ==
        "<error type='cancel'>"
        "<gone xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'>xmpp:new@chat.example</gone>"
        "<text xmlns='urn:ietf:params:xml:ns:xmpp-stanzas' xml:lang='en'>moved</text>"
        "<more xmlns='urn:x'/></error>");
}

TEST_CASE("an error reply goes back, without the payload") {
  Element iq("iq", ns::server);
  iq.set_attr("type", "get").set_attr("id", "7").set_attr("from", "a@b").set_attr("to", "c@d");
  iq.add("query", "urn:x");
  const auto reply = error_reply(iq, Condition::service_unavailable);
  REQUIRE(reply);
  CHECK(to_xml(*reply, ns::server) ==
        "<iq type='error' id='7' to='a@b' from='c@d'><error type='cancel'>"
        "<service-unavailable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>");
  CHECK(to_xml(*error_reply(Element("message", ns::client), Condition::bad_request), ns::client)
            .starts_with("<message type='error'><error type='modify'>"));
}

TEST_CASE("errors and results are not answered with errors") {
  const auto refused = [](const char* name, const char* type) {
    return !error_reply(Element(name, ns::client).set_attr("type", type), Condition::bad_request);
  };
  CHECK(refused("iq", "error"));
  CHECK(refused("iq", "result"));
  CHECK(refused("message", "error"));
  CHECK(refused("presence", "error"));
  CHECK_FALSE(refused("iq", "set"));
  CHECK_FALSE(refused("message", "result"));
  CHECK_FALSE(refused("presence", "unavailable"));
}

TEST_CASE("a result goes back empty") {
  Element iq("iq", ns::client);
  iq.set_attr("type", "set").set_attr("id", "7").set_attr("from", "a@b");
  iq.add("query", "urn:x");
  CHECK(to_xml(iq_result(iq), ns::client) == "<iq type='result' id='7' to='a@b'/>");
}

TEST_CASE("a stream error has its condition and text") {
  CHECK(
      to_xml(to_element(StreamError{StreamCondition::policy_violation, "too <big>"}), ns::client) ==
      "<stream:error xmlns:stream='http://etherx.jabber.org/streams'>"
      "<policy-violation xmlns='urn:ietf:params:xml:ns:xmpp-streams'/>"
      "<text xmlns='urn:ietf:params:xml:ns:xmpp-streams' xml:lang='en'>too &lt;big&gt;</text>"
      "</stream:error>");
  CHECK(name(StreamCondition::bad_format) == "bad-format");
  CHECK(name(StreamCondition::unsupported_version) == "unsupported-version");
  CHECK(name(SaslCondition::aborted) == "aborted");
  CHECK(name(SaslCondition::temporary_auth_failure) == "temporary-auth-failure");
}
