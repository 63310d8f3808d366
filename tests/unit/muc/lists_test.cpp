// SPDX-License-Identifier: Apache-2.0
// Long lists: whole as long as they fit into one stanza, else page after page.
#include <catch2/catch.hpp>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "tests/unit/muc/world.h"
#include "xmpp/ns.h"
#include "xmpp/writer.h"

namespace {

constexpr const char* owner = "a@localhost/1";
constexpr std::size_t members = 10'000;

struct ListWorld : tests::MucWorld {
  explicit ListWorld(std::size_t stanza_bytes, std::size_t stanza_elements = members + 6) {
    server.config().limits.stanza_bytes = stanza_bytes;
    server.config().limits.stanza_elements = stanza_elements;
    server.restart();
    enter(owner, "r@chat.localhost/a");
    accept(owner, "r@chat.localhost");
    std::string items;
    for (std::size_t i = 0; i < members; ++i)
      items += "<item affiliation='member' jid='m" + std::to_string(i) + "@localhost'/>";
    send(owner,
         "<iq type='set' id='s' to='r@chat.localhost'>"
         "<query xmlns='http://jabber.org/protocol/muc#admin'>" +
             items + "</query></iq>");
    forget_inbox(owner);
  }
  xmpp::Element list(const std::string& set) {
    send(owner,
         "<iq type='get' id='g' to='r@chat.localhost'>"
         "<query xmlns='http://jabber.org/protocol/muc#admin'><item affiliation='member'/>" +
             set + "</query></iq>");
    const auto answer = next(owner);
    REQUIRE(answer);
    REQUIRE(answer->child("query", xmpp::ns::muc_admin) != nullptr);
    return *answer;
  }
};

std::vector<std::string> jids(const xmpp::Element& answer) {
  std::vector<std::string> found;
  answer.child("query", xmpp::ns::muc_admin)->for_each_child([&](const xmpp::Element& item) {
    if (item.name() == "item") found.emplace_back(item.attr("jid"));
  });
  return found;
}

const xmpp::Element* note(const xmpp::Element& answer) {
  return answer.child("query", xmpp::ns::muc_admin)->child("set", xmpp::ns::rsm);
}

std::string set(const std::string& what) {
  return "<set xmlns='http://jabber.org/protocol/rsm'>" + what + "</set>";
}

// All pages, each asked for with what `next` makes of the one before; nothing comes twice.
std::set<std::string> all_pages(ListWorld& world, bool backward, const std::string& max) {
  std::set<std::string> seen;
  std::string mark = backward ? "<before/>" : "";
  for (;;) {
    const auto answer = world.list(set(mark + max));
    const auto page = jids(answer);
    if (page.empty()) return seen;
    CHECK(xmpp::to_xml(answer, xmpp::ns::client).size() <=
          world.server.config().limits.stanza_bytes);
    CHECK(child_text(*note(answer), "count", xmpp::ns::rsm) == std::to_string(members));
    for (const auto& jid : page) CHECK(seen.insert(jid).second);
    mark =
        backward ? "<before>" + page.front() + "</before>" : "<after>" + page.back() + "</after>";
  }
}

// An asker whose address and id grow sixfold when they are written, and a list to fit beside them.
struct QuotedWorld : tests::MucWorld {
  const std::string asker = "a@localhost/" + std::string(900, '"');
  std::string room = "r@chat.localhost";

