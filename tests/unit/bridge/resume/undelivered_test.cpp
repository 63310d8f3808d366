// SPDX-License-Identifier: Apache-2.0
// Messages that a session never acknowledged, when it has ended (XEP-0198 §4).
#include <catch2/catch.hpp>

#include "tests/unit/bridge/routing.h"

using namespace tests;
using xmpp::Element;

namespace {

// Juliet's balcony, of priority 5, has ended; her phone is there.
struct Ended : Routing {
  explicit Ended(int phone_priority) {
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
    router.undelivered(juliet->jid(), 5, message);
  }
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
