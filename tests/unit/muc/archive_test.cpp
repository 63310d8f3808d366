// SPDX-License-Identifier: Apache-2.0
// Reading a room's archive: what is put on record about it, and what its ids tell.
#include "muc/history/archive.h"

#include <algorithm>
#include <catch2/catch.hpp>

#include "tests/unit/muc/world.h"
#include "xmpp/ns.h"

using tests::MucWorld;

namespace {

constexpr auto romeo = "romeo@localhost/x";
constexpr auto room = "r@chat.localhost";

struct Balcony : MucWorld {
  Balcony() {
    enter(romeo, "r@chat.localhost/Romeo");
    accept(romeo, room);
    for (int i = 0; i < 20; ++i)
      send(romeo, "<message to='r@chat.localhost' type='groupchat'><body>m</body></message>");
    forget_inbox(romeo);
  }
  void ask(const std::string& payload, const std::string& type = "set") {
    send(romeo, "<iq type='" + type + "' id='q' to='r@chat.localhost'>" + payload + "</iq>");
  }
};

}  // namespace

TEST_CASE("reading an archive is on record: who, up to where, how much") {
  Balcony world;
  world.ask(
      "<query xmlns='urn:xmpp:mam:2'><set xmlns='http://jabber.org/protocol/rsm'>"
      "<max>5</max><before/></set></query>");
  const auto viewed = world.recorded<record::HistoryViewed>();
  REQUIRE(viewed.size() == 1);
  CHECK(viewed[0].via == "mam");
  CHECK(viewed[0].count == 5);
  CHECK(viewed[0].last - viewed[0].first == 4);
  const auto& event = world.server.store().log().back();
  CHECK(event.actor.jid.str() == romeo);
  CHECK(event.actor.affiliation == record::Affiliation::owner);
  CHECK(event.number == viewed[0].last);  // the room as it was when it was asked
}

TEST_CASE("a question about metadata, the form and a refused question are not") {
  Balcony world;
  world.ask("<metadata xmlns='urn:xmpp:mam:2'/>", "get");
  world.ask("<query xmlns='urn:xmpp:mam:2'/>", "get");
  world.ask("<query xmlns='urn:xmpp:mam:2' node='n'/>");
  CHECK(world.recorded<record::HistoryViewed>().empty());
}

TEST_CASE("BI-MAM-04 ids tell neither how many there are nor their order") {
  Balcony world;
  world.ask("<query xmlns='urn:xmpp:mam:2'/>");
  std::vector<std::string> ids;
  while (const auto stanza = world.next(romeo))
    if (const auto* result = stanza->child("result", xmpp::ns::mam))
      ids.emplace_back(result->attr("id"));
  REQUIRE(ids.size() == 20);
  CHECK_FALSE(std::is_sorted(ids.begin(), ids.end()));
  for (const auto& id : ids) CHECK(id.size() == 22);  // a block of 16 bytes
}

TEST_CASE("places of questions: two of each account, and they come back") {
  muc::Readings readings(2);
  const auto juliet = *xmpp::Jid::parse("juliet@localhost");
  auto first = readings.take(juliet);
  auto second = readings.take(juliet);
  CHECK(first != nullptr);
  CHECK(second != nullptr);
  CHECK(readings.take(juliet) == nullptr);
  auto copy = second;
  second.reset();
  CHECK(readings.take(juliet) == nullptr);
  copy.reset();
  second = readings.take(juliet);
  CHECK(second != nullptr);
  for (int i = 0; i < 3000; ++i)  // others come and go
    CHECK(readings.take(*xmpp::Jid::parse("u" + std::to_string(i) + "@localhost")) != nullptr);
  CHECK(readings.take(juliet) == nullptr);
}
