// SPDX-License-Identifier: Apache-2.0
#include "accounts/personal/roster.h"

#include "accounts/personal/limits.h"
#include "tests/unit/accounts/desk.h"

using tests::Desk;
using tests::has;

namespace {

struct Roster : Desk {
  std::string all(const std::string& attributes = "") {
    return get("<query xmlns='jabber:iq:roster'" + attributes + "/>");
  }
  std::string change(const std::string& items) {
    return set("<query xmlns='jabber:iq:roster'>" + items + "</query>");
  }
};

std::string repeated(std::size_t n, char c) { return std::string(n, c); }

}  // namespace

TEST_CASE("RFC 6121 2.3: an item is added, changed and removed, and pushed to who asked") {
  Roster r;
  CHECK(has(r.all(), "<query xmlns='jabber:iq:roster' ver='"));
  CHECK(has(r.change("<item jid='Nurse@Localhost' name='Nurse'><group>Servants</group></item>"),
            "type='result'"));
  REQUIRE(r.events.size() == 1);
  const auto& event = std::get<record::RosterChanged>(r.events[0].body);
  CHECK(event.localpart == "juliet");
  CHECK(event.contact.str() == "nurse@localhost");
  CHECK(event.groups == std::vector<std::string>{"Servants"});
  REQUIRE(r.said.size() == 1);
  CHECK(has(r.said[0], "<iq type='set'"));
  CHECK(has(r.said[0], "to='juliet@localhost/balcony'"));
  const std::string item =
      "<item jid='nurse@localhost' name='Nurse' subscription='none'><group>Servants</group></item>";
  CHECK(has(r.said[0], item));
  CHECK(has(r.all(), item));
  CHECK(has(r.change("<item jid='nurse@localhost' subscription='both'/>"), "type='result'"));
  CHECK(has(r.all(), "<item jid='nurse@localhost' subscription='none'/>"));
  CHECK(has(r.change("<item jid='nurse@localhost' subscription='remove'/>"), "type='result'"));
  CHECK(has(r.said[0], "<item jid='nurse@localhost' subscription='remove'/>"));
  CHECK(std::get<record::RosterChanged>(r.events[0].body).removed);
  CHECK_FALSE(has(r.all(), "<item"));
}

TEST_CASE("RFC 6121 2.1.6: who has not asked for the roster hears nothing of it") {
  Roster r;
  r.change("<item jid='nurse@localhost'/>");
  CHECK(r.said.empty());
  r.all();
  r.change("<item jid='nurse@localhost' name='N'/>");
  CHECK(r.said.size() == 1);
  r.person.on_end(*xmpp::Jid::parse("juliet@localhost/balcony"));
  r.ask("set", "<query xmlns='jabber:iq:roster'><item jid='a@b'/></query>",
        "juliet@localhost/chamber");
  CHECK(r.said.empty());
}

TEST_CASE("RFC 6121 2.3.3: what is wrong with a roster set") {
  Roster r;
  const auto refused = [&](const std::string& items, const char* condition) {
    INFO(items);
    CHECK(has(r.change(items), condition));
    CHECK(r.events.empty());
    CHECK(r.said.empty());
  };
  refused("", "<bad-request");
  refused("<item jid='a@b'/><item jid='c@d'/>", "<bad-request");
  refused("<item name='x'/>", "<bad-request");
  refused("<item jid='a@b@c'/>", "<jid-malformed");
  refused("<item jid='juliet@localhost'/>", "<not-allowed");
  refused("<item jid='a@b'><group>x</group><group>x</group></item>", "<bad-request");
  refused("<item jid='a@b'><group/></item>", "<not-acceptable");
  refused("<item jid='a@b' subscription='remove'/>", "<item-not-found");
}

