// SPDX-License-Identifier: Apache-2.0
// What happens to a room while it is being read, and how many rooms one account makes meanwhile.
#include <catch2/catch.hpp>

#include "muc/service.h"
#include "tests/support/fakes.h"
#include "tests/unit/muc/world.h"

namespace {

const xmpp::Jid room = *xmpp::Jid::parse("r@chat.localhost");

// A service whose reads the test answers.
struct Slow {
  explicit Slow(muc::Limits limits = {})
      : service({.domain = "chat.localhost",
                 .limits = limits,
                 .secrets = {std::string(16, 'k'), std::string(32, 'o')}},
                random) {}

  muc::Effects send(const std::string& from, const std::string& text) {
    auto stanza = tests::parse_xml(text).front();
    stanza.set_attr("from", from);
    return service.handle(std::move(stanza), now);
  }
  muc::Effects enter(const std::string& from, const std::string& to = "r@chat.localhost") {
    return send(from, "<presence to='" + to + "/" + from.substr(0, from.find('@')) + "'>" +
                          tests::muc_x + "</presence>");
  }
  muc::Effects leave(const std::string& from) {
    return send(from, "<presence type='unavailable' to='r@chat.localhost/x'/>");
  }
  muc::Effects loaded(muc::Found found, const xmpp::Jid& which = room) {
    return service.loaded(which, std::move(found), now);
  }

  tests::SeededRandom random{1};
  muc::Service service;
  base::Time now = base::Time{} + base::seconds(1'000'000);
};

std::string person(std::size_t n) { return "p" + std::to_string(n) + "@localhost/1"; }

std::string errors(const muc::Effects& effects) {
  for (const auto& effect : effects)
    if (const auto* send = std::get_if<muc::Send>(&effect))
      for (const auto& payload : send->stanzas)
        if (payload.bytes->find("type='error'") != std::string::npos)
          return tests::MucWorld::condition(tests::received(payload, send->to.str()));
  return {};
}

std::vector<muc::Load> loads(const muc::Effects& effects) {
  std::vector<muc::Load> found;
  for (const auto& effect : effects)
    if (const auto* load = std::get_if<muc::Load>(&effect)) found.push_back(*load);
  return found;
}

muc::StoredRoom stored() {
  muc::StoredRoom found;
  found.id = 7;
  found.jid = room;
  found.last_number = 2;
  return found;
}

xmpp::Jid jid(const std::string& text) { return *xmpp::Jid::parse(text); }

}  // namespace

TEST_CASE("as many wait for a room that is being read as may be inside") {
  Slow slow({.room_occupants = 1200});
  CHECK(loads(slow.enter(person(0))).size() == 1);
  for (std::size_t n = 1; n < 1200; ++n) {
    CAPTURE(n);
    REQUIRE(errors(slow.enter(person(n))).empty());
  }
  CHECK(errors(slow.enter(person(1200))) == "resource-constraint");
  slow.loaded({stored(), {}, {}});
  CHECK(slow.service.counts().occupants == 1200);
}

TEST_CASE("a small room lets wait what a large one does, and no limit is none of waiting") {
  Slow small({.room_occupants = 2});
  for (std::size_t n = 0; n < 1000; ++n) REQUIRE(errors(small.enter(person(n))).empty());
  CHECK(errors(small.enter(person(1000))) == "resource-constraint");
  Slow unlimited({.room_occupants = SIZE_MAX});
  for (std::size_t n = 0; n < 1500; ++n) REQUIRE(errors(unlimited.enter(person(n))).empty());
}

TEST_CASE("who gives up while the room is being read does not end up inside") {
  Slow slow({.room_occupants = 1000});
  for (std::size_t n = 0; n < 1000; ++n) slow.enter(person(n));
  CHECK(errors(slow.enter(person(1000))) == "resource-constraint");
  CHECK(slow.leave(person(0)).empty());
  CHECK(slow.leave(person(1)).empty());
  for (int again = 0; again < 5000; ++again) CHECK(slow.leave(person(1)).empty());
  for (std::size_t n = 2000; n < 7000; ++n) CHECK(slow.leave(person(n)).empty());  // nobody's
  const auto effects = slow.loaded({stored(), {}, {}});
  CHECK(slow.service.counts().occupants == 998);
  std::vector<std::string> left;
  for (const auto& effect : effects)
    if (const auto* made = std::get_if<muc::Record>(&effect))
      if (std::holds_alternative<record::OccupantLeft>(made->event.body))
        left.push_back(made->event.actor.jid.str());
  CHECK(left == std::vector<std::string>{person(0), person(1)});
}

TEST_CASE("what the first who might make a room owns is read with it") {
  Slow slow({.rooms_per_owner = 2});
  const auto first = loads(slow.enter("a@localhost/1"));
  REQUIRE(first.size() == 1);
  CHECK(first[0].creator == jid("a@localhost"));
  CHECK(first[0].owned_max == 2);
  slow.enter("b@localhost/1");

  // The first owns too many; for the second it must be read again.
  const auto refused =
      slow.loaded({{}, jid("a@localhost"), {jid("x@chat.localhost"), jid("y@chat.localhost")}});
  CHECK(errors(refused) == "resource-constraint");
  const auto second = loads(refused);
  REQUIRE(second.size() == 1);
  CHECK(second[0].creator == jid("b@localhost"));
  const auto made = slow.loaded({{}, jid("b@localhost"), {jid("x@chat.localhost")}});
  CHECK(errors(made).empty());
  CHECK(slow.service.counts().occupants == 1);
}

TEST_CASE("rooms that are not yet on record count: a burst is held to the limit") {
  Slow slow({.rooms_per_owner = 3});
  const xmpp::Jid owner = jid("a@localhost");
  for (int n = 0; n < 5; ++n) slow.enter("a@localhost/1", std::to_string(n) + "@chat.localhost");
  int refused = 0;
  for (int n = 0; n < 5; ++n) {
    const auto effects = slow.loaded({{}, owner, {}}, jid(std::to_string(n) + "@chat.localhost"));
    refused += errors(effects) == "resource-constraint" ? 1 : 0;
  }
  CHECK(refused == 2);
  CHECK(slow.service.counts().rooms == 3);
}

TEST_CASE("a room that is read with it and made lately counts once") {
  Slow slow({.rooms_per_owner = 2});
  const xmpp::Jid owner = jid("a@localhost");
  slow.enter("a@localhost/1", "0@chat.localhost");
  slow.loaded({{}, owner, {}}, jid("0@chat.localhost"));
  slow.enter("a@localhost/1", "1@chat.localhost");
  CHECK(
      errors(slow.loaded({{}, owner, {jid("0@chat.localhost")}}, jid("1@chat.localhost"))).empty());
  CHECK(slow.service.counts().rooms == 2);
}

TEST_CASE("without a limit nobody's rooms are read") {
  Slow slow({.rooms_per_owner = SIZE_MAX});
  CHECK(loads(slow.enter("a@localhost/1"))[0].creator.empty());
  CHECK(errors(slow.loaded({})).empty());
  CHECK(slow.service.counts().rooms == 1);
}
