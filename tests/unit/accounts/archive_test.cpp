// SPDX-License-Identifier: Apache-2.0
// What goes into an account's own archive, its ids, and its owner's preferences (XEP-0441).
#include "accounts/archive/archive_id.h"
#include "accounts/archive/preferences.h"
#include "accounts/personal/limits.h"
#include "tests/unit/accounts/desk.h"

using accounts::ArchiveOwner;
using record::ArchiveDefault;
using tests::Desk;
using tests::has;

namespace {

xmpp::Jid jid(const std::string& text) { return *xmpp::Jid::parse(text); }

std::string prefs(const std::string& fallback, const std::string& always = "",
                  const std::string& never = "") {
  return "<prefs xmlns='urn:xmpp:mam:2' default='" + fallback + "'><always>" + always +
         "</always><never>" + never + "</never></prefs>";
}

bool kept(const std::string& type, const std::string& inside) {
  xmpp::ElementReader reader;
  auto message = reader.read("<message>" + inside + "</message>");
  REQUIRE(message);
  if (!type.empty()) message->set_attr("type", type);
  return accounts::worth_keeping(*message);
}

}  // namespace

TEST_CASE("XEP-0441: the lists come before the default; a bare JID means all resources") {
  ArchiveOwner owner{"juliet"};
  CHECK(accounts::wants(owner, jid("romeo@localhost/orchard")));
  owner.preferences.never = {jid("romeo@localhost")};
  CHECK_FALSE(accounts::wants(owner, jid("romeo@localhost/orchard")));
  CHECK_FALSE(accounts::wants(owner, jid("romeo@localhost")));
  owner.preferences.never = {jid("romeo@localhost/orchard")};
  CHECK_FALSE(accounts::wants(owner, jid("romeo@localhost/orchard")));
  CHECK(accounts::wants(owner, jid("romeo@localhost/balcony")));
  CHECK(accounts::wants(owner, jid("romeo@localhost")));
  owner.preferences = {ArchiveDefault::never, {jid("nurse@localhost")}, {}};
  CHECK(accounts::wants(owner, jid("nurse@localhost/x")));
  CHECK_FALSE(accounts::wants(owner, jid("romeo@localhost/x")));
  owner.preferences.never = {jid("nurse@localhost")};
  CHECK_FALSE(accounts::wants(owner, jid("nurse@localhost/x")));
  owner.preferences = {ArchiveDefault::roster, {}, {}};
  owner.contacts = {jid("friar@localhost")};
  CHECK(accounts::wants(owner, jid("friar@localhost/cell")));
  CHECK_FALSE(accounts::wants(owner, jid("romeo@localhost/x")));
}

TEST_CASE("what an archive is for") {
  const std::string body = "<body>x</body>", hints = " xmlns='urn:xmpp:hints'/>";
  for (const char* type : {"", "chat", "normal"}) CHECK(kept(type, body));
  for (const char* type : {"groupchat", "headline", "error", "odd"}) CHECK_FALSE(kept(type, body));
  CHECK_FALSE(kept("chat", body + "<no-store" + hints));
  CHECK_FALSE(kept("chat", body + "<no-permanent-store" + hints));
  CHECK(kept("chat", body + "<no-copy" + hints));
  const std::string typing = "<composing xmlns='http://jabber.org/protocol/chatstates'/>";
  CHECK_FALSE(kept("chat", typing));
  CHECK_FALSE(kept("chat", typing + "<thread>t</thread>"));
  CHECK_FALSE(kept("chat", ""));
  CHECK(kept("chat", typing + body));
  CHECK(kept("chat", "<received xmlns='urn:xmpp:receipts' id='1'/>"));
}

TEST_CASE("an id is of one archive only") {
  const std::string key = "0123456789abcdef";
  for (const std::int64_t number :
       {std::int64_t{1}, (std::int64_t{7} << 40) + 5, std::numeric_limits<std::int64_t>::max()}) {
    const auto id = accounts::make_archive_id(key, "juliet", number);
    CHECK(accounts::read_archive_id(key, "juliet", id) == number);
    CHECK_FALSE(accounts::read_archive_id(key, "romeo", id));
    CHECK_FALSE(accounts::read_archive_id("fedcba9876543210", "juliet", id));
  }
  for (const char* id : {"", "x", "AAAAAAAAAAAAAAAAAAAAAA", "28482-98726-73623"})
    CHECK_FALSE(accounts::read_archive_id(key, "juliet", id));
}

TEST_CASE("XEP-0441: preferences are read, set and recorded") {
  Desk d;
  CHECK(has(d.get("<prefs xmlns='urn:xmpp:mam:2'/>"),
            "<prefs xmlns='urn:xmpp:mam:2' default='always'><always/><never/></prefs>"));
  const std::string romeo = "<jid>Romeo@Localhost</jid>", nurse = "<jid>nurse@localhost/x</jid>";
  CHECK(has(d.set(prefs("roster", romeo + romeo, nurse)),
            "default='roster'><always><jid>romeo@localhost</jid></always><never>" + nurse));
  REQUIRE(d.events.size() == 1);
  const auto& event = std::get<record::ArchivePreferencesChanged>(d.events[0].body);
  CHECK(event.localpart == "juliet");
  CHECK(event.fallback == ArchiveDefault::roster);
  CHECK(event.always == std::vector{jid("romeo@localhost")});
  CHECK(has(d.get("<prefs xmlns='urn:xmpp:mam:2'/>"), "default='roster'"));
  CHECK(has(d.set("<prefs xmlns='urn:xmpp:mam:2' default='never'/>"), "<always/><never/>"));
}

TEST_CASE("XEP-0441: what is no preference changes nothing") {
  Desk d;
  CHECK(has(d.set(prefs("sometimes")), "<bad-request"));
  CHECK(has(d.set("<prefs xmlns='urn:xmpp:mam:2'/>"), "<bad-request"));
  CHECK(has(d.set(prefs("never", "<jid>@</jid>")), "<jid-malformed"));
  CHECK(d.events.empty());
  CHECK(has(d.get("<prefs xmlns='urn:xmpp:mam:2'/>"), "default='always'"));
  CHECK(has(d.ask("get", "<prefs xmlns='urn:xmpp:mam:2'/>", "romeo@localhost/x"),
            "<service-unavailable"));
}

TEST_CASE("the lists of preferences have a limit") {
  const auto of = [](std::size_t bytes) {
    std::string list;
    std::size_t left = bytes;
    for (int i = 1000; left > 1000; ++i, left -= 500)
      list += "<jid>" + std::to_string(i) + std::string(485 - 2, 'a') + "@b</jid>";
    return list + "<jid>" + std::string(left - 11 - 2, 'z') + "@b</jid>";
  };
  for (const std::size_t more : {0u, 1u, 2u}) {
    Desk d;
    const auto answer = d.set(prefs("always", of(accounts::limits::archive_list_bytes - 1 + more)));
    CHECK(has(answer, more < 2 ? "'result'" : "<not-acceptable"));
  }
}
