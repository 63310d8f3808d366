// SPDX-License-Identifier: Apache-2.0
// What people tried and were not let do, and what was given out: what is put on record of it.
#include "muc/refusals.h"

#include <catch2/catch.hpp>

#include "base/crypto.h"
#include "tests/unit/muc/world.h"

namespace {

using record::JoinRefused;
using record::ListRead;
using record::MessageRejected;

constexpr const char* room = "r@chat.localhost";
constexpr const char* owner = "romeo@localhost/orchard";
constexpr const char* guest = "juliet@localhost/balcony";

struct RefusalWorld : tests::MucWorld {
  RefusalWorld() {
    enter(owner, "r@chat.localhost/Romeo");
    accept(owner, room);
    enter(guest, "r@chat.localhost/Juliet");
    forget_inbox(owner);
    forget_inbox(guest);
  }
  const record::Event& last() { return server.store().log().back(); }
  std::vector<MessageRejected> rejected() { return recorded<MessageRejected>(); }
  void configure(const std::string& var, const std::string& value) {
    send(owner, std::string("<iq type='set' id='c' to='") + room +
                    "'><query xmlns='http://jabber.org/protocol/muc#owner'>"
                    "<x xmlns='jabber:x:data' type='submit'><field var='" +
                    var + "'><value>" + value + "</value></field></x></query></iq>");
  }
  void make_visitor() {
    send(owner, std::string("<iq type='set' id='v' to='") + room +
                    "'><query xmlns='http://jabber.org/protocol/muc#admin'>"
                    "<item nick='Juliet' role='visitor'/></query></iq>");
  }
  void say(const std::string& from, const std::string& more) {
    send(from, std::string("<message type='groupchat' to='") + room + "'>" + more + "</message>");
  }
};

}  // namespace

TEST_CASE("who has no voice is on record with what was said, and nobody waits for that") {
  RefusalWorld world;
  world.configure("muc#roomconfig_moderatedroom", "1");
  world.make_visitor();
  world.forget_inbox(guest);
  const auto before = world.server.store().log().size();
  world.say(guest, "<body>hear me</body>");
  CHECK(world.condition(world.next(guest)) == "forbidden");
  REQUIRE(world.server.store().log().size() == before + 1);
  const record::Event& event = world.last();
  CHECK(event.room_id != 0);
  CHECK(event.actor.jid.str() == guest);
  CHECK(event.actor.role == record::Role::visitor);
  CHECK_FALSE(event.actor.session.empty());
  const auto rejected = world.rejected().at(0);
  CHECK(rejected.cause == "forbidden");
  CHECK(rejected.about == "message");
  CHECK(rejected.stanza.find("<body>hear me</body>") != std::string::npos);
  CHECK(rejected.bytes == static_cast<std::int64_t>(rejected.stanza.size()));
  CHECK(rejected.to == room);
  CHECK(rejected.stanza_sha256.empty());
  CHECK(rejected.count == 1);
}

TEST_CASE("what was refused is named") {
  RefusalWorld world;
  world.connect("tybalt@localhost/street");
  const auto refused = [&](const std::string& from, const std::string& stanza) {
    const auto before = world.rejected().size();
    world.send(from, stanza);
    const auto all = world.rejected();
    return all.size() == before + 1 ? all.back().about + " " + all.back().cause : std::string();
  };
  const std::string to = " to='r@chat.localhost' ";
  const std::string tybalt = "tybalt@localhost/street";
  CHECK(refused(tybalt, "<message" + to + "type='groupchat'><body>x</body></message>") ==
        "message not-acceptable");
  CHECK(refused(tybalt,
                "<message to='r@chat.localhost/Romeo' type='chat'><body>x</body></message>") ==
        "private not-acceptable");
  CHECK(refused(guest,
                "<message to='r@chat.localhost/Nobody' type='chat'><body>x</body></message>") ==
        "private item-not-found");
  CHECK(refused(guest, "<message" + to + "type='groupchat'><subject>x</subject></message>") ==
        "subject forbidden");
  CHECK(refused(tybalt, "<message" + to +
                            "><x xmlns='http://jabber.org/protocol/muc#user'>"
                            "<invite to='a@localhost'/></x></message>") ==
        "invitation not-acceptable");
  CHECK(refused(guest, "<presence to='r@chat.localhost/Romeo'/>") == "nick conflict");
  CHECK(refused(guest, "<iq type='set' id='1'" + to +
                           "><query xmlns='http://jabber.org/protocol/muc#admin'>"
                           "<item nick='Romeo' role='none'/></query></iq>") ==
        "administration forbidden");
  CHECK(refused(guest, "<iq type='get' id='2'" + to +
                           "><query xmlns='http://jabber.org/protocol/muc#admin'>"
                           "<item affiliation='outcast'/></query></iq>") ==
        "administration forbidden");
  CHECK(refused(guest, "<iq type='set' id='3'" + to +
                           "><moderate xmlns='urn:xmpp:message-moderate:1' id='x'>"
                           "<retract xmlns='urn:xmpp:message-retract:1'/></moderate></iq>") ==
        "moderation forbidden");
  const auto form = refused(guest, "<iq type='set' id='4'" + to +
                                       "><query xmlns='http://jabber.org/protocol/muc#owner'>"
                                       "<x xmlns='jabber:x:data' type='submit'/></query></iq>");
  CHECK(form == "configuration forbidden");
  CHECK(world.rejected().back().stanza.empty());  // there may be a password in it
  CHECK(world.rejected().back().bytes > 0);
  // Of no interest: what a room does not know.
  CHECK(refused(guest, "<iq type='get' id='5'" + to + "><query xmlns='jabber:iq:version'/></iq>") ==
        "");
  CHECK(refused(guest, "<message" + to + "type='error'><error type='cancel'/></message>") == "");
}

