// SPDX-License-Identifier: Apache-2.0
#include "bridge/router.h"

#include <catch2/catch.hpp>

#include "tests/unit/bridge/client.h"
#include "tests/unit/bridge/routing.h"

using namespace tests;
using xmpp::Element;
using xmpp::Jid;

TEST_CASE("BI-STZ-01: from is always the bound full JID") {
  Routing r;
  for (const char* forged : {"", "romeo@localhost", "juliet@localhost/tomb"}) {
    Element message = stanza("message", "romeo@localhost/orchard");
    message.set_attr("from", forged);
    r.send(r.juliet, message);
    CHECK(has(r.romeo->take(), "from='juliet@localhost/balcony'"));
  }
}

TEST_CASE("BI-STZ-02: a malformed address is answered with jid-malformed and not repeated") {
  Routing r;
  for (const char* to : {"@d", "a@", "a@b@c", "a@ex ample", ""}) {
    Element message = stanza("message", "x");
    message.set_attr("to", to);
    const std::string answer = r.answer(r.juliet, message);
    CHECK(has(answer, "<error type='modify'><jid-malformed"));
    CHECK_FALSE(has(answer, " from="));
  }
}

TEST_CASE("BI-STZ-17: an account that is offline looks like one that does not exist") {
  Routing r;
  r.router.remove(r.romeo);
  const auto check = [&](Element request, bool answered) {
    request.set_attr("id", "7");
    for (const std::string resource : {"", "/orchard"}) {
      request.set_attr("to", "romeo@localhost" + resource);
      std::string known = r.answer(r.juliet, request);
      request.set_attr("to", "nobody@localhost" + resource);
      std::string unknown = r.answer(r.juliet, request);
      for (auto at = unknown.find("nobody"); at != std::string::npos; at = unknown.find("nobody"))
        unknown.replace(at, 6, "romeo");
      INFO(xmpp::to_xml(request, xmpp::ns::client));
      CHECK(known == unknown);
      CHECK(has(known, unavailable) == answered);
      CHECK(has(known, "id='7'") == answered);
    }
  };
  for (const char* type : {"", "chat", "groupchat"}) check(stanza("message", "", type), true);
  for (const char* type : {"subscribe", "subscribed", "unsubscribe", "unsubscribed"})
    check(stanza("presence", "", type), true);
  check(iq("get", "", "query", xmpp::ns::disco_info), true);
  check(stanza("message", "", "headline"), false);  // RFC 6121 8.5.2.1.1, 8.5.3.2.1
  check(stanza("presence", ""), false);             // 8.5.2.1.2, 8.5.3.2.2
  check(stanza("presence", "", "probe"), false);
}

TEST_CASE("a request for a subscription is refused to the very client that made it") {
  Routing r;
  for (const char* to :
       {"romeo@localhost", "romeo@localhost/orchard", "localhost", "juliet@localhost"}) {
    Element request = stanza("presence", to, "subscribe");
    request.set_attr("id", "s");
    const auto answer = r.answer(r.juliet, request);
    CHECK(has(answer, "to='juliet@localhost/balcony'"));
    CHECK(has(answer, "from='" + std::string(to) + "'"));
    CHECK(has(answer, "id='s'"));
    CHECK(has(answer, unavailable));
  }
  CHECK(r.romeo->got.empty());
  CHECK(has(r.answer(r.juliet, stanza("presence", "elsewhere.example", "subscribe")),
            "<remote-server-not-found"));
  // A service answers for itself, to whom it hears it from.
  r.send(r.juliet, stanza("presence", "room@chat.localhost", "subscribe"));
  REQUIRE(r.rooms.got.size() == 1);
  CHECK(r.rooms.got[0].attr("from") == "juliet@localhost/balcony");
}

