// SPDX-License-Identifier: Apache-2.0
// The part of RoomStore that lists public rooms. Its statements are prepared when they are needed.
#include <algorithm>

#include "db/stores/stored.h"
#include "db/stores/stores.h"

namespace db {
namespace {

// Public is what rooms are unless their setting says no (muc/features); a locked one is not open
// yet.
constexpr const char* is_public =
    " room.destroyed_at IS NULL AND NOT EXISTS (SELECT 1 FROM room_setting WHERE room_id = room.id"
    " AND (key = 'hansard#locked' AND value = '1'"
    " OR key = 'muc#roomconfig_publicroom' AND value <> '1'))";
constexpr const char* listed =
    "SELECT room.jid, coalesce(name.value, '') FROM room LEFT JOIN room_setting name"
    " ON name.room_id = room.id AND name.key = 'muc#roomconfig_roomname' WHERE";

// Behind every JID: the last code point.
const std::string the_end = "\xF4\x8F\xBF\xBF";

std::vector<muc::RoomListing> list(Session& session, const std::string& sql,
                                   const std::string& service, const std::string& border,
                                   std::size_t max) {
  const auto at_most = static_cast<std::int64_t>(std::min<std::size_t>(max, 1'000'000));
  std::string jid, name;
  Statement query(session);
  query.use(service).use(border).use(at_most).into(jid).into(name).prepare(sql.c_str());
  std::vector<muc::RoomListing> rooms;
  for (bool more = query.first(); more; more = query.next())
    rooms.push_back({stored_jid(jid), name});
  return rooms;
}

}  // namespace

RoomStore::Read<std::vector<muc::RoomListing>> RoomStore::list_public(const std::string& service,
                                                                      const std::string& after,
                                                                      std::size_t max) {
  return read_stored(readers_, [&](ReaderConnection& db) {
    return list(db.session,
                listed + std::string(is_public) +
                    " AND room.service = :a AND room.jid > :b ORDER BY room.jid LIMIT :c",
                service, after, max);
  });
}

RoomStore::Read<std::vector<muc::RoomListing>> RoomStore::list_public_before(
    const std::string& service, const std::string& before, std::size_t max) {
  return read_stored(readers_, [&](ReaderConnection& db) {
    auto rooms =
        list(db.session,
             listed + std::string(is_public) +
                 " AND room.service = :a AND room.jid < :b ORDER BY room.jid DESC LIMIT :c",
             service, before.empty() ? the_end : before, max);
    std::ranges::reverse(rooms);
    return rooms;
  });
}

RoomStore::Read<std::size_t> RoomStore::count_public(const std::string& service,
                                                     const std::string& before) {
  return read_stored(readers_, [&](ReaderConnection& db) {
    const std::string border = before.empty() ? the_end : before;
    std::int64_t rooms = 0;
    Statement(db.session)
        .use(service)
        .use(border)
        .into(rooms)
        .prepare((std::string("SELECT count(*) FROM room WHERE") + is_public +
                  " AND room.service = :a AND room.jid < :b")
                     .c_str())
        .one();
    return stored_size(rooms);
  });
}

}  // namespace db
