// SPDX-License-Identifier: Apache-2.0
// The vCards of rooms: the last that was set, or none. For derive.cpp.
#pragma once

#include <cstdint>
#include <string>

#include "db/sql/sql.h"

namespace db {

namespace rows {

struct PutRoomVcard {
  std::int64_t room_id = 0;
  std::string vcard;
  static constexpr const char* sql =
      "INSERT INTO room_vcard (room_id, vcard) VALUES (:a, :b)"
      " ON CONFLICT (room_id) DO UPDATE SET vcard = excluded.vcard";
  void bind(Statement& s) {
    s.use(room_id);
    s.use(vcard);
  }
};

struct DeleteRoomVcard {
  std::int64_t room_id = 0;
  static constexpr const char* sql = "DELETE FROM room_vcard WHERE room_id = :a";
  void bind(Statement& s) { s.use(room_id); }
};

}  // namespace rows

class RoomVcards {
 public:
  explicit RoomVcards(Session& session) : put_(session), remove_(session) {}

  void put(std::int64_t room_id, const std::string& vcard) {
    if (vcard.empty()) return remove(room_id);
    put_.row.room_id = room_id;
    put_.row.vcard = vcard;
    put_.run();
  }
  void remove(std::int64_t room_id) {
    remove_.row.room_id = room_id;
    remove_.run();
  }

 private:
  Prepared<rows::PutRoomVcard> put_;
  Prepared<rows::DeleteRoomVcard> remove_;
};

}  // namespace db