TEST_CASE("an IQ to a full JID is delivered, to a stranger's bare JID it is not") {
  Routing r;
  CHECK(r.answer(r.juliet, iq("get", "romeo@localhost/orchard", "query", "urn:x")).empty());
  CHECK(has(r.romeo->take(), "<iq to='romeo@localhost/orchard' type='get'"));
  CHECK(has(r.answer(r.juliet, iq("get", "romeo@localhost/x", "query", "urn:x")), unavailable));
  CHECK(has(r.answer(r.juliet, iq("get", "romeo@localhost", "query", xmpp::ns::disco_info)),
            unavailable));
  CHECK(r.romeo->got.empty());
}

TEST_CASE("BI-STZ-04: results and errors nobody asked for are dropped") {
  Routing r;
  for (const char* to :
       {"", "localhost", "juliet@localhost", "romeo@localhost", "romeo@localhost/x"})
    for (const char* type : {"result", "error"})
      CHECK(r.answer(r.juliet, iq(type, to, "query", "urn:x")).empty());
  CHECK(r.romeo->got.empty());
}

TEST_CASE("the server and the own account answer discovery, ping and session") {
  Routing r;
  const auto info = r.answer(r.juliet, iq("get", "localhost", "query", xmpp::ns::disco_info));
  CHECK(has(info, "<identity category='server' type='im'"));
  CHECK(has(info, "<feature var='urn:xmpp:ping'/>"));
  CHECK(has(r.answer(r.juliet, iq("get", "localhost", "query", xmpp::ns::disco_items)),
            "<item jid='chat.localhost' name='Lobby'/>"));
  CHECK(has(r.answer(r.juliet, iq("get", "juliet@localhost", "query", xmpp::ns::disco_info)),
            "<identity category='account' type='registered'/>"));
  CHECK(
      has(r.answer(r.juliet, iq("get", "", "query", xmpp::ns::disco_info)), "category='account'"));
  for (const char* to : {"", "localhost", "juliet@localhost"})
    CHECK(has(r.answer(r.juliet, iq("get", to, "ping", xmpp::ns::ping)), "type='result'"));
  CHECK(has(r.answer(r.juliet, iq("set", "", "session", xmpp::ns::session)), "type='result'"));
  CHECK(has(r.answer(r.juliet, iq("get", "", "query", xmpp::ns::roster)), unavailable));
  CHECK(has(r.answer(r.juliet, iq("get", "", "query", "jabber:iq:version")), unavailable));
}

TEST_CASE("BI-STZ-18: a node we do not have; one of 64 KiB is not repeated") {
  Routing r;
  for (const auto& [size, condition] :
       {std::pair{1024, "<item-not-found"}, {1025, "<bad-request"}, {65536, "<bad-request"}}) {
    Element request = iq("get", "localhost", "query", xmpp::ns::disco_info);
    request.child("query", xmpp::ns::disco_info)
        ->set_attr("node", std::string(static_cast<std::size_t>(size), 'n'));
    const auto answer = r.answer(r.juliet, request);
    CHECK(has(answer, condition));
    CHECK(answer.size() < 500);
  }
}

TEST_CASE("a domain that is neither ours nor a service is not found") {
  Routing r;
  const auto answer = r.answer(r.juliet, stanza("message", "romeo@elsewhere.example"));
  CHECK(has(answer, "<error type='cancel'><remote-server-not-found"));
}

TEST_CASE("own presence reaches all own resources, the newcomer hears who is there") {
  Routing r;
  const auto tomb = std::make_shared<FakeSession>("juliet@localhost/tomb");
  r.router.add(tomb);
  CHECK(has(r.answer(r.juliet, stanza("presence", "")), "from='juliet@localhost/balcony'"));
  CHECK(tomb->got.empty());  // not available yet
  Element shown = stanza("presence", "");
  shown.add("priority", xmpp::ns::client).set_text("5");
  r.send(tomb, shown);
  CHECK(has(r.juliet->take(), "from='juliet@localhost/tomb'"));
  CHECK(tomb->got.size() == 2);
  CHECK(tomb->priority == 5);
  r.send(r.romeo, stanza("message", "juliet@localhost", "chat"));
  CHECK(has(tomb->take(), "<message"));
  CHECK(r.juliet->got.empty());
  r.router.remove(tomb);
  CHECK(has(r.juliet->take(), "from='juliet@localhost/tomb' type='unavailable'"));
  CHECK(r.romeo->got.empty());
}