  explicit QuotedWorld(std::size_t stanza_bytes, std::size_t stanza_elements = 5000) {
    server.config().limits.stanza_bytes = stanza_bytes;
    server.config().limits.stanza_elements = stanza_elements;
    server.restart();
    connect(asker);
    ask("presence", "", room + "/a", tests::muc_x);
    ask("iq", "set", room,
        "<query xmlns='http://jabber.org/protocol/muc#owner'>"
        "<x xmlns='jabber:x:data' type='submit'/></query>");
    std::string items;
    for (int i = 0; i < 30; ++i)
      items += "<item affiliation='member' jid='m" + std::to_string(i) + "@localhost'/>";
    ask("iq", "set", room,
        "<query xmlns='http://jabber.org/protocol/muc#admin'>" + items + "</query>");
  }
  void ask(const std::string& name, const std::string& type, const std::string& to,
           const std::string& what) {
    xmpp::Element stanza(name, xmpp::ns::client);
    if (!type.empty()) stanza.set_attr("type", type);
    stanza.set_attr("id", std::string(900, '\'')).set_attr("to", to).set_attr("from", asker);
    stanza.add(tests::parse_xml(what).front());
    forget_inbox(asker);
    server.handle(stanza);
  }
  // As it goes to the asker.
  std::string list(const std::string& set) {
    ask("iq", "get", room,
        "<query xmlns='http://jabber.org/protocol/muc#admin'><item affiliation='member'/>" + set +
            "</query>");
    return xmpp::to_xml(*next(asker), xmpp::ns::client);
  }
};

std::size_t items_in(const std::string& answer) {
  std::size_t count = 0;
  for (std::size_t at = 0; (at = answer.find("<item ", at)) != std::string::npos; ++at) ++count;
  return count;
}

}  // namespace

TEST_CASE("a list of 10,000 that fits into a stanza is given whole") {
  ListWorld world(1'000'000);
  const auto answer = world.list("");
  CHECK(jids(answer).size() == members);
  CHECK(note(answer) == nullptr);
}

TEST_CASE(
    "of a list of 10,000 that does not fit its beginning is given, and says that it is that") {
  ListWorld world(100'000);
  const auto answer = world.list("");
  const auto page = jids(answer);
  CHECK(page.size() > 500);
  CHECK(page.size() < members);
  CHECK(xmpp::to_xml(answer, xmpp::ns::client).size() <= 100'000);
  REQUIRE(note(answer) != nullptr);
  CHECK(child_text(*note(answer), "last", xmpp::ns::rsm) == page.back());
  CHECK(child_text(*note(answer), "count", xmpp::ns::rsm) == std::to_string(members));
}

TEST_CASE("all pages of a list together are the list, once, from either end") {
  ListWorld world(100'000);
  CHECK(all_pages(world, false, "<max>500</max>").size() == members);
  CHECK(all_pages(world, true, "<max>500</max>").size() == members);
  CHECK(all_pages(world, false, "").size() == members);  // as much as fits
  CHECK(all_pages(world, true, "<max>10000</max>").size() == members);
}

TEST_CASE("a list fits under the limit with all that stands around it, to the byte") {
  const std::string whole = QuotedWorld(1'000'000).list("");
  REQUIRE(items_in(whole) == 30);
  const std::string page = QuotedWorld(1'000'000).list(set("<max>29</max>"));
  REQUIRE(items_in(page) == 29);
  for (const auto& [answer, count, ask] :
       {std::tuple{whole, 30u, std::string()}, {page, 29u, set("<max>29</max>")}}) {
    CHECK(QuotedWorld(answer.size() + 1).list(ask) == answer);
    CHECK(QuotedWorld(answer.size()).list(ask) == answer);
    const std::string less = QuotedWorld(answer.size() - 1).list(ask);
    CHECK(less.size() < answer.size());
    CHECK(items_in(less) < count);
    CHECK(items_in(less) > count - 8);  // what the note takes, no more
  }
}

TEST_CASE("a list has no more elements than a stanza may have") {
  CHECK(items_in(QuotedWorld(1'000'000, 37).list("")) == 30);
  CHECK(items_in(QuotedWorld(1'000'000, 36).list("")) == 30);
  const std::string less = QuotedWorld(1'000'000, 35).list("");
  CHECK(items_in(less) == 29);
  CHECK(less.find("<count>30</count>") != std::string::npos);
}

TEST_CASE("a page has one item at least, however small the limit") {
  ListWorld world(100);
  CHECK(jids(world.list(set("<max>5</max>"))).size() == 1);
}
