// SPDX-License-Identifier: Apache-2.0
// Clients under stream management (XEP-0198), for tests.
#pragma once

#include <memory>
#include <string>

#include "tests/unit/bridge/client.h"
#include "tests/unit/bridge/world.h"

namespace tests {

inline bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

// Logged in, not bound.
struct ManagedClient : Client {
  explicit ManagedClient(World& world, const std::string& user = "juliet")
      : Client(world.tls_port()) {
    handshake();
    open();
    login("SCRAM-SHA-256", user, "pencil");
    open();
  }
  std::string ask(const std::string& element) {
    send(element);
    return expect(">");
  }
  // Its answer; `id` is set.
  std::string enable(const std::string& attributes = "resume='true'") {
    const std::string answer = ask("<enable xmlns='urn:xmpp:sm:3' " + attributes + "/>");
    id = between(answer, " id='", "'");
    return answer;
  }
  void enter() {  // bound as balcony, resumable
    bind("balcony");
    enable();
  }
  std::string resume(const std::string& previd, const std::string& h) {
    send("<resume xmlns='urn:xmpp:sm:3' previd='" + previd + "' h='" + h + "'/>");
    std::string answer = expect(">");
    if (has(answer, "<failed")) answer += expect("</failed>");
    return answer;
  }
  void acknowledge(const std::string& h) { send("<a xmlns='urn:xmpp:sm:3' h='" + h + "'/>"); }
  std::string request() { return ask("<r xmlns='urn:xmpp:sm:3'/>"); }
  void say(const std::string& to, const std::string& text) {
    send("<message type='chat' to='" + to + "' id='" + text + "'><body>" + text +
         "</body></message>");
  }
  // The ids of the messages that come, up to the one named.
  std::string ids_up_to(const std::string& last) {
    std::string text = expect("id='" + last + "'"), all;
    for (std::size_t at = text.find("<message"); at != std::string::npos;
         at = text.find("<message", at + 1))
      all += between(text.substr(at), " id='", "'") + " ";
    expect("</message>");
    return all;
  }
  void ends_with(std::string_view condition) {
    const std::string answer = rest();
    INFO(answer);
    CHECK(has(answer, "<stream:error><" + std::string(condition)));
  }
  // Everything this client sent has been dealt with. What came meanwhile, the answer last.
  std::string sync() {
    send("<iq type='get' id='sync'><ping xmlns='urn:xmpp:ping'/></iq>");
    std::string came = expect("id='sync'");
    return came + expect(">");
  }

  std::string id;
};

inline const std::string failed =
    "<failed xmlns='urn:xmpp:sm:3'><item-not-found "
    "xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></failed>";

}  // namespace tests