TEST_CASE("who got directed presence is told when the session ends (RFC 6121 4.6)") {
  Routing r;
  r.send(r.juliet, stanza("presence", "romeo@localhost/orchard"));
  r.send(r.juliet, stanza("presence", "room@chat.localhost/Juliet"));
  r.send(r.juliet, stanza("presence", "left@chat.localhost/Juliet"));
  r.send(r.juliet, stanza("presence", "left@chat.localhost/Juliet", "unavailable"));
  CHECK(has(r.romeo->take(), "<presence to='romeo@localhost/orchard'"));
  r.rooms.got.clear();
  SECTION("by closing its stream") { r.router.remove(r.juliet); }
  SECTION("by unavailable presence") {
    r.send(r.juliet, stanza("presence", "", "unavailable"));
    CHECK(r.juliet->directed.empty());
  }
  CHECK(has(r.romeo->take(), "type='unavailable'"));
  REQUIRE(r.rooms.got.size() == 1);
  CHECK(r.rooms.got[0].attr("to") == "room@chat.localhost");
  CHECK(r.rooms.got[0].attr("from") == "juliet@localhost/balcony");
  CHECK(r.rooms.got[0].attr("type") == "unavailable");
}

TEST_CASE("who refused a presence is owed no farewell") {
  Routing r;
  r.send(r.juliet, stanza("presence", "romeo@localhost/orchard"));
  r.send(r.romeo, stanza("presence", "juliet@localhost/balcony", "error"));
  CHECK(has(r.juliet->take(), "type='error'"));
  (void)r.romeo->take();
  r.router.remove(r.juliet);
  CHECK(r.romeo->got.empty());
}

TEST_CASE("a room is owed one farewell, whatever nicks were asked for in it") {
  Routing r;
  for (const auto* nick : {"J", "Juliet", "Capulet"})
    r.send(r.juliet, stanza("presence", std::string("room@chat.localhost/") + nick));
  CHECK(r.juliet->directed.size() == 1);
  r.rooms.got.clear();
  r.router.remove(r.juliet);
  REQUIRE(r.rooms.got.size() == 1);
  CHECK(r.rooms.got[0].attr("to") == "room@chat.localhost");
}

TEST_CASE("one session owes a farewell to 5000 addresses at most") {
  Routing r;
  for (int i = 0; i < 4999; ++i)
    r.juliet->directed.insert(*Jid::parse("room" + std::to_string(i) + "@chat.localhost/J"));
  CHECK(r.answer(r.juliet, stanza("presence", "a@chat.localhost/J")).empty());
  CHECK(has(r.answer(r.juliet, stanza("presence", "b@chat.localhost/J")),
            "<error type='wait'><resource-constraint"));
  CHECK(r.answer(r.juliet, stanza("presence", "a@chat.localhost/J")).empty());  // an update
  CHECK(r.rooms.got.size() == 2);
}

TEST_CASE("BI-STZ-11, 12, 13: what only a server may say is taken out between accounts") {
  Routing r;
  Element message = stanza("message", "romeo@localhost/orchard");
  message.add("stanza-id", xmpp::ns::stanza_id).set_attr("by", "romeo@LOCALHOST");
  message.add("occupant-id", xmpp::ns::occupant_id);
  message.add("delay", xmpp::ns::delay).set_attr("from", "localhost");
  message.add("body", xmpp::ns::client).set_text("hark");
  r.send(r.juliet, message);
  const auto got = r.romeo->take();
  CHECK(has(got, "<body>hark</body>"));
  CHECK_FALSE(has(got, "stanza-id"));
  CHECK_FALSE(has(got, "occupant-id"));
  CHECK_FALSE(has(got, "delay"));
}

