// SPDX-License-Identifier: Apache-2.0
// M45-276: who is told of a new affiliation while not inside, and how many of a long list are.
#include <catch2/catch.hpp>

#include "tests/unit/muc/world.h"

namespace {

constexpr const char* owner = "romeo@localhost/orchard";
constexpr const char* room = "r@chat.localhost";

std::string person(int i) { return "p" + std::to_string(i) + "@localhost"; }

struct NoticeWorld : tests::MucWorld {
  NoticeWorld() {
    enter(owner, "r@chat.localhost/Romeo");
    accept(owner, room);
  }
  void away(const std::string& full) {
    connect(full);
    server.make_available(*xmpp::Jid::parse(full));
  }
  void give(const std::string& admin, int first, int count,
            const std::string& affiliation = "member") {
    std::string items;
    for (int i = first; i < first + count; ++i)
      items += "<item affiliation='" + affiliation + "' jid='" + person(i) + "'/>";
    send(admin, std::string("<iq type='set' id='a' to='") + room +
                    "'><query xmlns='http://jabber.org/protocol/muc#admin'>" + items +
                    "</query></iq>");
  }
  std::size_t told(int i) { return server.inbox(*xmpp::Jid::parse(person(i) + "/x")).size(); }
};

}  // namespace

TEST_CASE("M45-276: of ten thousand changes a hundred are told, and no more for ten minutes") {
  NoticeWorld world;
  for (const int i : {0, 98, 99, 100, 101, 9999}) world.away(person(i) + "/x");
  world.give(owner, 0, 10000);
  CHECK(world.recorded<record::AffiliationChanged>().size() == 10001);
  CHECK(world.told(0) == 1);
  CHECK(world.told(98) == 1);
  CHECK(world.told(99) == 1);
  CHECK(world.told(100) == 0);
  CHECK(world.told(9999) == 0);
  world.give(owner, 0, 1, "none");
  CHECK(world.told(0) == 1);
  world.server.advance(base::minutes(10));
  world.give(owner, 0, 1);
  CHECK(world.told(0) == 2);
}

TEST_CASE("M45-276: one admin's notices are not another's, and take nobody's invitations away") {
  NoticeWorld world;
  const std::string other = "nurse@localhost/hall";
  world.send(owner, std::string("<iq type='set' id='a' to='") + room +
                        "'><query xmlns='http://jabber.org/protocol/muc#admin'>"
                        "<item affiliation='owner' jid='nurse@localhost'/></query></iq>");
  world.enter(other, "r@chat.localhost/Nurse");
  world.away(person(500) + "/x");
  world.give(owner, 0, 200);
  world.give(other, 500, 1);
  CHECK(world.told(500) == 1);
  world.forget_inbox(owner);
  world.send(owner, std::string("<message id='i' to='") + room +
                        "'><x xmlns='http://jabber.org/protocol/muc#user'>"
                        "<invite to='p500@localhost/x'/></x></message>");
  CHECK(world.recorded<record::InvitationSent>().size() == 1);
  CHECK(world.told(500) == 2);
}
