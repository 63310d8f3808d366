// SPDX-License-Identifier: Apache-2.0
// Stays that nobody closed, as they are read back after a crash or when a room was dropped.
#include <catch2/catch.hpp>

#include "tests/contract/world.h"
#include "tests/scripts/runner/memory_store.h"

using record::Affiliation;
using record::Role;
using tests::jid;
using tests::message;
using tests::room_created;
using tests::World;

namespace {

const char* const balcony = "balcony@chat.localhost";

// What is recorded is derived in memory too, by code that knows nothing of SQL: both must agree.
struct Recording : World {
  Recording() { record(); }
  void must(std::vector<record::Event> events) {
    for (const auto& event : events) memory.apply(event);
    REQUIRE(commit(std::move(events)) == record::Outcome::durable);
  }
  muc::StoredRoom load(const std::string& room) {
    auto result = content->rooms().load(jid(room), 10);
    REQUIRE(result);
    REQUIRE(*result);
    return **result;
  }
  // By session: nick, affiliation, role. As both stores have it.
  using Stays = std::map<std::string, std::tuple<std::string, Affiliation, Role>>;
  static Stays stays(const muc::StoredRoom& room) {
    Stays out;
    for (const auto& o : room.open_occupancies) out[o.session] = {o.nick, o.affiliation, o.role};
    return out;
  }
  Stays stays() {
    const auto in_memory = memory.load(jid(balcony), 0);
    REQUIRE(in_memory);
    const auto found = stays(load(balcony));
    CHECK(found == stays(**in_memory));
    return found;
  }
  tests::MemoryRoomStore memory;
};

template <class Body>
record::Event with(std::int64_t number, Body body) {
  auto event = message(1, number);
  event.body = std::move(body);
  return event;
}

// One of several sessions.
record::Event of(const std::string& full_jid, const std::string& session, record::Event event) {
  event.actor.jid = jid(full_jid);
  event.actor.session = session;
  return event;
}

record::Event enters(std::int64_t number, const std::string& full_jid, const std::string& session,
                     const std::string& nick) {
  return of(full_jid, session, with(number, record::OccupantJoined{nick}));
}

}  // namespace

TEST_CASE("of two sessions under a nick the one that asks takes another") {
  Recording world;
  const std::string pda = "romeo@localhost/pda", desk = "romeo@localhost/desk";
  world.must({room_created(1, balcony), enters(2, pda, "s1", "Romeo"),
              enters(3, desk, "s2", "Romeo"), enters(4, "juliet@localhost/x", "s3", "Juliet")});
  world.must({of(pda, "s1", with(5, record::NickChanged{"Romeo", "Montague"}))});
  const auto participant = Role::participant;
  const auto none = Affiliation::none;
  CHECK(world.stays() == Recording::Stays{{"s1", {"Montague", none, participant}},
                                          {"s2", {"Romeo", none, participant}},
                                          {"s3", {"Juliet", none, participant}}});
  // A role is given to an occupant; who joins a sister takes the sister's.
  world.must({with(
      6, record::RoleChanged{jid("romeo@localhost"), "Romeo", participant, Role::visitor, ""})});
  CHECK(world.stays().at("s1") == std::tuple{"Montague", none, participant});
  CHECK(world.stays().at("s2") == std::tuple{"Romeo", none, Role::visitor});
  world.must({of(pda, "s1", with(7, record::NickChanged{"Montague", "Romeo"}))});
  CHECK(world.stays().at("s1") == std::tuple{"Romeo", none, Role::visitor});
  world.must({with(8, record::RoleChanged{jid("romeo@localhost"), "Romeo", Role::visitor,
                                          Role::moderator, ""})});
  CHECK(world.stays().at("s1") == std::tuple{"Romeo", none, Role::moderator});
  CHECK(world.stays().at("s2") == std::tuple{"Romeo", none, Role::moderator});
  CHECK(world.stays().at("s3") == std::tuple{"Juliet", none, participant});
}