TEST_CASE("names, groups and the roster have limits") {
  namespace limits = accounts::limits;
  Roster r;
  const auto named = [&](std::size_t n) {
    return r.change("<item jid='a@b' name='" + repeated(n, 'n') + "'/>");
  };
  CHECK(has(named(limits::contact_name_bytes - 1), "'result'"));
  CHECK(has(named(limits::contact_name_bytes), "'result'"));
  CHECK(has(named(limits::contact_name_bytes + 1), "<not-acceptable"));
  const auto grouped = [&](std::size_t n) {
    return r.change("<item jid='a@b'><group>" + repeated(n, 'g') + "</group></item>");
  };
  CHECK(has(grouped(limits::group_bytes), "'result'"));
  CHECK(has(grouped(limits::group_bytes + 1), "<not-acceptable"));
  for (std::size_t i = 1; i < limits::roster_items; ++i)
    r.change("<item jid='c" + std::to_string(i) + "@b'/>");
  CHECK(has(r.change("<item jid='one-more@b'/>"), "<resource-constraint"));
  CHECK(has(r.change("<item jid='a@b' name='still'/>"), "'result'"));
  r.change("<item jid='a@b' subscription='remove'/>");
  CHECK(has(r.change("<item jid='one-more@b'/>"), "'result'"));
}

TEST_CASE("the bytes of the roster have a limit") {
  namespace limits = accounts::limits;
  Roster r;
  const auto named = [&](const std::string& jid, std::size_t name) {
    return r.change("<item jid='" + jid + "' name='" + repeated(name, 'n') + "'/>");
  };
  const auto contact = [](std::size_t i) { return "c" + std::to_string(1000 + i) + "@b"; };
  const auto bytes = [&] {
    const auto all = r.all();
    return all.rfind("</query>") - all.find("<item");
  };
  named(contact(0), 500);
  const std::size_t each = bytes(), fit = limits::roster_bytes / each;
  for (std::size_t i = 1; i < fit; ++i) CHECK(has(named(contact(i), 500), "'result'"));
  CHECK(has(named(contact(fit), 500), "<resource-constraint"));
  CHECK(has(named(contact(0), 200), "'result'"));
  const std::size_t left = limits::roster_bytes - bytes();
  const std::size_t markup = each - 500 - contact(0).size() + std::string("z@b").size();
  CHECK(has(named("z@b", left - markup - 1), "'result'"));
  CHECK(has(named("z@b", left - markup), "'result'"));
  CHECK(bytes() == limits::roster_bytes);
  CHECK(has(named("z@b", left - markup + 1), "<resource-constraint"));
  CHECK(has(named("y@b", 1), "<resource-constraint"));
  CHECK(has(named(contact(1), 499), "'result'"));  // what makes it no larger may be changed
}

TEST_CASE("what was stored before there was a limit can still be made smaller") {
  Roster r;
  accounts::PersonalData data;
  for (int i = 0; i < 6; ++i)
    data.roster[*xmpp::Jid::parse("c" + std::to_string(i) + "@b")] = {
        "n", std::vector<std::string>(100, std::string(1000, 'g'))};
  r.person.loaded(data);
  CHECK(has(r.change("<item jid='c0@b' name='n'/>"), "'result'"));
  CHECK(has(r.change("<item jid='new@b'/>"), "'result'"));
  CHECK(has(r.change("<item jid='c1@b' subscription='remove'/>"), "'result'"));
}

TEST_CASE("RFC 6121 2.6: who knows the version gets nothing; it outlives a restart") {
  Roster r;
  r.change("<item jid='a@b' name='A'><group>x</group><group>y</group></item>");
  accounts::PersonalData again;
  again.roster[*xmpp::Jid::parse("a@b")] = {"A", {"y", "x"}};
  const std::string ver = accounts::roster_version(again);
  CHECK_FALSE(has(r.all(" ver='" + ver + "'"), "<query"));
  CHECK(has(r.all(" ver=''"), "ver='" + ver + "'"));
  r.change("<item jid='a@b' name='B'/>");
  CHECK(has(r.all(" ver='" + ver + "'"), "<item"));
}
