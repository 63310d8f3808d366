// SPDX-License-Identifier: Apache-2.0
#include "xmpp/parser/read_stanza.h"

#include <catch2/catch.hpp>

#include "xmpp/ns.h"
#include "xmpp/writer.h"

TEST_CASE("what was written is read back") {
  xmpp::Element message("message", xmpp::ns::client);
  message.set_attr("to", "a@b/c>'d'").set_attr("type", "chat");
  message.add("body", xmpp::ns::client).set_text("1 < 2 & 3");
  message.add("x", "urn:x").add("y", "urn:x");
  const std::string text = xmpp::to_xml(message, xmpp::ns::client);
  const auto read = xmpp::read_stanza(text);
  REQUIRE(read);
  CHECK(xmpp::to_xml(*read, xmpp::ns::client) == text);
}

TEST_CASE("what is not exactly one stanza is none") {
  for (const char* text : {"", "<message>", "<message/><message/>", "</stream:stream>",
                           "<message/></stream:stream>", "<message><a></b></message>", "text"}) {
    INFO(text);
    CHECK_FALSE(xmpp::read_stanza(text));
  }
}
