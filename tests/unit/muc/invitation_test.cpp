// SPDX-License-Identifier: Apache-2.0
// Invitations: what is put on record, and how many one may send.
#include <catch2/catch.hpp>

#include "muc/people/invitations.h"
#include "tests/unit/muc/world.h"
#include "xmpp/ns.h"

namespace {

constexpr const char* room = "r@chat.localhost";
constexpr const char* owner = "romeo@localhost/orchard";

struct InvitationWorld : tests::MucWorld {
  explicit InvitationWorld(std::size_t affiliations = 50000) {
    server.config().limits.room_affiliations = affiliations;
    server.restart();
    enter(owner, "r@chat.localhost/Romeo");
    accept(owner, room);
    forget_inbox(owner);
  }
  static std::string to(const std::string& jid) { return "<invite to='" + jid + "'/>"; }
  static std::string to_many(int count, int first = 0) {
    std::string all;
    for (int i = first; i < first + count; ++i) all += to("p" + std::to_string(i) + "@localhost");
    return all;
  }
  // The condition of the refusal; "" if it was done.
  std::string invite(const std::string& from, const std::string& invites) {
    forget_inbox(from);
    send(from, std::string("<message id='i' to='") + room + "'><x xmlns='" +
                   std::string(xmpp::ns::muc_user) + "'>" + invites + "</x></message>");
    while (const auto stanza = next(from))
      if (stanza->child("x", xmpp::ns::muc_user) == nullptr) return condition(stanza);
    return {};
  }
  void configure(const std::string& var, const std::string& value) {
    send(owner, std::string("<iq type='set' id='c' to='") + room +
                    "'><query xmlns='http://jabber.org/protocol/muc#owner'>"
                    "<x xmlns='jabber:x:data' type='submit'><field var='" +
                    var + "'><value>" + value + "</value></field></x></query></iq>");
  }
  void set_affiliations(const std::string& items) {
    send(owner, std::string("<iq type='set' id='a' to='") + room +
                    "'><query xmlns='http://jabber.org/protocol/muc#admin'>" + items +
                    "</query></iq>");
  }
  std::vector<std::string> invited() {
    std::vector<std::string> all;
    for (const auto& sent : recorded<record::InvitationSent>()) all.push_back(sent.target.str());
    return all;
  }
};

}  // namespace

TEST_CASE("an invitation and its answer are on record before anybody hears of them") {
  InvitationWorld world;
  world.connect("tybalt@localhost/street");
  CHECK(world.invite(owner,
                     "<invite to='tybalt@localhost/street'><reason>Come</reason>"
                     "<continue thread='t1'/></invite>") == "");
  const auto sent = world.recorded<record::InvitationSent>();
  REQUIRE(sent.size() == 1);
  CHECK(sent[0].target.str() == "tybalt@localhost/street");
  CHECK(sent[0].reason == "Come");
  CHECK(sent[0].thread == "t1");
  world.send("tybalt@localhost/street",
             "<message to='r@chat.localhost'><x xmlns='http://jabber.org/protocol/muc#user'>"
             "<decline to='romeo@localhost'><reason>No</reason></decline></x></message>");
  const auto answered = world.recorded<record::InvitationAnswered>();
  REQUIRE(answered.size() == 1);
  CHECK(answered[0].target.str() == "romeo@localhost");
  CHECK(answered[0].result == "declined");
  CHECK(answered[0].reason == "No");
  CHECK(world.server.store().log().back().actor.jid.str() == "tybalt@localhost/street");
}

TEST_CASE("BI-MUC-31: 50 people are invited by one message, not 51; all of them or nobody") {
  InvitationWorld world;
  CHECK(world.invite(owner, world.to_many(49)) == "");
  CHECK(world.invited().size() == 49);
  CHECK(world.invite(owner, world.to_many(51, 100)) == "policy-violation");
  CHECK(world.invite(owner, world.to_many(500, 100)) == "policy-violation");
  CHECK(world.invited().size() == 49);
  CHECK(world.invite(owner, world.to_many(50, 100)) == "");
  CHECK(world.invited().size() == 99);
}

TEST_CASE("BI-MUC-31: one sends 100 invitations through a room in ten minutes, others go on") {
  InvitationWorld world;
  world.enter("juliet@localhost/balcony", "r@chat.localhost/Juliet");
  CHECK(world.invite(owner, world.to_many(50)) == "");
  CHECK(world.invite(owner, world.to_many(49, 50)) == "");
  CHECK(world.invite(owner, world.to_many(2, 200)) == "policy-violation");
  CHECK(world.invite(owner, world.to_many(1, 200)) == "");
  CHECK(world.invite(owner, world.to_many(1, 300)) == "policy-violation");
  // Declined and returned ones count too, or a flood of them would be free.
  CHECK(world.invited().size() == 100);
  CHECK(world.invite("juliet@localhost/balcony", world.to_many(1, 300)) == "");
  world.server.advance(base::minutes(10));
  CHECK(world.invite(owner, world.to_many(1, 300)) == "");
}

TEST_CASE("BI-MUC-31: a reason is cut at 4096 bytes, at a character") {
  InvitationWorld world;
  const auto reason = [&](const std::string& text) {
    world.invite(owner,
                 "<invite to='tybalt@localhost/street'><reason>" + text + "</reason></invite>");
    return world.recorded<record::InvitationSent>().back().reason;
  };
  CHECK(reason(std::string(4095, 'a')).size() == 4095);
  CHECK(reason(std::string(4096, 'a')).size() == 4096);
  CHECK(reason(std::string(4097, 'a')).size() == 4096);
  CHECK(reason(std::string(65536, 'a')).size() == 4096);
  CHECK(reason(std::string(4095, 'a') + "ž").size() == 4095);
}

