// SPDX-License-Identifier: Apache-2.0
// juliet@localhost's account under the rules, asked in XML and answering in XML.
#pragma once

#include <catch2/catch.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "accounts/personal/person.h"
#include "xmpp/caps.h"
#include "xmpp/ns.h"
#include "xmpp/parser/element_reader.h"
#include "xmpp/writer.h"

namespace tests {

inline bool has(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

struct Desk {
  Desk() { person.loaded(accounts::PersonalData{}); }

  xmpp::Element parse(const std::string& xml) {
    auto element = reader.read(xml);
    REQUIRE(element);
    return *element;
  }
  // The answer; all that was said and recorded on the way is in `said` and `events`.
  std::string ask(const std::string& type, const std::string& payload,
                  const std::string& from = "juliet@localhost/balcony") {
    auto iq = parse("<iq id='1' to='juliet@localhost' type='" + type + "'>" + payload + "</iq>");
    iq.set_attr("from", from);
    auto effects = person.handle(iq, *xmpp::Jid::parse(from), {});
    REQUIRE_FALSE(effects.stanzas.empty());
    take(effects);
    const std::string answer = said.back();
    said.pop_back();
    return answer;
  }
  std::string get(const std::string& payload) { return ask("get", payload); }
  std::string set(const std::string& payload) { return ask("set", payload); }
  void take(const accounts::Effects& effects) {
    said.clear();
    for (const auto& stanza : effects.stanzas)
      said.push_back(xmpp::to_xml(stanza, xmpp::ns::client));
    events = effects.events;
  }
  // A client that wants to hear of `nodes`, and has said so already.
  void listen(const std::string& session, const std::vector<std::string>& nodes) {
    xmpp::Element query("query", xmpp::ns::disco_info);
    for (const auto& node : nodes)
      query.add("feature", xmpp::ns::disco_info).set_attr("var", node + "+notify");
    const auto ver = *xmpp::caps_ver(query);
    capabilities.learn(ver, query);
    available(session, ver);
  }
  void available(const std::string& session, const std::string& ver, bool initial = true) {
    xmpp::Element presence("presence", xmpp::ns::client);
    presence.add("c", xmpp::ns::caps)
        .set_attr("hash", "sha-1")
        .set_attr("node", "urn:client")
        .set_attr("ver", ver);
    take(person.on_available(*xmpp::Jid::parse(session), presence, initial));
  }

  const std::string domain = "localhost";
  accounts::Capabilities capabilities;
  accounts::Person person{*xmpp::Jid::parse("juliet@localhost"), domain, capabilities};
  xmpp::ElementReader reader;
  std::vector<std::string> said;
  std::vector<record::Event> events;
};

}  // namespace tests
