// SPDX-License-Identifier: Apache-2.0
// Messages that a session never acknowledged, when it has ended (XEP-0198 §4).
#include <catch2/catch.hpp>

#include "tests/unit/bridge/routing.h"
#include "xmpp/datetime.h"

using namespace tests;
using xmpp::Element;

namespace {

// Juliet's balcony, of priority 5, has ended; her phone is there.
struct Ended : Routing {
  explicit Ended(int phone_priority) {
    juliet->priority = 5;
    router.remove(juliet);
    router.add(phone);
    Element presence = stanza("presence", "");
    presence.add("priority", xmpp::ns::client).set_text(std::to_string(phone_priority));
    send(phone, presence);
    phone->take();
  }
  void lose(const std::string& to, const std::string& type,
            const std::string& from = "romeo@localhost/orchard") {
    Element message = stanza("message", to, type);
    message.set_attr("from", from).set_attr("id", "m");
    lose(std::move(message));
  }
  void lose(Element stanza) { router.undelivered(*juliet, sent, stamp, std::move(stanza)); }
  // What was lost was sent while the phone was what it is now.
  base::Time sent = shards[0].now() + 1;
  base::Time stamp = *xmpp::parse_datetime("2026-11-24T08:00:00Z");
  std::shared_ptr<FakeSession> phone = std::make_shared<FakeSession>("juliet@localhost/phone");
};

constexpr auto full = "juliet@localhost/balcony";
constexpr auto bare = "juliet@localhost";

}  // namespace

TEST_CASE("to the lost resource: a chat goes to another, all else back") {
  Ended r(0);
  r.lose(full, "chat");
  CHECK(has(r.phone->take(), "id='m'"));
  CHECK(r.romeo->take().empty());
  r.lose(full, "");
  CHECK(r.phone->take().empty());
  const std::string back = r.romeo->take();
  CHECK(has(back, "type='error'"));
  CHECK(has(back, "from='juliet@localhost/balcony'"));
  CHECK(has(back, "<error type='wait'><recipient-unavailable"));
}

TEST_CASE("to the account: whoever heard it then does not hear it twice") {
  for (const auto& [priority, again] : {std::pair(4, true), {5, false}, {6, false}}) {
    INFO(priority);
    Ended r(priority);
    r.lose(bare, "chat");
    CHECK(has(r.phone->take(), "id='m'") == again);
    CHECK(r.romeo->take().empty());
  }
}

TEST_CASE("to the account: whoever came later, or rose later, did not hear it") {
  for (const int priority : {4, 5, 6}) {
    INFO(priority);
    Ended r(priority);
    r.sent = r.phone->unchanged_since;
    r.lose(bare, "chat");
    CHECK(has(r.phone->take(), "id='m'"));
    CHECK(r.romeo->take().empty());
  }
}

TEST_CASE("a session keeps when its presence began to be what it is") {
  Ended r(0);
  const auto then = base::Time{} + base::seconds(-1);
  const auto say = [&](const char* type, const char* priority) {
    r.phone->unchanged_since = then;
    Element presence = stanza("presence", "", type);
    presence.add("priority", xmpp::ns::client).set_text(priority);
    r.send(r.phone, presence);
    return r.phone->unchanged_since != then;
  };
  CHECK_FALSE(say("", "0"));
  CHECK(say("", "1"));
  CHECK(say("unavailable", "1"));
  CHECK_FALSE(say("unavailable", "1"));
  CHECK(say("", "1"));
}

TEST_CASE("to the account: the loser's own priority was another then") {
  Ended r(5);
  r.juliet->unchanged_since = r.sent;
  r.lose(bare, "chat");
  CHECK(has(r.phone->take(), "id='m'"));
}

TEST_CASE("XEP-0203: what comes late says when it was sent, once") {
  const std::string delay =
      "<delay xmlns='urn:xmpp:delay' from='localhost' stamp='2026-11-24T08:00:00Z'/>";
  Ended r(0);
  r.lose(full, "chat");
  CHECK(has(r.phone->take(), delay));
  Element late = stanza("message", full, "chat");
  late.set_attr("from", "romeo@localhost/orchard");
  late.add("delay", xmpp::ns::delay)
      .set_attr("from", "localhost")
      .set_attr("stamp", "2026-11-23T08:00:00Z");
  r.lose(late);
  const std::string got = r.phone->take();
  CHECK(has(got, "stamp='2026-11-23T08:00:00Z'"));
  CHECK_FALSE(has(got, "stamp='2026-11-24"));
}

TEST_CASE("a request that is lost is refused, an answer and an error are dropped") {
  Ended r(0);
  for (const char* type : {"get", "set", "result", "error"}) {
    INFO(type);
    Element lost = iq(type, full, "query", "urn:x");
    lost.set_attr("from", "romeo@localhost/orchard");
    r.lose(lost);
    const bool request = type == std::string_view("get") || type == std::string_view("set");
    CHECK(has(r.romeo->take(), unavailable) == request);
    CHECK(r.phone->take().empty());
  }
}

TEST_CASE("with nobody else there it goes back") {
  Ended r(-1);
  for (const char* to : {full, bare}) {
    r.lose(to, "chat");
    CHECK(has(r.romeo->take(), "<recipient-unavailable"));
  }
}

TEST_CASE("what is nobody's loss is dropped") {
  Ended r(0);
  for (const char* type : {"headline", "groupchat", "error"}) r.lose(full, type);
  r.lose(full, "chat", "room@chat.localhost/romeo");  // for an occupant alone
  CHECK(r.phone->take().empty());
  CHECK(r.romeo->take().empty());
  CHECK(r.rooms.got.empty());
  r.lose(bare, "normal", "room@chat.localhost");  // an invitation
  CHECK(r.phone->take().empty() == false);
}
