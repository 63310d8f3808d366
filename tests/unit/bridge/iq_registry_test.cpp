// SPDX-License-Identifier: Apache-2.0
#include "bridge/iq_registry.h"

#include <catch2/catch.hpp>

#include "bridge/server_iq.h"
#include "tests/unit/bridge/routing.h"
#include "xmpp/caps.h"
#include "xmpp/parser/stream_parser.h"

using namespace tests;
using bridge::Addressee;
using bridge::IqRequest;
using xmpp::Element;

namespace {

// Answers with an element that says which rule it was.
void add_named(Routing& r, Addressee addressee, std::string_view ns, std::string node,
               std::string name, bool others = false) {
  r.router.iqs().add({.addressee = addressee,
                      .ns = std::string(ns),
                      .node = std::move(node),
                      .others = others,
                      .handle = [&router = r.router, name](const IqRequest& request) {
                        Element result = xmpp::iq_result(request.iq);
                        result.add(name, "urn:x");
                        router.route(request.shard, std::move(result));
                      }});
}

}  // namespace

TEST_CASE("a rule answers for its addressee and namespace only") {
  Routing r;
  add_named(r, Addressee::account, "urn:x", "", "mine");
  for (const char* to : {"", "juliet@localhost"})
    CHECK(has(r.answer(r.juliet, iq("get", to, "query", "urn:x")), "<mine"));
  CHECK(has(r.answer(r.juliet, iq("get", "localhost", "query", "urn:x")), unavailable));
  CHECK(has(r.answer(r.juliet, iq("get", "", "query", "urn:y")), unavailable));
}

TEST_CASE("an account's rule is for others only where it says so") {
  Routing r;
  add_named(r, Addressee::account, "urn:own", "", "mine");
  add_named(r, Addressee::account, "urn:all", "", "ours", true);
  CHECK(has(r.answer(r.juliet, iq("get", "romeo@localhost", "query", "urn:own")), unavailable));
  CHECK(has(r.answer(r.juliet, iq("get", "romeo@localhost", "query", "urn:all")), "<ours"));
}

TEST_CASE("the longest node wins, then the rule added last") {
  Routing r;
  const auto asked = [&](std::string_view node) {
    Element request = iq("get", "localhost", "query", xmpp::ns::disco_items);
    if (!node.empty()) request.child("query", xmpp::ns::disco_items)->set_attr("node", node);
    return r.answer(r.juliet, request);
  };
  CHECK(has(asked("commands#1"), "<item-not-found"));
  add_named(r, Addressee::server, xmpp::ns::disco_items, "commands", "commands");
  CHECK(has(asked("commands"), "<commands"));
  CHECK(has(asked("commands#1"), "<commands"));
  CHECK(has(asked("command"), "<item-not-found"));
  CHECK(has(asked(""), "jid='chat.localhost'"));
  add_named(r, Addressee::server, xmpp::ns::disco_items, "commands#", "one");
  CHECK(has(asked("commands#1"), "<one"));
  CHECK(has(asked("commands"), "<commands"));
  add_named(r, Addressee::server, xmpp::ns::disco_items, "", "all");
  CHECK(has(asked(""), "<all"));
}

TEST_CASE("features, identities and items that rules bring are discovered") {
  Routing r;
  r.router.iqs().add_feature(Addressee::server, "urn:x");
  r.router.iqs().add_feature(Addressee::server, "urn:x");
  r.router.iqs().add_identity(Addressee::account, {"pubsub", "pep", {}});
  r.router.iqs().add_item({"localhost", "Commands", "commands"});
  const auto server = r.answer(r.juliet, iq("get", "localhost", "query", xmpp::ns::disco_info));
  const std::string feature = "<feature var='urn:x'/>";
  CHECK(has(server, feature));
  CHECK(server.find(feature) == server.rfind(feature));
  const auto own = r.answer(r.juliet, iq("get", "", "query", xmpp::ns::disco_info));
  CHECK(has(own, "<identity category='pubsub' type='pep'/>"));
  CHECK_FALSE(has(own, feature));
  CHECK(has(r.answer(r.juliet, iq("get", "localhost", "query", xmpp::ns::disco_items)),
            "<item jid='localhost' name='Commands' node='commands'/>"));
}

TEST_CASE("XEP-0115: what the server calls itself is the hash of what it says") {
  Routing r;
  r.router.iqs().add_feature(Addressee::server, "urn:x");
  Element form("x", xmpp::ns::data_form);
  form.set_attr("type", "result");
  Element& type = form.add("field", xmpp::ns::data_form);
  type.set_attr("var", "FORM_TYPE").set_attr("type", "hidden");
  type.add("value", xmpp::ns::data_form).set_text("urn:form");
  const std::string without = *xmpp::caps_ver(r.router.iqs().disco_info(Addressee::server));
  r.router.iqs().add_form(Addressee::server, form);
  const auto& ver = r.router.iqs().server_ver();
  CHECK(ver == xmpp::caps_ver(r.router.iqs().disco_info(Addressee::server)));
  Element request = iq("get", "localhost", "query", xmpp::ns::disco_info);
  const std::string node = std::string(bridge::caps_node) + "#" + ver;
  request.child("query", xmpp::ns::disco_info)->set_attr("node", node);
  const auto answer = r.answer(r.juliet, request);
  CHECK(has(answer, "<query xmlns='http://jabber.org/protocol/disco#info' node='" + node + "'>"));
  CHECK(has(answer, "<feature var='urn:x'/>"));
  CHECK(has(answer, "<value>urn:form</value>"));
  CHECK(ver != without);
  request.child("query", xmpp::ns::disco_info)->set_attr("node", node + "x");
  CHECK(has(r.answer(r.juliet, request), "<item-not-found"));
}

TEST_CASE(
    "answers to what was asked in the server's name find who asked; BI-STZ-04: others do not") {
  Routing r;
  std::vector<Element> got;
  r.router.iqs().on_response("caps-", [&](std::size_t, const Element& e) { got.push_back(e); });
  Element response = iq("result", "localhost", "query", xmpp::ns::disco_info);
  CHECK(r.answer(r.juliet, response).empty());
  CHECK(got.empty());
  response.set_attr("id", "caps-1");
  CHECK(r.answer(r.juliet, response).empty());
  REQUIRE(got.size() == 1);
  CHECK(got.front().attr("from") == "juliet@localhost/balcony");
}

TEST_CASE("a watcher hears of presence and of the end") {
  struct Watcher final : bridge::SessionWatcher {
    void on_available(const xmpp::Jid& jid, const Element&, bool initial) override {
      heard.push_back(jid.str() + (initial ? " initial" : " again"));
    }
    void on_unavailable(const xmpp::Jid& jid) override { heard.push_back(jid.str() + " away"); }
    void on_end(const xmpp::Jid& jid) override { heard.push_back(jid.str() + " ended"); }
    std::vector<std::string> heard;
  } watcher;
  Routing r;
  r.router.watch(watcher);
  r.send(r.juliet, stanza("presence", ""));
  r.send(r.juliet, stanza("presence", ""));
  r.send(r.juliet, stanza("presence", "romeo@localhost"));  // directed: nobody's business
  r.send(r.juliet, stanza("presence", "", "unavailable"));
  r.send(r.juliet, stanza("presence", ""));
  r.router.remove(r.juliet);
  const std::string jid = "juliet@localhost/balcony";
  CHECK(watcher.heard == std::vector<std::string>{jid + " initial", jid + " again", jid + " away",
                                                  jid + " initial", jid + " ended"});
}
