// SPDX-License-Identifier: Apache-2.0
// Thousands of random steps against a model of who is inside under which nick. The runner checks
// numbers and that nothing is spoken before it is on record (memory_server.cpp).
#include <algorithm>
#include <catch2/catch.hpp>
#include <map>

#include "tests/scripts/runner/memory_server.h"
#include "tests/scripts/runner/xml.h"
#include "xmpp/ns.h"

namespace {

using tests::MemoryServer;

// Who should be inside: full JID → nick. A nick belongs to one bare JID.
struct Model {
  std::map<std::string, std::string> inside;
  std::string owner_of(const std::string& nick) const {
    for (const auto& [full, n] : inside)
      if (n == nick) return full.substr(0, full.find('/'));
    return {};
  }
  bool may_hold(const std::string& full, const std::string& nick) const {
    const std::string owner = owner_of(nick);
    return owner.empty() || owner == full.substr(0, full.find('/'));
  }
};

class Walk {
 public:
  explicit Walk(std::uint64_t seed) : server_(seed), random_(seed * 7919) {
    for (const char* user : {"a", "b", "c", "d"})
      for (const char* device : {"1", "2"})
        people_.push_back(std::string(user) + "@localhost/" + device);
    for (const auto& full : people_) server_.connect(*xmpp::Jid::parse(full));
    enter(people_[0], "owner");
    send(people_[0],
         "<iq type='set' id='i' to='r@chat.localhost'><query xmlns='http://jabber.org/"
         "protocol/muc#owner'><x xmlns='jabber:x:data' type='submit'/></query></iq>");
  }

  void step() {
    const std::string& who = people_[pick(people_.size())];
    const std::string nick = "n" + std::to_string(pick(5));
    if (pick(150) == 0) return crash();
    switch (pick(9)) {
      case 0:
      case 1:
        return enter(who, nick);
      case 2:
        return leave(who);
      case 3:
        return change(who, nick);
      case 4:
      case 5:
        return speak(who);
      case 6:
        return garbage(who, nick);
      case 7:
        return server_.advance(base::seconds(static_cast<std::int64_t>(pick(30))));
      default:
        return send(who, "<message type='chat' to='r@chat.localhost/" + nick +
                             "'><body>p</body></message>");
    }
  }

  void check() {
    const auto* inside = server_.store().inside(*xmpp::Jid::parse("r@chat.localhost"));
    std::map<std::string, std::string> recorded;
    if (inside != nullptr)
      for (const auto& [session, open] : *inside) recorded[open.jid.str()] = open.nick;
    REQUIRE(recorded == model_.inside);
  }

  std::size_t spoken() const { return spoken_; }
  std::size_t events() { return server_.store().events(); }

 private:
  // Everybody is out; the room, read again, has put that on record.
  void crash() {
    server_.restart();
    for (const auto& full : people_) server_.connect(*xmpp::Jid::parse(full));
    model_.inside.clear();
    server_.wake(*xmpp::Jid::parse("r@chat.localhost"));
  }
  void enter(const std::string& who, const std::string& nick) {
    send(who, "<presence to='r@chat.localhost/" + nick +
                  "'><x xmlns='http://jabber.org/protocol/muc'/></presence>");
    if (model_.may_hold(who, nick)) model_.inside[who] = nick;
  }
  void leave(const std::string& who) {
    send(who, "<presence type='unavailable' to='r@chat.localhost/x'/>");
    model_.inside.erase(who);
  }
  void change(const std::string& who, const std::string& nick) {
    send(who, "<presence to='r@chat.localhost/" + nick + "'><show>away</show></presence>");
    if (model_.inside.count(who) != 0 && model_.may_hold(who, nick)) model_.inside[who] = nick;
  }
  // Everybody who is inside hears it once, the others not at all.
  void speak(const std::string& who) {
    for (const auto& full : people_) server_.inbox(*xmpp::Jid::parse(full)).clear();
    const std::string body = "t" + std::to_string(++spoken_);
    send(who,
         "<message type='groupchat' to='r@chat.localhost'><body>" + body + "</body></message>");
    for (const auto& full : people_) {
      const auto& inbox = server_.inbox(*xmpp::Jid::parse(full));
      const auto heard = std::count_if(inbox.begin(), inbox.end(), [&](const base::Payload& p) {
        return p.bytes->find("<body>" + body + "<") != std::string::npos &&
               p.bytes->find("type='error'") == std::string::npos;
      });
      const bool speaks = model_.inside.count(who) != 0;
      REQUIRE(heard == (speaks && model_.inside.count(full) != 0 ? 1 : 0));
    }
  }
  void garbage(const std::string& who, const std::string& nick) {
    static const char* const kinds[] = {
        "<presence type='probe' to='r@chat.localhost/%'/>",
        "<presence type='error' to='r@chat.localhost/%'/>",
        "<presence to='r@chat.localhost'/>",
        "<message type='error' to='r@chat.localhost'/>",
        "<message to='r@chat.localhost'/>",
        "<iq type='result' id='1' to='r@chat.localhost/%'/>",
        "<iq type='get' id='2' to='r@chat.localhost/%'><q xmlns='urn:x'/></iq>",
        "<iq type='set' id='3' to='r@chat.localhost'><query "
        "xmlns='http://jabber.org/protocol/muc#admin'/></iq>",
        "<iq type='get' to='chat.localhost'/>",
        "<message type='groupchat' to='r@chat.localhost/%'><body>x</body></message>",
    };
    std::string text = kinds[pick(std::size(kinds))];
    if (const auto at = text.find('%'); at != std::string::npos) text.replace(at, 1, nick);
    send(who, text);
  }
  void send(const std::string& who, const std::string& text) {
    auto stanza = tests::parse_xml(text).front();
    stanza.set_attr("from", who);
    server_.handle(stanza);
    for (const auto& full : people_)
      if (auto& inbox = server_.inbox(*xmpp::Jid::parse(full)); inbox.size() > 500) inbox.clear();
  }
  std::size_t pick(std::size_t n) {
    std::byte bytes[4];
    random_.fill(bytes);
    std::size_t value = 0;
    for (const auto b : bytes) value = value * 256 + static_cast<std::size_t>(b);
    return value % n;
  }

  MemoryServer server_;
  tests::SeededRandom random_;
  std::vector<std::string> people_;
  Model model_;
  std::size_t spoken_ = 0;
};

}  // namespace

TEST_CASE("random people in a room agree with the model") {
  for (const std::uint64_t seed : {1, 2, 3}) {
    CAPTURE(seed);
    Walk walk(seed);
    for (int i = 0; i < 2000; ++i) {
      CAPTURE(i);
      walk.step();
      walk.check();
    }
    CHECK(walk.spoken() > 200);
    CHECK(walk.events() > 400);
  }
}