TEST_CASE("a refused join is on record, without what was said to enter") {
  RefusalWorld world;
  world.configure("muc#roomconfig_roomsecret", "cauldronburn");
  world.configure("muc#roomconfig_passwordprotectedroom", "1");
  world.enter("tybalt@localhost/street", "r@chat.localhost/Tybalt",
              "<x xmlns='http://jabber.org/protocol/muc'><password>wrong</password></x>");
  const auto joins = world.recorded<JoinRefused>();
  REQUIRE(joins.size() == 1);
  CHECK(joins[0].cause == "not-authorized");
  CHECK(joins[0].to == "r@chat.localhost/Tybalt");
  CHECK(world.last().room_id != 0);
  CHECK(world.last().actor.jid.str() == "tybalt@localhost/street");
}

TEST_CASE("of a room that is not there no number is known, and none is made") {
  RefusalWorld world;
  world.send(guest, "<message to='none@chat.localhost' type='groupchat'><body>x</body></message>");
  CHECK(world.last().room_id == 0);
  CHECK(world.last().number == 0);
  CHECK(world.rejected().back().cause == "item-not-found");
  CHECK(world.rejected().back().to == "none@chat.localhost");
}

TEST_CASE("a long stanza is cut and bound by its hash; one at the limit is whole") {
  for (const std::size_t more : {std::size_t{0}, std::size_t{1}}) {
    RefusalWorld world;
    world.connect("tybalt@localhost/street");
    // Once to learn how much surrounds the text.
    world.say("tybalt@localhost/street", "<body>x</body>");
    const std::size_t around = world.rejected().back().stanza.size() - 1;
    const std::string text(muc::Refusals::stanza_bytes - around + more, 'x');
    world.say("tybalt@localhost/street", "<body>" + text + "</body>");
    const auto rejected = world.rejected().back();
    CHECK(rejected.bytes == static_cast<std::int64_t>(muc::Refusals::stanza_bytes + more));
    CHECK(rejected.stanza.size() == muc::Refusals::stanza_bytes);
    CHECK(rejected.stanza_sha256.size() == (more == 0 ? 0 : 64));
  }
}

TEST_CASE("a flood of refused stanzas is twenty events and one that counts") {
  RefusalWorld world;
  world.connect("tybalt@localhost/street");
  world.connect("tybalt@localhost/home");
  for (int i = 0; i < 300; ++i)
    world.say(i % 2 == 0 ? "tybalt@localhost/street" : "tybalt@localhost/home", "<body>x</body>");
  CHECK(world.rejected().size() == 20);
  world.server.advance(base::seconds(59));
  CHECK(world.rejected().size() == 20);
  world.server.advance(base::seconds(1));
  REQUIRE(world.rejected().size() == 21);
  CHECK(world.rejected().back().count == 280);
  CHECK(world.rejected().back().stanza.empty());
  // Somebody else is not counted with them, nor are joins.
  CHECK(world.last().actor.jid.bare_str() == "tybalt@localhost");
}

