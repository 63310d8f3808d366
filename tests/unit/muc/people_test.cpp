// SPDX-License-Identifier: Apache-2.0
// What a room keeps about people: what is put on record, and limits.
#include "muc/people/people.h"

#include <catch2/catch.hpp>

#include "muc/administration/register.h"
#include "muc/people/voice_requests.h"
#include "tests/unit/muc/world.h"
#include "xmpp/data_form.h"

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
  const auto is_last = [](const auto& one) {
    return one.asker == person(VoiceRequests::remembered);
  };
  requests.forget_if(is_last);
  CHECK(requests.open(start).size() == VoiceRequests::remembered - 1);
  CHECK(requests.add(person(VoiceRequests::remembered), start) == Added::yes);
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

TEST_CASE("so many registrations wait for an admin, and what one says has so many bytes") {
  tests::MucWorld world;
  const std::string room = "balcony@" + world.server.config().domain;
  const std::string romeo = "romeo@localhost/orchard";
  world.enter(romeo, room + "/Romeo");
  world.send(romeo, "<iq type='set' id='c' to='" + room +
                        "'><query xmlns='http://jabber.org/protocol/muc#owner'>"
                        "<x xmlns='jabber:x:data' type='submit'>"
                        "<field var='hansard#registration'><value>approval</value></field></x>"
                        "</query></iq>");
  const auto registers = [&](std::size_t n, const std::string& nick, const std::string& faq) {
    const std::string who = person(n).str();
    world.connect(who);
    world.send(who, "<iq type='set' id='r' to='" + room +
                        "'><query xmlns='jabber:iq:register'><x xmlns='jabber:x:data' "
                        "type='submit'><field var='FORM_TYPE'><value>"
                        "http://jabber.org/protocol/muc#register</value></field>"
                        "<field var='muc#register_roomnick'><value>" +
                        nick + "</value></field><field var='muc#register_faqentry'><value>" + faq +
                        "</value></field></x></query></iq>");
    return tests::MucWorld::condition(world.next(who));
  };
  // The nickname and five line ends go off what the entry may have.
  const std::size_t left = muc::Registration::bytes_max - 2 - 5;
  CHECK(registers(1, "n1", std::string(left - 1, 'x')) == "");
  CHECK(registers(1, "n1", std::string(left, 'x')) == "");
  CHECK(registers(1, "n1", std::string(left + 1, 'x')) == "bad-request");
  for (std::size_t n = 2; n < muc::registrations_waiting_max; ++n)
    REQUIRE(registers(n, "n" + std::to_string(n), "") == "");
  CHECK(registers(muc::registrations_waiting_max, "last", "") == "");
  CHECK(registers(muc::registrations_waiting_max + 1, "late", "") == "resource-constraint");
  CHECK(registers(1, "first", "") == "");  // who waits already may say something else
  // What it said is on record.
  const auto kept = world.recorded<record::PersonChanged>();
  REQUIRE(kept.size() == muc::registrations_waiting_max + 2);
  CHECK(kept.back().changes[0].key == "registration");
  CHECK(kept.back().changes[0].new_value == "first\n\n\n\n\n");
}

TEST_CASE("who wears which hat is listed in one answer up to five hundred") {
  tests::MucWorld world;
  const std::string room = "balcony@" + world.server.config().domain;
  const std::string romeo = "romeo@localhost/orchard";
  world.enter(romeo, room + "/Romeo");
  world.accept(romeo, room);
  const auto command = [&](const std::string& node, const std::string& fields) {
    world.forget_inbox(romeo);
    world.send(romeo, "<iq type='set' id='c' to='" + room +
                          "'><command xmlns='http://jabber.org/protocol/commands' "
                          "node='urn:xmpp:hats:commands:" +
                          node + "'><x xmlns='jabber:x:data' type='submit'>" + fields +
                          "</x></command></iq>");
    auto answer = world.next(romeo);
    while (answer && answer->name() != "iq") answer = world.next(romeo);
    return *answer;
  };
  const auto field = [](const std::string& var, const std::string& value) {
    return "<field var='hats#" + var + "'><value>" + value + "</value></field>";
  };
  command("create", field("uri", "urn:example:hat") + field("title", "Hat"));
  std::size_t people = 0;
  const auto listed = [&](std::size_t more) {
    for (std::size_t n = 0; n < more; ++n)
      command("assign",
              field("uri", "urn:example:hat") + field("jid", person(++people).bare().str()));
    return std::string(command("list-assigned", "").attr("type"));
  };
  CHECK(listed(499) == "result");
  CHECK(listed(1) == "result");
  CHECK(listed(1) == "error");
}

TEST_CASE("the owner's form has the whole lists, up to a thousand") {
  tests::MucWorld world;
  const std::string room = "balcony@" + world.server.config().domain;
  const std::string romeo = "romeo@localhost/orchard";
  world.enter(romeo, room + "/Romeo");
  world.accept(romeo, room);
  std::size_t admins = 0;
  const auto listed = [&](std::size_t more) -> std::optional<std::size_t> {
    std::string items;
    for (std::size_t n = 0; n < more; ++n)
      items += "<item affiliation='admin' jid='" + person(++admins).bare().str() + "'/>";
    world.send(romeo, "<iq type='set' id='a' to='" + room +
                          "'><query xmlns='http://jabber.org/protocol/muc#admin'>" + items +
                          "</query></iq>");
    world.forget_inbox(romeo);
    world.send(romeo, "<iq type='get' id='f' to='" + room +
                          "'><query xmlns='http://jabber.org/protocol/muc#owner'/></iq>");
    const auto parsed = xmpp::parse_form(*world.next(romeo)->first_child()->first_child());
    CHECK(parsed->field("muc#roomconfig_roomowners")->values.size() == 1);
    const auto* field = parsed->field("muc#roomconfig_roomadmins");
    return field == nullptr ? std::nullopt : std::optional(field->values.size());
  };
  CHECK(listed(999) == 999);
  CHECK(listed(1) == 1000);
  CHECK(listed(1) == std::nullopt);
}