TEST_CASE("an affiliation reaches the sessions of its account, or of its domain's users") {
  Recording world;
  world.must({room_created(1, balcony), enters(2, "romeo@localhost/a", "s1", "Romeo"),
              enters(3, "romeo@localhost/b", "s2", "Romeo"),
              enters(4, "romeo@localhost.example/a", "s3", "Other"),
              enters(5, "juliet@localhost/x@localhost/y", "s4", "Juliet"),
              enters(6, "localhost/bot", "s5", "Bot"),
              enters(7, "nurse@example.org/at@localhost/z", "s6", "Nurse"),
              enters(8, "romeo@sub.localhost/a", "s7", "Sub")});
  std::int64_t number = 9;
  const auto set = [&](const std::string& target, Affiliation value) {
    world.must({with(number++,
                     record::AffiliationChanged{jid(target), Affiliation::none, value, "", ""})});
    std::vector<Affiliation> out;
    for (const auto& [session, stay] : world.stays()) out.push_back(std::get<1>(stay));
    return out;
  };
  const auto none = Affiliation::none, member = Affiliation::member, admin = Affiliation::admin,
             owner = Affiliation::owner;
  using List = std::vector<Affiliation>;
  CHECK(set("romeo@localhost", admin) == List{admin, admin, none, none, none, none, none});
  CHECK(set("localhost", member) == List{admin, admin, none, member, member, none, none});
  CHECK(set("juliet@localhost", owner) == List{admin, admin, none, owner, member, none, none});
  CHECK(set("romeo@localhost", none) == List{member, member, none, owner, member, none, none});
  CHECK(set("localhost", none) == List{none, none, none, owner, none, none, none});
  CHECK(set("juliet@localhost", none) == List{none, none, none, none, none, none, none});
}

TEST_CASE("a room dropped while the server runs finds its open stays when it is read again") {
  Recording world;
  world.must({room_created(1, balcony), tests::joined(1, 2, "romeo"), tests::joined(1, 3, "juliet"),
              tests::left(1, 4, "juliet")});
  // Its next event is refused, as a room that is dropped has it.
  REQUIRE(world.commit({message(1, 7)}) == record::Outcome::broken);
  const auto open = world.load(balcony).open_occupancies;
  REQUIRE(open.size() == 1);
  CHECK(open[0].jid == jid("romeo@localhost/pda"));
  CHECK(open[0].session == "stay-romeo");
  CHECK(open[0].last_seen >= open[0].joined_at);
  // The sweep is for those that a crash left behind.
  const auto swept = world.content->rooms().with_open_occupancies(10);
  REQUIRE(swept);
  CHECK(swept->empty());
  world.must({tests::left(1, 5, "romeo")});
  CHECK(world.load(balcony).open_occupancies.empty());
}

TEST_CASE("who was inside when the server crashed is found, and closed by a leave") {
  Recording world;
  world.must({room_created(1, balcony), tests::joined(1, 2, "romeo"), tests::joined(1, 3, "juliet"),
              tests::joined(1, 4, "nurse"), tests::left(1, 5, "nurse"),
              with(6, record::NickChanged{"romeo", "Montague"}),
              with(7, record::RoleChanged{jid("juliet@localhost/pda"), "juliet",
                                          record::Role::participant, record::Role::moderator, ""}),
              with(8, record::AffiliationChanged{jid("juliet@localhost"), Affiliation::none,
                                                 Affiliation::admin, "", ""})});
  const auto living = world.content->rooms().with_open_occupancies(10);
  REQUIRE(living);
  CHECK(living->empty());

  const base::Time before = world.clock.wall();
  world.close();
  world.open();
  world.record();
  auto open = world.load(balcony).open_occupancies;
  REQUIRE(open.size() == 2);
  CHECK(open[0].jid == jid("romeo@localhost/pda"));
  CHECK(open[0].nick == "Montague");
  CHECK(open[0].session == "stay-romeo");
  CHECK(open[0].last_seen >= open[0].joined_at);
  CHECK(open[0].last_seen <= before);
  CHECK(open[1].role == record::Role::moderator);
  CHECK(open[1].affiliation == Affiliation::admin);
  const auto found = world.content->rooms().with_open_occupancies(10);
  REQUIRE(found);
  CHECK(*found == std::vector<xmpp::Jid>{jid(balcony)});

  auto romeo = tests::left(1, 9, "romeo");
  std::get<record::OccupantLeft>(romeo.body).nick = "Montague";
  world.must({romeo, tests::left(1, 10, "juliet")});
  CHECK(world.load(balcony).open_occupancies.empty());
  const auto swept = world.content->rooms().with_open_occupancies(10);
  REQUIRE(swept);
  CHECK(swept->empty());
}
