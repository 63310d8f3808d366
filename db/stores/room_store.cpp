// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <limits>

#include "db/stores/stored.h"
#include "db/stores/stores.h"

namespace db {
namespace {

std::int64_t limit(std::size_t max) {
  return static_cast<std::int64_t>(std::min<std::size_t>(max, 1'000'000));
}

std::vector<muc::HistoryItem> read_history(ReaderConnection& db,
                                           const muc::HistoryRequest& request) {
  auto& query = db.rows.history;
  query.row.room_id = request.room_id;
  query.row.before =
      request.before_number > 0 ? request.before_number : std::numeric_limits<std::int64_t>::max();
  query.row.since = request.since.us;
  query.row.max = limit(request.max_items);
  std::vector<muc::HistoryItem> items;
  std::size_t bytes = 0;
  query.each_while([&] {
    items.push_back({query.row.number,
                     {query.row.at_us},
                     query.row.nick,
                     query.row.sender.empty() ? xmpp::Jid{} : stored_jid(query.row.sender),
                     query.row.stanza});
    bytes += query.row.stanza.size();
    return bytes <= request.max_bytes;
  });
  std::ranges::reverse(items);
  return items;
}

void read_settings(ReaderConnection& db, muc::StoredRoom& room) {
  auto& query = db.rows.settings;
  query.row.room_id = room.id;
  query.each([&] { room.settings[query.row.key] = query.row.value; });
}

void read_affiliations(ReaderConnection& db, muc::StoredRoom& room) {
  auto& query = db.rows.affiliations;
  query.row.room_id = room.id;
  query.each([&] {
    room.affiliations.push_back({stored_jid(query.row.jid),
                                 stored_affiliation(query.row.affiliation),
                                 query.row.reserved_nick});
  });
}

void read_people(ReaderConnection& db, muc::StoredRoom& room) {
  auto& query = db.rows.people;
  query.row.room_id = room.id;
  query.each([&] {
    room.people.push_back({stored_jid(query.row.jid), query.row.key, query.row.value});
  });
}

void read_left_open(ReaderConnection& db, muc::StoredRoom& room) {
  auto& query = db.rows.left_open;
  query.row.room_id = room.id;
  query.each([&] {
    const auto& row = query.row;
    room.open_occupancies.push_back({row.session,
                                     row.nick,
                                     stored_jid(row.jid),
                                     stored_affiliation(row.affiliation),
                                     stored_enum(row.role, record::Role::moderator),
                                     {row.joined_at},
                                     {row.last_seen}});
  });
}

}  // namespace

RoomStore::Read<std::optional<muc::StoredRoom>> RoomStore::load(const xmpp::Jid& jid,
                                                                std::size_t recent_max) {
  return read_stored(readers_, [&](ReaderConnection& db) -> std::optional<muc::StoredRoom> {
    auto& query = db.rows.find_room;
    query.row.jid = jid.bare_str();
    if (!query.one()) return std::nullopt;
    muc::StoredRoom room;
    room.id = query.row.id;
    room.jid = jid.bare();
    room.created_at = {query.row.created_at};
    room.last_number = query.row.number;
    room.subject_stanza = query.row.subject_stanza;
    room.subject_at = {query.row.subject_at};
    read_settings(db, room);
    read_affiliations(db, room);
    read_people(db, room);
    if (recent_max > 0) room.recent = read_history(db, {room.id, 0, recent_max, {}});
    read_left_open(db, room);
    return room;
  });
}

RoomStore::Read<std::vector<muc::HistoryItem>> RoomStore::history(
    const muc::HistoryRequest& request) {
  return read_stored(readers_, [&](ReaderConnection& db) { return read_history(db, request); });
}

RoomStore::Read<std::string> RoomStore::vcard(std::int64_t room_id) {
  return read_stored(readers_, [&](ReaderConnection& db) {
    auto& query = db.rows.vcard;
    query.row.room_id = room_id;
    return query.one() ? query.row.vcard : std::string{};
  });
}

RoomStore::Read<std::vector<xmpp::Jid>> RoomStore::with_open_occupancies(std::size_t max) {
  return read_stored(readers_, [&](ReaderConnection& db) {
    auto& query = db.rows.rooms_left_open;
    query.row.incarnation = incarnation_;
    query.row.max = limit(max);
    std::vector<xmpp::Jid> rooms;
    query.each([&] { rooms.push_back(stored_jid(query.row.jid)); });
    return rooms;
  });
}

RoomStore::Read<std::vector<xmpp::Jid>> RoomStore::temporary_rooms(const std::string& after,
                                                                   std::size_t at_most) {
  return read_stored(readers_, [&](ReaderConnection& db) {
    auto& query = db.rows.temporary_rooms;
    query.row.after = after;
    query.row.max = limit(at_most);
    std::vector<xmpp::Jid> rooms;
    query.each([&] { rooms.push_back(stored_jid(query.row.jid)); });
    return rooms;
  });
}

RoomStore::Read<std::vector<xmpp::Jid>> RoomStore::owned_rooms(const xmpp::Jid& account,
                                                               std::size_t at_most) {
  return read_stored(readers_, [&](ReaderConnection& db) {
    auto& query = db.rows.owned_rooms;
    query.row.account = account.bare_str();
    query.row.max = limit(at_most);
    std::vector<xmpp::Jid> rooms;
    query.each([&] { rooms.push_back(stored_jid(query.row.jid)); });
    return rooms;
  });
}

}  // namespace db
