// SPDX-License-Identifier: Apache-2.0
// A room in memory, for tests of what transcripts cannot say: what is put on record, and limits.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "tests/scripts/runner/memory_server.h"
#include "tests/scripts/runner/xml.h"

namespace tests {

inline constexpr const char* muc_x = "<x xmlns='http://jabber.org/protocol/muc'/>";

class MucWorld {
 public:
  MemoryServer server;

  void connect(const std::string& full) { server.connect(*xmpp::Jid::parse(full)); }
  // From one who is connected. `text` names the stanza's `to`.
  void send(const std::string& from, const std::string& text) {
    auto stanza = parse_xml(text).front();
    stanza.set_attr("from", from);
    server.handle(stanza);
  }
  void enter(const std::string& from, const std::string& occupant_jid,
             const std::string& with = muc_x) {
    connect(from);
    send(from, "<presence to='" + occupant_jid + "'>" + with + "</presence>");
  }
  void accept(const std::string& owner, const std::string& room) {
    send(owner, "<iq type='set' id='accept' to='" + room +
                    "'><query xmlns='http://jabber.org/protocol/muc#owner'>"
                    "<x xmlns='jabber:x:data' type='submit'/></query></iq>");
  }
  // The next stanza that the session got.
  std::optional<xmpp::Element> next(const std::string& full) {
    const base::Payload payload = server.next(*xmpp::Jid::parse(full));
    if (payload.bytes == nullptr) return std::nullopt;
    return received(payload, full);
  }
  void forget_inbox(const std::string& full) { server.inbox(*xmpp::Jid::parse(full)).clear(); }
  // The condition of an error stanza; "" if it is none.
  static std::string condition(const std::optional<xmpp::Element>& stanza) {
    const xmpp::Element* error = stanza ? stanza->child("error", stanza->ns()) : nullptr;
    const xmpp::Element* first = error == nullptr ? nullptr : error->first_child();
    return first == nullptr ? std::string{} : first->name();
  }
  // The bodies of one kind of event, in order.
  template <class Body>
  std::vector<Body> recorded() {
    std::vector<Body> found;
    for (const auto& event : server.store().log())
      if (const auto* body = std::get_if<Body>(&event.body)) found.push_back(*body);
    return found;
  }
};

}  // namespace tests