TEST_CASE("a list that is given out is on record before") {
  RefusalWorld world;
  world.send(owner, std::string("<iq type='get' id='l' to='") + room +
                        "'><query xmlns='http://jabber.org/protocol/muc#admin'>"
                        "<item affiliation='owner'/></query></iq>");
  world.send(owner, std::string("<iq type='get' id='m' to='") + room +
                        "'><query xmlns='http://jabber.org/protocol/muc#admin'>"
                        "<item role='participant'/></query></iq>");
  world.send(owner, std::string("<iq type='get' id='f' to='") + room +
                        "'><query xmlns='http://jabber.org/protocol/muc#owner'/></iq>");
  world.send(guest, std::string("<iq type='get' id='r' to='") + room +
                        "'><query xmlns='jabber:iq:register'/></iq>");
  const auto reads = world.recorded<ListRead>();
  REQUIRE(reads.size() == 4);
  CHECK(reads[0].what == "owners");
  CHECK(reads[0].count == 1);
  CHECK(reads[1].what == "participants");
  CHECK(reads[1].count == 1);
  CHECK(reads[2].what == "configuration");
  CHECK(reads[2].count > 10);
  CHECK(reads[3].what == "registration");
  CHECK(reads[3].count == 0);
}

TEST_CASE("corrections and reactions have codes of their own") {
  RefusalWorld world;
  const auto message = [&](const std::string& id, const std::string& more) {
    world.send(guest, "<message type='groupchat' to='r@chat.localhost' id='" + id +
                          "'><body>x</body>" + more + "</message>");
    return world.last().number;
  };
  const auto first = message("j1", "");
  const std::string stanza_id = world.recorded<record::MessagePosted>().back().stanza_id;
  message("j2", "<replace xmlns='urn:xmpp:message-correct:0' id='j1'/>");
  message("j3", "<replace xmlns='urn:xmpp:message-correct:0' id='long-ago'/>");
  message("j4", "<reactions xmlns='urn:xmpp:reactions:0' id='" + stanza_id +
                    "'><reaction>x</reaction></reactions>");
  message("j5", "<reactions xmlns='urn:xmpp:reactions:0' id='j1'/>");
  const auto corrected = world.recorded<record::MessageCorrected>();
  REQUIRE(corrected.size() == 2);
  CHECK(corrected[0].target == first);
  CHECK(corrected[0].origin_id == "j2");
  CHECK(corrected[0].keep);
  CHECK(corrected[1].target == 0);
  CHECK(corrected[1].replaces == "long-ago");
  const auto reactions = world.recorded<record::MessageReaction>();
  REQUIRE(reactions.size() == 2);
  CHECK(reactions[0].target == first);
  CHECK(reactions[0].target_id == stanza_id);
  CHECK(reactions[1].target == 0);
  CHECK(reactions[1].target_id == "j1");

  world.send(guest,
             "<message type='chat' to='r@chat.localhost/Romeo' id='p'><body>x</body>"
             "<replace xmlns='urn:xmpp:message-correct:0' id='j1'/></message>");
  const auto whispered = world.recorded<record::MessageCorrected>().back();
  CHECK(whispered.is_private);
  CHECK_FALSE(whispered.keep);
  CHECK(whispered.target == 0);
  CHECK(whispered.replaces == "j1");
  // Somebody else's is corrected by nobody: it is said as one like others.
  world.send(owner,
             "<message type='groupchat' to='r@chat.localhost' id='r1'><body>x</body>"
             "<replace xmlns='urn:xmpp:message-correct:0' id='j1'/></message>");
  CHECK(world.last().code() == record::Code::message_posted);
}

TEST_CASE("a request for voice and its answers are on record") {
  RefusalWorld world;
  world.configure("muc#roomconfig_moderatedroom", "1");
  world.make_visitor();
  const auto form = [](const std::string& fields) {
    return "<message to='r@chat.localhost'><x xmlns='jabber:x:data' type='submit'><field "
           "var='FORM_TYPE'><value>http://jabber.org/protocol/muc#request</value></field>" +
           fields + "</x></message>";
  };
  const auto value = [](const std::string& var, const std::string& text) {
    return "<field var='" + var + "'><value>" + text + "</value></field>";
  };
  world.send(guest, form(value("muc#role", "participant")));
  world.send(owner, form(value("muc#role", "participant") + value("muc#jid", guest) +
                         value("muc#roomnick", "Juliet") + value("muc#request_allow", "0")));
  world.server.advance(base::minutes(2));
  world.send(guest, form(value("muc#role", "participant")));
  world.send(owner, form(value("muc#role", "participant") + value("muc#jid", guest) +
                         value("muc#roomnick", "Juliet") + value("muc#request_allow", "1")));
  const auto all = world.recorded<record::VoiceRequested>();
  REQUIRE(all.size() == 4);
  CHECK(all[0].phase == "asked");
  CHECK(all[0].target.empty());
  CHECK(all[1].phase == "declined");
  CHECK(all[1].target.str() == guest);
  CHECK(all[3].phase == "granted");
  CHECK(world.recorded<record::RoleChanged>().back().new_value == record::Role::participant);
}
