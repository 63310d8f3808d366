// SPDX-License-Identifier: Apache-2.0
#include "bench/storage/archive_rows.h"

#include "xmpp/jid.h"

namespace bench::storage {

using compliance::OutboxRow;

namespace {

constexpr std::int64_t rooms = 20, people = 50;

}  // namespace

std::vector<OutboxRow> ArchiveRows::next(std::size_t count) {
  std::vector<OutboxRow> out;
  for (std::size_t i = 0; i < count; ++i) out.push_back(row(event()));
  return out;
}

record::Event ArchiveRows::event() {
  const std::int64_t n = made_++, room = 1 + n % rooms;
  record::Event event;
  event.at = clock_.wall();
  event.room_id = room;
  const auto who = std::to_string(n / rooms % people) + "-" + std::to_string(room);
  event.actor = {*xmpp::Jid::parse("person" + who + "@localhost/pda"), "s-" + who,
                 record::Affiliation::member, record::Role::participant};
  if (rooms_[room].number == 0) {
    event.body = record::RoomCreated{
        *xmpp::Jid::parse("room" + std::to_string(room) + "@chat.localhost"), {}};
  } else if (n / rooms % 20 == 7) {
    event.actor.session = "s-guest-" + std::to_string(room);
    auto& away = rooms_[room].away;
    if (away)
      event.body = record::OccupantLeft{"guest"};
    else
      event.body = record::OccupantJoined{"guest"};
    away = !away;
  } else {
    static const std::string body(80, 'm');
    const std::string id = "5f3c6f0e-93b7-4e65-9d2e-" + std::to_string(n);
    event.body = record::MessagePosted{
        "romeo",
        "<message xmlns='jabber:client' type='groupchat' id='" + id + "'><body>" + body +
            "</body><origin-id xmlns='urn:xmpp:sid:0' id='" + id + "'/></message>",
        body, id};
  }
  return event;
}

OutboxRow ArchiveRows::row(record::Event event) {
  auto& room = rooms_[event.room_id];
  event.number = ++room.number;
  record::Placement placement;
  placement.source = "n1.1";
  placement.sn = ++sn_;
  placement.previous = hash_;
  placement.room_previous = room.hash;
  placement.id = base::uuid7(random_, event.at);
  placement.mono_ns = clock_.monotonic().us * 1000;
  placement.boot = "4b1d0f3a-97a9-4f9d-8ab6-6f1a8b8f3c11";
  placement.local_domain = "localhost";
  auto leaf = record::build_leaf(event, placement, pseudonyms_, random_);
  hash_ = room.hash = leaf.hash;
  OutboxRow out;
  out.position = sn_;
  out.source = placement.source;
  out.sn = sn_;
  out.event_id = placement.id;
  out.code = static_cast<int>(event.code());
  out.at_us = event.at.us;
  out.room_id = event.room_id;
  out.number = event.number;
  out.leaf = std::move(leaf.bytes);
  out.leaf_hash = leaf.hash;
  out.parts = std::move(leaf.parts);
  return out;
}

}  // namespace bench::storage
