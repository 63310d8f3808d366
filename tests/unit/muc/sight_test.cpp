// SPDX-License-Identifier: Apache-2.0
// Who is seen in large rooms and by roles: the limits, the pace, and what happens to the unseen.
#include <catch2/catch.hpp>
#include <map>
#include <set>

#include "tests/unit/muc/world.h"
#include "xmpp/data_form.h"
#include "xmpp/ns.h"

namespace {

const std::string room = "r@chat.localhost";
const std::string owner = "o@localhost/1";

std::string person(std::size_t i) { return "p" + std::to_string(i) + "@localhost/1"; }
std::string nick(std::size_t i) { return "p" + std::to_string(i); }

// A room that is a large one above `large`: its owner and some more, numbered from 1.
class Crowd : public tests::MucWorld {
 public:
  explicit Crowd(std::size_t large) {
    server.config().limits.large_room_occupants = large;
    server.restart();
    enter(owner, room + "/o");
    accept(owner, room);
  }
  void come(std::size_t i) { enter(person(i), room + "/" + nick(i)); }
  // So many in all.
  void fill(std::size_t size) {
    for (std::size_t i = 1; i < size; ++i) come(i);
  }
  void go(std::size_t i) {
    send(person(i), "<presence type='unavailable' to='" + room + "/" + nick(i) + "'/>");
  }
  void say(std::size_t i) {
    send(person(i), "<message type='groupchat' to='" + room + "'><body>here</body></message>");
  }
  void administer(const std::string& item) {
    send(owner, "<iq type='set' id='a' to='" + room +
                    "'><query xmlns='http://jabber.org/protocol/muc#admin'>" + item +
                    "</query></iq>");
  }
  void show_roles(const std::string& values) {
    send(owner, "<iq type='set' id='c' to='" + room +
                    "'><query xmlns='http://jabber.org/protocol/muc#owner'>"
                    "<x xmlns='jabber:x:data' type='submit'>"
                    "<field var='muc#roomconfig_presencebroadcast'>" +
                    values + "</field></x></query></iq>");
  }
  // What came since it was last asked: kind and who, "+p1" for presence, "-p1" for its end, "p1"
  // for what somebody says, "!" for all else.
  std::vector<std::string> heard(const std::string& full) {
    std::vector<std::string> all;
    while (const auto stanza = next(full)) {
      const std::string from(stanza->attr("from"));
      const auto slash = from.find('/');
      const std::string who = slash == std::string::npos ? "!" : from.substr(slash + 1);
      if (stanza->name() == "presence")
        all.push_back((stanza->attr("type") == "unavailable" ? "-" : "+") + who);
      else
        all.push_back(stanza->name() == "message" ? who : "!");
    }
    return all;
  }
  // What discovery says: "11", and "large" if the room says that it is.
  std::string told() {
    forget_inbox(owner);
    send(owner, "<iq type='get' id='d' to='" + room +
                    "'><query xmlns='http://jabber.org/protocol/disco#info'/></iq>");
    const auto answer = next(owner);
    const auto form = xmpp::parse_form(
        *answer->child("query", xmpp::ns::disco_info)->child("x", xmpp::ns::data_form));
    std::string text(form->value("muc#roominfo_occupants"));
    if (form->value("hansard#large_room") == "1") text += " large";
    return text;
  }
};

const xmpp::Element& item_of(const xmpp::Element& presence) {
  return *presence.child("x", xmpp::ns::muc_user)->child("item", xmpp::ns::muc_user);
}

using Heard = std::vector<std::string>;

const std::string moderators = "<value>moderator</value>";
const std::string all_roles = moderators + "<value>participant</value><value>visitor</value>";

}  // namespace

TEST_CASE("a room is large above its limit, not at it") {
  Crowd crowd(10);
  crowd.fill(9);
  CHECK(crowd.told() == "9");
  crowd.come(9);
  CHECK(crowd.heard(owner) == Heard{"+p9"});
  CHECK(crowd.told() == "10");
  crowd.come(10);
  CHECK(crowd.heard(owner).empty());
  CHECK(crowd.told() == "11 large");
  // The one who is not seen sees all who are, and itself.
  auto seen = crowd.heard(person(10));
  CHECK(seen.size() == 12);
  CHECK(seen[10] == "+p10");
  crowd.come(11);
  seen = crowd.heard(person(11));
  CHECK(std::set<std::string>(seen.begin(), seen.end()).count("+p10") == 0);
  CHECK(crowd.told() == "12 large");
}

