// SPDX-License-Identifier: Apache-2.0
// Limits of what owners and admins may say.
#include <catch2/catch.hpp>

#include "muc/verbs/verbs.h"
#include "tests/unit/muc/world.h"

namespace {

constexpr const char* owner = "a@localhost/1";
constexpr const char* room = "r@chat.localhost";

void make_room(tests::MucWorld& world) {
  world.enter(owner, "r@chat.localhost/a");
  world.accept(owner, room);
  world.forget_inbox(owner);
}

std::string reserve(tests::MucWorld& world, const std::string& nick) {
  world.send(owner,
             "<iq type='set' id='i' to='r@chat.localhost'>"
             "<query xmlns='http://jabber.org/protocol/muc#admin'>"
             "<item affiliation='member' jid='b@localhost' nick='" +
                 nick + "'/></query></iq>");
  return tests::MucWorld::condition(world.next(owner));
}

std::string destroy(tests::MucWorld& world, const std::string& reason, const std::string& venue) {
  world.send(owner,
             "<iq type='set' id='i' to='r@chat.localhost'>"
             "<query xmlns='http://jabber.org/protocol/muc#owner'><destroy jid='" +
                 venue + "'><reason>" + reason + "</reason></destroy></query></iq>");
  const auto answer = world.next(owner);
  return tests::MucWorld::condition(answer);
}

}  // namespace

TEST_CASE("a reserved nick is one that its holder could enter under") {
  tests::MucWorld world;
  make_room(world);
  CHECK(reserve(world, std::string(254, 'n')) == "");
  CHECK(reserve(world, std::string(255, 'n')) == "");
  CHECK(reserve(world, std::string(256, 'n')) == "jid-malformed");
  CHECK(reserve(world, "  ") == "jid-malformed");
  CHECK(reserve(world, "a\xe2\x80\xae") == "jid-malformed");  // turns text around
  CHECK(reserve(world, "") == "");                            // clears it
}

TEST_CASE("one set cannot reserve a nick for two") {
  tests::MucWorld world;
  make_room(world);
  world.send(owner,
             "<iq type='set' id='i' to='r@chat.localhost'>"
             "<query xmlns='http://jabber.org/protocol/muc#admin'>"
             "<item affiliation='member' jid='b@localhost' nick='x'/>"
             "<item affiliation='member' jid='c@localhost' nick='x'/></query></iq>");
  CHECK(tests::MucWorld::condition(world.next(owner)) == "conflict");
  CHECK(world.recorded<record::AffiliationChanged>().size() == 1);  // its maker's own
}

TEST_CASE("a nick is reserved as it is prepared") {
  tests::MucWorld world;
  make_room(world);
  CHECK(reserve(world, "\xef\xbc\xa2") == "");  // a full-width B is B
  CHECK(world.recorded<record::AffiliationChanged>().back().reserved_nick == "B");
  world.enter("c@localhost/1", "r@chat.localhost/B");
  CHECK(tests::MucWorld::condition(world.next("c@localhost/1")) == "conflict");
  world.enter("b@localhost/1", "r@chat.localhost/B");
  CHECK(tests::MucWorld::condition(world.next("b@localhost/1")) == "");
}

TEST_CASE("who is named by nick is found under the prepared one") {
  tests::MucWorld world;
  make_room(world);
  world.enter("b@localhost/1", "r@chat.localhost/B");
  world.forget_inbox(owner);
  world.send(owner,
             "<iq type='set' id='i' to='r@chat.localhost'>"
             "<query xmlns='http://jabber.org/protocol/muc#admin'>"
             "<item role='none' nick='\xef\xbc\xa2'/></query></iq>");
  CHECK(tests::MucWorld::condition(world.next(owner)) == "");
  CHECK(world.recorded<record::OccupantLeft>().size() == 1);
}

TEST_CASE("the reason for the end of a room has its limit, the venue that of addresses") {
  const std::string venue = "v@chat.localhost";
  for (const std::size_t bytes : {muc::reason_bytes_max - 1, muc::reason_bytes_max}) {
    tests::MucWorld world;
    make_room(world);
    CHECK(destroy(world, std::string(bytes, 'r'), venue) == "");
    CHECK(world.recorded<record::RoomDestroyed>().size() == 1);
  }
  tests::MucWorld world;
  make_room(world);
  CHECK(destroy(world, std::string(muc::reason_bytes_max + 1, 'r'), venue) == "policy-violation");
  CHECK(destroy(world, "r", std::string(1024, 'v') + "@chat.localhost") == "jid-malformed");
  CHECK(world.recorded<record::RoomDestroyed>().empty());
}

// Both are strangers to the room as it is from now on; only who stays learns who is who.
TEST_CASE("who has to leave by a form that shows real addresses is shown none") {
  tests::MucWorld world;
  world.enter("owner@localhost/x", "r@chat.localhost/Owner");
  world.accept("owner@localhost/x", "r@chat.localhost");
  world.enter("a@localhost/x", "r@chat.localhost/Alder");
  world.enter("b@localhost/x", "r@chat.localhost/Birch");
  for (const char* stranger : {"a@localhost/x", "b@localhost/x"}) world.forget_inbox(stranger);
  world.send("owner@localhost/x",
             "<iq type='set' id='c' to='r@chat.localhost'>"
             "<query xmlns='http://jabber.org/protocol/muc#owner'>"
             "<x xmlns='jabber:x:data' type='submit'>"
             "<field var='muc#roomconfig_membersonly'><value>1</value></field>"
             "<field var='muc#roomconfig_whois'><value>anyone</value></field></x></query></iq>");
  const std::pair<const char*, const char*> others[] = {{"a@localhost/x", "jid='b@localhost"},
                                                        {"b@localhost/x", "jid='a@localhost"}};
  for (const auto& [stranger, other] : others) {
    const auto& inbox = world.server.inbox(*xmpp::Jid::parse(stranger));
    CHECK_FALSE(inbox.empty());
    for (const auto& payload : inbox) CHECK(payload.bytes->find(other) == std::string::npos);
  }
}
