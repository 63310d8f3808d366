// SPDX-License-Identifier: Apache-2.0
// Asked seldom, so its statements are prepared when they are needed.
#include <algorithm>

#include "db/stores/stored.h"
#include "db/stores/stores.h"

namespace db {
namespace {

// Public and persistent is what rooms are unless a setting says otherwise (muc/features). Stays of
// earlier incarnations are what a crash left open: nobody is inside because of them.
constexpr const char* summary_columns =
    "SELECT room.id, room.jid,"
    " coalesce((SELECT value FROM room_setting WHERE room_id = room.id"
    "  AND key = 'muc#roomconfig_roomname'), ''),"
    " coalesce((SELECT value FROM room_setting WHERE room_id = room.id"
    "  AND key = 'muc#roomconfig_publicroom'), '1') = '1',"
    " coalesce((SELECT value FROM room_setting WHERE room_id = room.id"
    "  AND key = 'muc#roomconfig_persistentroom'), '1') = '1',"
    " room.created_at,"
    " coalesce((SELECT at_us FROM history WHERE room_id = room.id ORDER BY number DESC LIMIT 1), "
    "0),"
    " (SELECT count(*) FROM occupancy WHERE room_id = room.id AND incarnation = :a)"
    " FROM room WHERE room.destroyed_at IS NULL";

struct SummaryRow {
  std::int64_t id = 0, created_at = 0, last_message_at = 0, occupants = 0;
  std::string jid, name;
  int is_public = 0, persistent = 0;

  void into(Statement& s) {
    s.into(id).into(jid).into(name).into(is_public).into(persistent);
    s.into(created_at).into(last_message_at).into(occupants);
  }
  muc::RoomSummary summary() const {
    return {id,
            stored_jid(jid),
            name,
            is_public != 0,
            persistent != 0,
            {created_at},
            {last_message_at},
            stored_size(occupants)};
  }
};

std::int64_t limit(std::size_t max) {
  return static_cast<std::int64_t>(std::min<std::size_t>(max, 1'000'000));
}

std::size_t count(Session& session, const char* sql, std::int64_t room_id) {
  std::int64_t rows = 0;
  Statement(session).use(room_id).into(rows).prepare(sql).one();
  return stored_size(rows);
}

void read_settings(Session& session, muc::RoomDetails& room) {
  std::string key, value;
  Statement query(session);
  query.use(room.summary.id)
      .into(key)
      .into(value)
      .prepare("SELECT key, value FROM room_setting WHERE room_id = :a");
  for (bool more = query.first(); more; more = query.next()) room.settings[key] = value;
}

}  // namespace

RoomDirectory::Read<std::vector<muc::RoomSummary>> RoomDirectory::list(const std::string& service,
                                                                       const std::string& after,
                                                                       std::size_t max) {
  return read_stored(readers_, [&](ReaderConnection& db) {
    const std::string sql = std::string(summary_columns) +
                            (service.empty() ? "" : " AND room.service = :b") +
                            " AND room.jid > :c ORDER BY room.jid LIMIT :d";
    const std::int64_t incarnation = incarnation_, at_most = limit(max);
    SummaryRow row;
    Statement query(db.session);
    query.use(incarnation);
    if (!service.empty()) query.use(service);
    query.use(after).use(at_most);
    row.into(query);
    query.prepare(sql.c_str());
    std::vector<muc::RoomSummary> rooms;
    for (bool more = query.first(); more; more = query.next()) rooms.push_back(row.summary());
    return rooms;
  });
}

RoomDirectory::Read<std::optional<muc::RoomPlace>> RoomDirectory::locate(const xmpp::Jid& jid) {
  return read_stored(readers_, [&](ReaderConnection& db) -> std::optional<muc::RoomPlace> {
    const std::string name(jid.bare_str());
    muc::RoomPlace place;
    Statement query(db.session);
    query.use(name).into(place.id).into(place.last_number);
    query.prepare(
        "SELECT room.id, room_head.number FROM room JOIN room_head ON room_head.room_id = room.id"
        " WHERE room.jid = :a AND room.destroyed_at IS NULL");
    if (!query.one()) return std::nullopt;
    return place;
  });
}

RoomDirectory::Read<std::optional<muc::RoomDetails>> RoomDirectory::find(const xmpp::Jid& jid) {
  return read_stored(readers_, [&](ReaderConnection& db) -> std::optional<muc::RoomDetails> {
    const std::int64_t incarnation = incarnation_;
    const std::string name(jid.bare_str());
    SummaryRow row;
    Statement query(db.session);
    query.use(incarnation).use(name);
    row.into(query);
    if (!query.prepare((std::string(summary_columns) + " AND room.jid = :b").c_str()).one())
      return std::nullopt;
    muc::RoomDetails room{.summary = row.summary()};
    Statement(db.session)
        .use(row.id)
        .into(room.last_number)
        .prepare("SELECT number FROM room_head WHERE room_id = :a")
        .one();
    room.messages = count(
        db.session, "SELECT count(*) FROM history WHERE room_id = :a AND subject = 0", row.id);
    room.affiliations =
        count(db.session, "SELECT count(*) FROM affiliation WHERE room_id = :a", row.id);
    read_settings(db.session, room);
    return room;
  });
}

RoomDirectory::Read<std::vector<muc::StoredAffiliation>> RoomDirectory::affiliations(
    std::int64_t room_id, const std::string& after, std::size_t max) {
  return read_stored(readers_, [&](ReaderConnection& db) {
    const std::int64_t at_most = limit(max);
    std::string jid, reserved_nick;
    int affiliation = 0;
    Statement query(db.session);
    query.use(room_id).use(after).use(at_most).into(jid).into(affiliation).into(reserved_nick);
    query.prepare(
        "SELECT jid, affiliation, reserved_nick FROM affiliation"
        " WHERE room_id = :a AND jid > :b ORDER BY jid LIMIT :c");
    std::vector<muc::StoredAffiliation> found;
    for (bool more = query.first(); more; more = query.next())
      found.push_back({stored_jid(jid), stored_affiliation(affiliation), reserved_nick});
    return found;
  });
}

RoomDirectory::Read<std::vector<muc::Stay>> RoomDirectory::occupants(std::int64_t room_id,
                                                                     std::size_t max) {
  return read_stored(readers_, [&](ReaderConnection& db) {
    const std::int64_t incarnation = incarnation_, at_most = limit(max);
    std::string jid, nick;
    int affiliation = 0, role = 0;
    std::int64_t joined_at = 0;
    Statement query(db.session);
    query.use(room_id).use(incarnation).use(at_most);
    query.into(nick)
        .into(jid)
        .into(affiliation)
        .into(role)
        .into(joined_at)
        .prepare(
            "SELECT nick, jid, affiliation, role, joined_at FROM occupancy"
            " WHERE room_id = :a AND incarnation = :b ORDER BY joined_at, jid LIMIT :c");
    std::vector<muc::Stay> found;
    for (bool more = query.first(); more; more = query.next())
      found.push_back({nick,
                       stored_jid(jid),
                       stored_affiliation(affiliation),
                       stored_enum(role, record::Role::moderator),
                       {joined_at}});
    return found;
  });
}

}  // namespace db