TEST_CASE("a room is large until fewer than four fifths are inside") {
  // limit, the most at which the unseen are seen again
  const std::map<std::size_t, std::size_t> cases{{10, 7}, {5, 3}, {7, 5}, {8, 6}, {75, 59}, {1, 0}};
  for (const auto& [large, again] : cases) {
    CAPTURE(large);
    Crowd crowd(large);
    crowd.fill(large + 2);
    const std::string unseen = "+" + nick(large + 1);
    std::size_t size = large + 2;
    for (std::size_t i = 1; size > std::max<std::size_t>(again, 1); ++i) {
      CHECK(crowd.told() == std::to_string(size) + " large");
      crowd.forget_inbox(owner);
      if (i == large + 1) break;  // nobody is left to be seen again
      crowd.go(i);
      --size;
      const auto heard = crowd.heard(owner);
      CAPTURE(size);
      const bool is_back = std::find(heard.begin(), heard.end(), unseen) != heard.end();
      CHECK(is_back == (size <= again));
    }
    if (again > 0) CHECK(crowd.told() == std::to_string(again));
    // From then on it is as in any room.
    crowd.come(large + 5);
    if (again > 0) CHECK(crowd.heard(owner) == Heard{"+" + nick(large + 5)});
  }
}

TEST_CASE("in a large room who speaks is seen before it is heard, once, and seen to go") {
  Crowd crowd(2);
  crowd.fill(5);  // p1 is seen; p2, p3, p4 are not
  for (const auto& full : {owner, person(1), person(2), person(3)}) crowd.forget_inbox(full);
  crowd.say(2);
  crowd.say(2);
  for (const auto& full : {owner, person(1), person(3)})
    CHECK(crowd.heard(full) == Heard{"+p2", "p2", "p2"});
  CHECK(crowd.heard(person(2)) == Heard{"p2", "p2"});
  // A subject is said as well; one that is refused is not.
  crowd.send(person(3),
             "<message type='groupchat' to='" + room + "'><subject>x</subject></message>");
  CHECK(crowd.heard(owner).empty());
  crowd.administer("<item nick='p3' role='moderator'/>");
  CHECK(crowd.heard(owner) == Heard{"!", "+p3"});
  crowd.administer("<item nick='p3' role='participant'/>");
  CHECK(crowd.heard(owner) == Heard{"!", "+p3"});
  crowd.go(2);
  crowd.go(3);
  crowd.go(4);
  CHECK(crowd.heard(owner).front() == "-p2");
}

TEST_CASE("in a large room the unseen go unseen, however they go") {
  Crowd crowd(2);
  crowd.fill(7);
  crowd.forget_inbox(owner);
  crowd.forget_inbox(person(1));
  for (std::size_t i = 2; i < 7; ++i) crowd.forget_inbox(person(i));
  crowd.administer("<item nick='p2' role='none'/>");
  crowd.administer("<item jid='p3@localhost' affiliation='outcast'/>");
  crowd.server.disconnect(*xmpp::Jid::parse(person(4)));
  CHECK(crowd.heard(owner) == Heard{"!", "!"});
  CHECK(crowd.heard(person(1)).empty());
  CHECK(crowd.heard(person(2)) == Heard{"-p2"});
  CHECK(crowd.heard(person(3)) == Heard{"-p3"});
  CHECK(crowd.told() == "4 large");
  crowd.send(person(5), "<presence to='" + room + "/q'/>");
  CHECK(crowd.heard(person(5)) == Heard{"-p5", "+q"});
  CHECK(crowd.heard(person(1)).empty());
  // Its role and affiliation are told to itself alone.
  crowd.administer("<item jid='p5@localhost' affiliation='member'/>");
  CHECK(crowd.heard(person(5)) == Heard{"+q"});
  CHECK(crowd.heard(person(1)).empty());
  crowd.send(owner,
             "<iq type='set' id='x' to='" + room +
                 "'><query xmlns='http://jabber.org/protocol/muc#owner'><destroy/></query></iq>");
  CHECK(crowd.heard(person(5)) == Heard{"-q"});
  CHECK(crowd.heard(person(6)) == Heard{"-p6"});
  CHECK(crowd.heard(person(1)) == Heard{"-p1"});
}

TEST_CASE(
    "in a large room a session that takes a nick of its own comes unseen, and goes as it was") {
  Crowd crowd(2);
  crowd.fill(4);
  crowd.enter("p1@localhost/2", room + "/p1");  // which is seen
  crowd.forget_inbox(owner);
  crowd.send("p1@localhost/2", "<presence to='" + room + "/q'/>");
  CHECK(crowd.heard(owner).empty());
  CHECK(crowd.told() == "5 large");
  crowd.send("p1@localhost/2", "<presence to='" + room + "/p1'/>");
  CHECK(crowd.heard(owner).empty());
  CHECK(crowd.told() == "4 large");
  // One who is seen stays seen where it joins a sister who was not.
  crowd.send("p1@localhost/2", "<presence to='" + room + "/q'/>");
  crowd.forget_inbox(owner);
  crowd.send(person(1), "<presence to='" + room + "/q'/>");
  CHECK(crowd.heard(owner) == Heard{"-p1", "+q"});
}

TEST_CASE("a room becomes large and ceases to be by sessions that part and come together") {
  Crowd crowd(5);
  crowd.fill(5);
  crowd.enter("p1@localhost/2", room + "/p1");
  crowd.forget_inbox(owner);
  crowd.send("p1@localhost/2", "<presence to='" + room + "/q'/>");
  CHECK(crowd.heard(owner).empty());
  CHECK(crowd.told() == "6 large");
  crowd.go(2);
  crowd.go(3);
  CHECK(crowd.told() == "4 large");
  crowd.come(5);  // unseen
  crowd.go(4);
  CHECK(crowd.told() == "4 large");
  crowd.send("p1@localhost/2", "<presence to='" + room + "/p1'/>");
  CHECK(crowd.heard(owner) == Heard{"+p5"});
  CHECK(crowd.told() == "3");
}

