// SPDX-License-Identifier: Apache-2.0
#include "accounts/personal/bookmarks.h"

#include "tests/unit/accounts/desk.h"

using tests::Desk;
using tests::has;

namespace {

struct Bookmarks : Desk {
  std::string publish(const std::string& id, const std::string& conference) {
    return set(
        "<pubsub xmlns='http://jabber.org/protocol/pubsub'>"
        "<publish node='urn:xmpp:bookmarks:1'><item id='" +
        id + "'>" + conference + "</item></publish></pubsub>");
  }
  std::string items() {
    return get(
        "<pubsub xmlns='http://jabber.org/protocol/pubsub'>"
        "<items node='urn:xmpp:bookmarks:1'/></pubsub>");
  }
  std::string old() {
    return get("<query xmlns='jabber:iq:private'><storage xmlns='storage:bookmarks'/></query>");
  }
  std::string set_old(const std::string& content) {
    return set("<query xmlns='jabber:iq:private'><storage xmlns='storage:bookmarks'>" + content +
               "</storage></query>");
  }
};

const std::string garden =
    "<conference xmlns='urn:xmpp:bookmarks:1' name='Garden' autojoin='1'><nick>J</nick>"
    "<extensions><x xmlns='urn:x'/></extensions></conference>";
const std::string room = "garden@chat.localhost";

}  // namespace

TEST_CASE("XEP-0402: a bookmark is a conference under a room's JID") {
  Bookmarks b;
  CHECK(has(b.publish(room, garden), "'result'"));
  for (const char* id : {"", "chat.localhost", "garden@chat.localhost/nick", "a@b@c"})
    CHECK(has(b.publish(id, garden), "<bad-request"));
  CHECK(has(b.publish(room, "<conference xmlns='urn:x'/>"), "<bad-request"));
}

TEST_CASE("XEP-0402: bookmarks are many and for nobody else, also without options") {
  Bookmarks b;
  b.publish("a@chat.localhost", garden);
  b.publish("b@chat.localhost", garden);
  CHECK(has(b.items(), "id='a@chat.localhost'"));
  const auto form = b.get(
      "<pubsub xmlns='http://jabber.org/protocol/pubsub#owner'>"
      "<configure node='urn:xmpp:bookmarks:1'/></pubsub>");
  CHECK(has(form, "<value>whitelist</value>"));
}

TEST_CASE("clients of private XML see the bookmarks of the others") {
  Bookmarks b;
  CHECK(has(b.old(), "<storage xmlns='storage:bookmarks'/>"));
  b.publish(room, garden);
  CHECK(has(b.old(),
            "<conference name='Garden' autojoin='true' jid='garden@chat.localhost'>"
            "<nick>J</nick></conference>"));
}

TEST_CASE("clients of private XML change the bookmarks of the others") {
  Bookmarks b;
  b.listen("juliet@localhost/chamber", {"urn:xmpp:bookmarks:1"});
  b.publish(room, garden);
  SECTION("one more: the rest is not told again") {
    CHECK(has(b.set_old("<conference name='Garden' autojoin='true' jid='garden@chat.localhost'>"
                        "<nick>J</nick></conference>"
                        "<conference jid='Hall@chat.localhost'/><url url='http://x/'/>"),
              "'result'"));
    REQUIRE(b.said.size() == 1);
    CHECK(has(b.said[0], "<item id='hall@chat.localhost'>"));
    CHECK(has(b.items(), "<extensions>"));
    CHECK(has(b.old(), "<url url='http://x/'/>"));
    CHECK(has(b.old(), "jid='hall@chat.localhost'"));
  }
  SECTION("changed: what the client does not know of is kept") {
    b.set_old("<conference name='Orchard' jid='garden@chat.localhost'/>");
    CHECK(has(b.items(), "name='Orchard' autojoin='false'><extensions>"));
  }
  SECTION("gone") {
    b.set_old("");
    REQUIRE(b.said.size() == 1);
    CHECK(has(b.said[0], "<retract id='garden@chat.localhost'/>"));
    CHECK_FALSE(has(b.items(), "<item "));
  }
  SECTION("what is no room stays in private XML") {
    b.set_old("<conference jid='nonsense'/>");
    CHECK_FALSE(has(b.items(), "nonsense"));
    CHECK(has(b.old(), "<conference jid='nonsense'/>"));
  }
}