TEST_CASE("M45-105: whom an admin invites into a members-only room is recorded as made a member") {
  InvitationWorld world;
  world.configure("muc#roomconfig_membersonly", "1");
  CHECK(world.invite(owner, world.to("tybalt@localhost/street")) == "");
  const auto changes = world.recorded<record::AffiliationChanged>();
  CHECK(changes.back().target.str() == "tybalt@localhost");
  CHECK(changes.back().new_value == record::Affiliation::member);
  const auto count = changes.size();
  CHECK(world.invite(owner, world.to("tybalt@localhost/street")) == "");  // he is one by now
  CHECK(world.recorded<record::AffiliationChanged>().size() == count);
  CHECK(world.invited().size() == 2);
}

TEST_CASE("BI-MUC-24: no invitation makes more members than a room may have affiliations") {
  constexpr std::size_t limit = 10;
  InvitationWorld world(limit);
  world.configure("muc#roomconfig_membersonly", "1");
  std::string items;
  for (std::size_t i = 1; i + 1 < limit; ++i)  // the owner is one
    items += "<item affiliation='member' jid='m" + std::to_string(i) + "@localhost'/>";
  world.set_affiliations(items);
  CHECK(world.invite(owner, world.to_many(2, 2000)) == "resource-constraint");
  CHECK(world.invite(owner, world.to_many(1, 2000)) == "");
  CHECK(world.invite(owner, world.to_many(1, 2001)) == "resource-constraint");
}

TEST_CASE("M45-182: new members of a members-only room are invited, within reason") {
  InvitationWorld world;
  const std::string member = "<item affiliation='member' jid='";
  world.set_affiliations(member + "open@localhost'/>");
  CHECK(world.invited().empty());  // the room is open
  world.configure("muc#roomconfig_membersonly", "1");
  world.connect("paris@localhost");
  world.set_affiliations(member + "paris@localhost'/>" + member + "open@localhost'/>" + member +
                         "example.org'/>" + member + "gone@localhost'/>" +
                         "<item affiliation='none' jid='gone@localhost'/>");
  CHECK(world.invited() == std::vector<std::string>{"paris@localhost"});
  const auto message = world.next("paris@localhost");
  REQUIRE(message);
  const auto* invite = message->child("x", xmpp::ns::muc_user)->child("invite", xmpp::ns::muc_user);
  CHECK(invite->attr("from") == "romeo@localhost");
  CHECK(message->attr("from") == room);
  std::string items;
  for (int i = 0; i < 150; ++i) items += member + "p" + std::to_string(i) + "@localhost'/>";
  world.set_affiliations(items);
  CHECK(world.invited().size() == 100);
}

TEST_CASE("a room remembers its newest 1000 invitations, each for one answer") {
  muc::Invitations sent;
  const auto jid = [](int i) { return *xmpp::Jid::parse("p" + std::to_string(i) + "@localhost"); };
  const auto inviter = *xmpp::Jid::parse(owner);
  const auto at = [](int i) { return base::Time{base::seconds(i)}; };
  for (int i = 1; i <= 1000; ++i) sent.add({"id" + std::to_string(i), inviter, {}, jid(i), at(i)});
  CHECK(sent.find(jid(1), inviter) != nullptr);
  sent.add({"id1001", inviter, {}, jid(1001), at(1001)});
  CHECK(sent.find(jid(1), inviter) == nullptr);
  REQUIRE(sent.find(jid(2), inviter) != nullptr);
  CHECK(sent.find(jid(2), "id3") == nullptr);
  CHECK(sent.find(jid(3), "id3") != nullptr);
  sent.find(jid(2), inviter)->over = true;
  CHECK(sent.find(jid(2), inviter) == nullptr);
  CHECK(sent.sent_by(inviter, at(1000)) == 1);
  CHECK(sent.sent_by(inviter, at(0)) == 1000);
  CHECK(sent.sent_by(jid(1), at(0)) == 0);
}

TEST_CASE("a direct invitation has as much of the reason as one tag may take") {
  InvitationWorld world;
  world.connect("tybalt@localhost/street");
  const std::string e_acute = "\xc3\xa9";
  for (const auto& [said, told] : {std::pair{std::string(1023, 'x'), std::string(1023, 'x')},
                                   {std::string(1024, 'x'), std::string(1024, 'x')},
                                   {std::string(1025, 'x'), std::string(1024, 'x')},
                                   {std::string(1023, 'x') + e_acute, std::string(1023, 'x')}}) {
    REQUIRE(world.invite(owner, "<invite to='tybalt@localhost/street'><reason>" + said +
                                    "</reason></invite>") == "");
    const auto message = world.next("tybalt@localhost/street");
    REQUIRE(message);
    const auto* direct = message->child("x", "jabber:x:conference");
    REQUIRE(direct != nullptr);
    CHECK(direct->attr("reason") == told);
    const auto* x = message->child("x", xmpp::ns::muc_user);
    CHECK(child_text(*x->child("invite", xmpp::ns::muc_user), "reason", xmpp::ns::muc_user) ==
          said);
  }
}
