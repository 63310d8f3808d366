// SPDX-License-Identifier: Apache-2.0
// XEP-0059 paging of disco#items: together the pages are every public room once, however many.
#include <catch2/catch.hpp>
#include <set>

#include "muc/service.h"
#include "tests/scripts/runner/memory_store.h"
#include "xmpp/ns.h"

namespace {

constexpr std::size_t rooms = 10'500;

void fill(tests::MemoryRoomStore& store) {
  for (std::size_t i = 1; i <= rooms; ++i) {
    record::Event event;
    event.room_id = static_cast<std::int64_t>(i);
    event.number = 1;
    event.body = record::RoomCreated{
        *xmpp::Jid::parse("r" + std::to_string(100'000 + i) + "@chat.localhost"), {}};
    store.apply(event);
  }
}

xmpp::Element ask(const std::string& which, const std::string& value) {
  xmpp::Element iq("iq", xmpp::ns::client);
  iq.set_attr("type", "get").set_attr("id", "1");
  auto& set = iq.add("query", xmpp::ns::disco_items).add("set", xmpp::ns::rsm);
  set.add("max", xmpp::ns::rsm).set_text("500");
  if (!which.empty()) set.add(which, xmpp::ns::rsm).set_text(value);
  return iq;
}

std::set<std::string> walk(tests::MemoryRoomStore& store, const std::string& which, bool from_end) {
  std::set<std::string> seen;
  std::string next;
  for (bool first = true;; first = false) {
    const auto page =
        muc::read_rooms(store, "chat.localhost", ask(first && !from_end ? "" : which, next));
    REQUIRE(page);
    CHECK(page->all == rooms);
    if (page->rooms.empty()) return seen;
    CHECK(page->first == (from_end ? rooms - seen.size() - page->rooms.size() : seen.size()));
    for (const auto& room : page->rooms) CHECK(seen.insert(room.jid.str()).second);
    next = from_end ? page->rooms.front().jid.str() : page->rooms.back().jid.str();
  }
}

TEST_CASE("more than 10,000 rooms are walked through, from the start and from the end") {
  tests::MemoryRoomStore store;
  fill(store);
  CHECK(walk(store, "after", false).size() == rooms);
  CHECK(walk(store, "before", true).size() == rooms);
}

TEST_CASE("a page of none only counts; without a page asked for there are at most 500") {
  tests::MemoryRoomStore store;
  fill(store);
  auto iq = ask("", "");
  iq.child("query", xmpp::ns::disco_items)
      ->child("set", xmpp::ns::rsm)
      ->child("max", xmpp::ns::rsm)
      ->set_text("0");
  const auto none = muc::read_rooms(store, "chat.localhost", iq);
  REQUIRE(none);
  CHECK(none->rooms.empty());
  CHECK(none->all == rooms);
  xmpp::Element plain("iq", xmpp::ns::client);
  plain.add("query", xmpp::ns::disco_items);
  CHECK(muc::read_rooms(store, "chat.localhost", plain)->rooms.size() == 500);
}

}  // namespace
