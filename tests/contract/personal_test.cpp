// SPDX-License-Identifier: Apache-2.0
// What people keep for themselves: its rows, and that it leaves none in the outbox.
#include <catch2/catch.hpp>

#include "accounts/personal_store.h"
#include "tests/contract/world.h"
#include "xmpp/ns.h"

using record::Outcome;
using tests::jid;

namespace {

struct Personal : tests::World {
  Personal() {
    record();
    REQUIRE(commit({tests::account_added("juliet")}) == Outcome::durable);
  }
  Outcome change(std::vector<record::Body> bodies) {
    std::vector<record::Event> events;
    for (auto& body : bodies) {
      events.push_back(tests::account_added(""));
      events.back().body = std::move(body);
    }
    return commit(std::move(events));
  }
  void fill() {
    REQUIRE(change({
                record::RosterChanged{"juliet", jid("nurse@localhost"), false, "Nurse", {"a", "b"}},
                record::PrivateXmlChanged{"juliet", "urn:p", "p", "<p xmlns='urn:p'>1</p>"},
                record::VcardChanged{"juliet", "<vCard xmlns='vcard-temp'><FN>J</FN></vCard>"},
                record::PepNodeChanged{"juliet", "n", false, "pubsub#max_items=5\n"},
                record::PepItemChanged{"juliet", "n", "one", false, 2, "<t xmlns='urn:t'/>"},
                record::PepItemChanged{"juliet", "n", "two", false, 1, "<t xmlns='urn:t'>'</t>"},
            }) == Outcome::durable);
  }
  accounts::PersonalData data() {
    const auto found = content->personal().load("juliet");
    REQUIRE(found);
    REQUIRE(*found);
    return **found;
  }
};

}  // namespace

TEST_CASE("what a person keeps is read as it was written") {
  Personal world;
  CHECK(world.data().roster.empty());
  world.fill();
  const auto data = world.data();
  REQUIRE(data.roster.size() == 1);
  CHECK(data.roster.begin()->first.str() == "nurse@localhost");
  CHECK(data.roster.begin()->second.name == "Nurse");
  CHECK(data.roster.begin()->second.groups == std::vector<std::string>{"a", "b"});
  REQUIRE(data.private_xml.size() == 1);
  CHECK(data.private_xml.at({"urn:p", "p"}).element.text() == "1");
  CHECK(data.private_xml.at({"urn:p", "p"}).bytes == std::string("<p xmlns='urn:p'>1</p>").size());
  REQUIRE(data.vcard);
  CHECK(xmpp::child_text(data.vcard->element, "FN", xmpp::ns::vcard) == "J");
  REQUIRE(data.nodes.size() == 1);
  const auto& node = data.nodes.at("n");
  CHECK(node.options == "pubsub#max_items=5\n");
  REQUIRE(node.items.size() == 2);
  CHECK(node.items[0].id == "two");  // in order of publication
  CHECK(node.items[0].payload.text() == "'");
  CHECK(node.items[1].seq == 2);
}

TEST_CASE("what is written again is in place of what was there; what is removed is gone") {
  Personal world;
  for (int times = 0; times < 2; ++times) world.fill();
  CHECK(world.data().roster.begin()->second.groups.size() == 2);
  CHECK(world.data().nodes.at("n").items.size() == 2);
  for (int times = 0; times < 2; ++times)
    REQUIRE(world.change({record::PepItemChanged{"juliet", "n", "one", true, 0, ""},
                          record::RosterChanged{"juliet", jid("nurse@localhost"), true, "", {}}}) ==
            Outcome::durable);
  CHECK(world.data().nodes.at("n").items.size() == 1);
  CHECK(world.data().roster.empty());
  REQUIRE(world.change({record::PepNodeChanged{"juliet", "n", true, ""}}) == Outcome::durable);
  REQUIRE(world.change({record::PepNodeChanged{"juliet", "n", false, ""}}) == Outcome::durable);
  CHECK(world.data().nodes.at("n").items.empty());
}

TEST_CASE("it takes no number of the source and no row of the outbox") {
  Personal world;
  tests::Sql sql(world.place.content_url);
  const auto rows = sql.text("SELECT count(*) FROM outbox");
  const auto head = sql.text("SELECT max(sn) FROM source_head");
  world.fill();
  CHECK(sql.text("SELECT count(*) FROM outbox") == rows);
  CHECK(sql.text("SELECT max(sn) FROM source_head") == head);
  REQUIRE(world.commit({tests::account_added("romeo")}) == Outcome::durable);
  CHECK(tests::verify_chains(sql, "outbox").empty());
}

TEST_CASE("all of it goes with the account; the next of that name begins anew") {
  Personal world;
  world.fill();
  auto removed = tests::account_added("juliet");
  std::get<record::AccountChanged>(removed.body).action = record::AccountChanged::Action::removed;
  REQUIRE(world.commit({removed}) == Outcome::durable);
  const auto found = world.content->personal().load("juliet");
  REQUIRE(found);
  CHECK_FALSE(*found);
  CHECK(world.change({record::VcardChanged{"juliet", "<vCard xmlns='vcard-temp'/>"}}) ==
        Outcome::broken);
  REQUIRE(world.commit({tests::account_added("juliet")}) == Outcome::durable);
  const auto data = world.data();
  CHECK(data.roster.empty());
  CHECK(data.private_xml.empty());
  CHECK_FALSE(data.vcard);
  CHECK(data.nodes.empty());
}

TEST_CASE("an item of a node that is not there is refused alone") {
  Personal world;
  CHECK(world.change({record::PepItemChanged{"juliet", "x", "1", false, 1,
                                             "<t xmlns='urn:t'/>"}}) == Outcome::broken);
  world.fill();
}