TEST_CASE("a session that parts from a nick that is not seen does not see it") {
  Crowd crowd(2);
  crowd.fill(4);
  crowd.enter("p3@localhost/2", room + "/p3");
  crowd.forget_inbox("p3@localhost/2");
  crowd.send("p3@localhost/2", "<presence to='" + room + "/q'/>");
  CHECK(crowd.heard("p3@localhost/2") == Heard{"-p3", "+q"});
  crowd.forget_inbox(person(3));
  crowd.say(3);
  CHECK(crowd.heard("p3@localhost/2") == Heard{"+p3", "p3"});
}

TEST_CASE("somebody who is seen and joins a nick that the room hides is gone for the others") {
  Crowd crowd(100);
  crowd.show_roles(moderators);
  crowd.come(1);
  crowd.enter("p1@localhost/2", room + "/q");
  crowd.administer("<item nick='p1' role='moderator'/>");
  crowd.forget_inbox(owner);
  crowd.send(person(1), "<presence to='" + room + "/q'/>");
  const auto gone = crowd.next(owner);
  REQUIRE(gone);
  CHECK(gone->attr("type") == "unavailable");
  CHECK(gone->child("x", xmpp::ns::muc_user)->child_count() == 1);  // no status
  CHECK(item_of(*gone).attr("role") == "none");
  CHECK(item_of(*gone).find_attr("nick") == nullptr);
  CHECK(crowd.heard(owner).empty());
  CHECK(crowd.told() == "2");
}

TEST_CASE("the address of one who is hidden is not told by that") {
  Crowd crowd(100);
  crowd.fill(3);
  crowd.forget_inbox(person(1));
  crowd.send(owner, "<iq type='set' id='c' to='" + room +
                        "'><query xmlns='http://jabber.org/protocol/muc#owner'>"
                        "<x xmlns='jabber:x:data' type='submit'>"
                        "<field var='muc#roomconfig_whois'><value>anyone</value></field>"
                        "<field var='muc#roomconfig_presencebroadcast'>" +
                        moderators + "</field></x></query></iq>");
  CHECK(crowd.next(person(1))->name() == "message");
  const auto gone = crowd.next(person(1));
  CHECK(gone->attr("from") == room + "/p2");
  CHECK(item_of(*gone).attr("role") == "participant");
  CHECK(item_of(*gone).find_attr("jid") == nullptr);
}

TEST_CASE("many are hidden and shown some at a time, each once") {
  constexpr std::size_t size = 300;
  constexpr std::size_t at_once = 1 + 20'000 / (size + 1);
  Crowd crowd(1000);
  crowd.fill(size);
  for (const bool shows : {false, true}) {
    crowd.server.advance(base::seconds(1));
    crowd.forget_inbox(owner);
    crowd.show_roles(shows ? all_roles : moderators);
    CHECK(crowd.next(owner)->name() == "iq");
    CHECK(crowd.next(owner)->name() == "message");
    std::set<std::string> told;
    for (int ticks = 0; told.size() < size - 1; ++ticks) {
      REQUIRE(ticks < 6);
      const auto heard = crowd.heard(owner);
      CHECK(heard.size() == std::min(at_once, size - 1 - told.size()));
      for (const auto& one : heard) CHECK(told.insert(one).second);
      if (ticks == 1) {  // what else happens does not hurry it
        crowd.come(size);
        crowd.go(size);
        CHECK(crowd.heard(owner).size() == (shows ? 2 : 0));
      }
      crowd.server.advance(base::seconds(1));
    }
    CHECK(crowd.heard(owner).empty());
  }
}

TEST_CASE("a large room that is none any more shows its people some at a time") {
  constexpr std::size_t large = 190, unseen = 150;
  Crowd crowd(large);
  crowd.fill(large + unseen);
  for (std::size_t i = 1; i < large - 1; ++i) crowd.go(i);  // the owner and one of those seen stay
  CHECK(crowd.told() == std::to_string(unseen + 2) + " large");
  crowd.forget_inbox(owner);
  crowd.go(large - 1);
  constexpr std::size_t at_once = 1 + 20'000 / (unseen + 2);
  CHECK(crowd.heard(owner).size() == 1 + at_once);
  CHECK(crowd.told() == std::to_string(unseen + 1));
  // One who comes meanwhile is seen, and misses nobody in the end.
  crowd.forget_inbox(person(1));
  crowd.come(1);
  CHECK(crowd.heard(owner) == Heard{"+p1"});
  crowd.server.advance(base::seconds(1));
  CHECK(crowd.heard(owner).size() == unseen - at_once);
  const auto seen = crowd.heard(person(1));
  CHECK(std::set<std::string>(seen.begin(), seen.end()).size() == unseen + 3);
}