TEST_CASE("BI-STZ-11, 12: nobody speaks in the name of a room, wherever he says it") {
  Routing r;
  for (const char* to : {"romeo@localhost/orchard", "romeo@localhost", "room@chat.localhost"}) {
    Element message = stanza("message", to, "chat");
    message.set_attr("id", "m");
    message.add("delay", xmpp::ns::delay).set_attr("from", "room@Chat.localhost");
    message.add("delay", xmpp::ns::delay).set_attr("from", "other@chat.localhost/Juliet");
    message.add("delay", xmpp::ns::delay).set_attr("from", "romeo@localhost");
    message.add("stanza-id", xmpp::ns::stanza_id).set_attr("by", "ROOM@chat.localhost");
    message.add("stanza-id", xmpp::ns::stanza_id).set_attr("by", "localhost");
    message.add("delay", xmpp::ns::delay).set_attr("from", "elsewhere.example");
    message.add("stanza-id", xmpp::ns::stanza_id).set_attr("by", "room@elsewhere.example");
    Element available = stanza("presence", "");
    r.send(r.romeo, available);
    r.romeo->take();
    r.send(r.juliet, message);
    Element got;
    if (!r.rooms.got.empty()) got = std::exchange(r.rooms.got, {}).front();
    const std::string text =
        got.name().empty() ? r.romeo->take() : xmpp::to_xml(got, xmpp::ns::client);
    INFO(text);
    CHECK(has(text, "id='m'"));
    CHECK(has(text, "<delay xmlns='urn:xmpp:delay' from='elsewhere.example'/>"));
    CHECK(has(text, "by='room@elsewhere.example'"));
    CHECK_FALSE(has(text, "by='ROOM"));
    CHECK_FALSE(has(text, "by='localhost'"));
    CHECK(text.find("<delay") == text.rfind("<delay"));
  }
}

TEST_CASE("a stanza without an address is for the own account") {
  Routing r;
  r.send(r.juliet, stanza("presence", ""));
  r.juliet->take();
  Element message = stanza("message", "", "chat");
  CHECK(has(r.answer(r.juliet, message), "<message type='chat'"));
  CHECK(has(r.answer(r.juliet, stanza("presence", "", "subscribe")), "<bad-request"));
  CHECK(r.answer(r.juliet, stanza("presence", "", "error")).empty());
}

TEST_CASE("sessions are counted and found by their account") {
  Routing r;
  const auto jid = *Jid::parse("juliet@localhost");
  CHECK(r.router.session_count() == 2);
  CHECK(r.router.resources(jid) == 1);
  CHECK(r.router.find(r.juliet->jid()) == r.juliet);
  CHECK(r.router.sessions(jid).size() == 1);
  r.router.remove(r.juliet);
  r.router.remove(r.juliet);
  CHECK(r.router.session_count() == 1);
  CHECK(r.router.resources(jid) == 0);
  CHECK(r.router.find(r.juliet->jid()) == nullptr);
}

TEST_CASE("a receipt goes with its stanza, and no further than its answer") {
  Routing r;
  std::weak_ptr<int> waits;
  const auto issue = [&] {
    const auto note = std::make_shared<int>();
    waits = note;
    return base::Receipt(note);
  };
  r.router.from_client(*r.juliet, stanza("message", "room@chat.localhost", "groupchat"), issue());
  REQUIRE(r.rooms.receipts.size() == 1);
  CHECK_FALSE(waits.expired());
  r.rooms.receipts.clear();
  CHECK(waits.expired());

  for (const auto& done :
       {stanza("message", "romeo@localhost", "chat"), stanza("message", "gone@elsewhere.example"),
        stanza("message", "@"), stanza("presence", ""), stanza("iq", "", "get")}) {
    r.router.from_client(*r.juliet, done, issue());
    CHECK(waits.expired());
  }
}
