// SPDX-License-Identifier: Apache-2.0
// What a room keeps about people: what is put on record, and limits.
#include "muc/state/people.h"

#include <catch2/catch.hpp>

#include "muc/state/voice_requests.h"
#include "tests/unit/muc/world.h"

namespace {

xmpp::Jid jid(const std::string& text) { return *xmpp::Jid::parse(text); }
xmpp::Jid person(std::size_t n) { return jid("p" + std::to_string(n) + "@localhost/x"); }

}  // namespace

TEST_CASE("what is kept about people is counted, and is by bare JID") {
  muc::People people;
  people.set(jid("romeo@localhost/orchard"), "voice", "1");
  people.set(jid("romeo@localhost"), "hats", "a");
  people.set(jid("juliet@localhost"), "voice", "0");
  people.set(jid("nurse@localhost"), "voice", "");
  CHECK(people.size() == 3);
  CHECK(people.count("voice") == 2);
  CHECK(people.count("registration") == 0);
  CHECK(people.get(jid("romeo@localhost/pda"), "voice") == "1");
  CHECK(people.get(jid("nurse@localhost"), "voice").empty());
  REQUIRE(people.with("voice").size() == 2);
  CHECK(people.with("voice")[0].first == jid("juliet@localhost"));
  people.set(jid("romeo@localhost"), "voice", "0");
  CHECK(people.size() == 3);
  people.set(jid("romeo@localhost"), "voice", "");
  people.set(jid("romeo@localhost"), "hats", "");
  CHECK(people.size() == 1);
  CHECK(people.of(jid("romeo@localhost")) == nullptr);
}

TEST_CASE("so many requests for voice are remembered, for so long") {
  using muc::VoiceRequests;
  using Added = VoiceRequests::Added;
  VoiceRequests requests;
  const base::Time start{1'000'000'000};
  for (std::size_t n = 1; n < VoiceRequests::remembered; ++n)
    REQUIRE(requests.add(person(n), start) == Added::yes);
  CHECK(requests.add(person(VoiceRequests::remembered), start) == Added::yes);
  CHECK(requests.add(person(VoiceRequests::remembered + 1), start) == Added::too_many);
  CHECK(requests.open(start).size() == VoiceRequests::remembered);
  // Who has asked before may ask again, but not at once.
  const auto soon = start + VoiceRequests::interval;
  CHECK(requests.add(person(1), soon - 1) == Added::too_soon);
  CHECK(requests.add(person(1), soon) == Added::yes);
  // One that is over makes place after the interval, any after its lifetime.
  requests.find(person(2), soon)->over = true;
  CHECK(requests.find(person(2), soon) == nullptr);
  CHECK(requests.add(person(VoiceRequests::remembered + 1), soon) == Added::yes);
  const auto late = start + VoiceRequests::lifetime;
  CHECK(requests.find(person(3), late - 1) != nullptr);
  CHECK(requests.find(person(3), late) == nullptr);
}

TEST_CASE("kept voice is on record, as a change of what is kept") {
  tests::MucWorld world;
  const std::string room = "balcony@" + world.server.config().domain;
  const std::string romeo = "romeo@localhost/orchard", juliet = "juliet@localhost/chamber";
  world.enter(romeo, room + "/Romeo");
  world.send(romeo, "<iq type='set' id='c' to='" + room +
                        "'><query xmlns='http://jabber.org/protocol/muc#owner'>"
                        "<x xmlns='jabber:x:data' type='submit'>"
                        "<field var='muc#roomconfig_moderatedroom'><value>1</value></field></x>"
                        "</query></iq>");
  world.enter(juliet, room + "/Juliet");
  const auto role = [&](const std::string& what) {
    world.send(romeo, "<iq type='set' id='v' to='" + room +
                          "'><query xmlns='http://jabber.org/protocol/muc#admin'>"
                          "<item nick='Juliet' role='" +
                          what + "'/></query></iq>");
  };
  role("participant");
  role("visitor");
  const auto kept = world.recorded<record::PersonChanged>();
  REQUIRE(kept.size() == 2);
  CHECK(kept[0].target == jid("juliet@localhost"));
  REQUIRE(kept[0].changes.size() == 1);
  CHECK(kept[0].changes[0].key == "voice");
  CHECK(kept[0].changes[0].new_value == "1");
  CHECK(kept[1].changes[0].old_value == "1");
  CHECK(kept[1].changes[0].new_value.empty());
}
