// SPDX-License-Identifier: Apache-2.0
// Local groups of users, as their events made them.
#include <catch2/catch.hpp>

#include "accounts/group_store.h"
#include "tests/contract/world.h"

using record::GroupChanged;
using record::Outcome;
using tests::jid;
using Action = record::GroupChanged::Action;

namespace {

using Names = std::vector<std::string>;

struct Groups : tests::World {
  Groups() {
    auto configured = config();
    configured.domain = "localhost";
    record(configured);
  }
  Outcome change(Action action, const std::string& group, const std::string& member = "") {
    auto event = tests::account_added("");
    event.body = GroupChanged{action, group, member.empty() ? xmpp::Jid{} : jid(member)};
    return commit({event});
  }
  void must(Action action, const std::string& group, const std::string& member = "") {
    REQUIRE(change(action, group, member) == Outcome::durable);
  }
  Names names(const std::string& after = "", std::size_t max = 100) {
    const auto groups = content->groups().list(after, max);
    REQUIRE(groups);
    Names out;
    for (const auto& group : *groups) out.push_back(group.name);
    return out;
  }
  Names members(const std::string& group, const std::string& after = "", std::size_t max = 100) {
    const auto found = content->groups().members(group, after, max);
    REQUIRE(found);
    Names out;
    for (const auto& member : *found) out.push_back(member.str());
    return out;
  }
};

}  // namespace

TEST_CASE("groups: made, filled, listed by pages, emptied, removed") {
  Groups world;
  CHECK(world.names() == Names{});
  for (const auto* name : {"montague", "capulet", "city"}) world.must(Action::added, name);
  CHECK(world.names() == Names{"capulet", "city", "montague"});
  CHECK(world.names("", 2) == Names{"capulet", "city"});
  CHECK(world.names("city", 2) == Names{"montague"});

  world.must(Action::member_added, "montague", "romeo@localhost");
  world.must(Action::member_added, "montague", "benvolio@example.org");
  world.must(Action::member_added, "city", "romeo@localhost");
  CHECK(world.members("montague") == Names{"benvolio@example.org", "romeo@localhost"});
  CHECK(world.members("montague", "benvolio@example.org") == Names{"romeo@localhost"});
  CHECK(world.members("montague", "", 1) == Names{"benvolio@example.org"});
  CHECK(world.members("nobody") == Names{});
  CHECK(world.content->groups().is_member("city", jid("romeo@localhost/orchard")).value());
  CHECK_FALSE(world.content->groups().is_member("capulet", jid("romeo@localhost")).value());
  const auto found = world.content->groups().find("montague");
  REQUIRE(found);
  REQUIRE(*found);
  CHECK((*found)->members == 2);
  CHECK((*found)->created_at.us > 0);
  CHECK_FALSE(*world.content->groups().find("nobody"));

  world.must(Action::member_removed, "montague", "benvolio@example.org");
  CHECK(world.members("montague") == Names{"romeo@localhost"});
  world.must(Action::removed, "montague");
  CHECK(world.names() == Names{"capulet", "city"});
  world.must(Action::added, "montague");  // a new one, without the members of the old
  CHECK(world.members("montague") == Names{});
  CHECK(world.members("city") == Names{"romeo@localhost"});
}

TEST_CASE("groups: what cannot be is not recorded") {
  Groups world;
  world.must(Action::added, "city");
  world.must(Action::member_added, "city", "romeo@localhost");
  CHECK(world.change(Action::added, "city") == Outcome::broken);
  CHECK(world.change(Action::removed, "town") == Outcome::broken);
  CHECK(world.change(Action::member_added, "town", "romeo@localhost") == Outcome::broken);
  CHECK(world.change(Action::member_added, "city", "romeo@localhost") == Outcome::broken);
  CHECK(world.change(Action::member_removed, "city", "juliet@localhost") == Outcome::broken);
  CHECK(world.members("city") == Names{"romeo@localhost"});
}

TEST_CASE("an account that is removed is in no group: whoever gets the name is somebody else") {
  Groups world;
  world.must(Action::added, "city");
  REQUIRE(world.commit({tests::account_added("romeo")}) == Outcome::durable);
  world.must(Action::member_added, "city", "romeo@localhost");
  world.must(Action::member_added, "city", "romeo@example.org");
  auto gone = tests::account_added("romeo");
  std::get<record::AccountChanged>(gone.body).action = record::AccountChanged::Action::removed;
  REQUIRE(world.commit({gone}) == Outcome::durable);
  CHECK(world.members("city") == Names{"romeo@example.org"});
}

TEST_CASE("names of groups: at most 64 bytes, lower case, nothing that would read as a principal") {
  using accounts::prepare_group_name;
  CHECK(prepare_group_name("House-Of_Montague.2") == "house-of_montague.2");
  CHECK(prepare_group_name("театр") == "театр");
  CHECK(prepare_group_name(std::string(63, 'a')));
  CHECK(prepare_group_name(std::string(64, 'a')));
  CHECK_FALSE(prepare_group_name(std::string(65, 'a')));
  for (const auto* bad :
       {"", " ", "a b", "a@b", "a/b", "group:a", "-a", "+a", "everyone", "Everyone", "a\nb", "<a>"})
    CHECK_FALSE(prepare_group_name(bad));
}
