// SPDX-License-Identifier: Apache-2.0
#include "bench/storage/storage.h"

namespace bench::storage {

std::string one_to(const db::Session& session, std::int64_t count) {
  const std::string end = std::to_string(count);
  if (session.dialect() == db::Dialect::postgres)
    return " FROM generate_series(1, " + end + ") AS n(n)";
  return " FROM (WITH RECURSIVE n(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < " + end +
         ") SELECT n FROM n) AS n";
}

void make_stored_rooms(const db::Target& target, std::int64_t count) {
  db::Session session(target, db::Session::Use::full);
  const auto of_all = one_to(session, count);
  const std::string sql =
      "BEGIN;"
      "INSERT INTO room (id, jid, service, created_at)"
      " SELECT n, 'room' || n || '@chat.localhost', 'chat.localhost', n" +
      of_all +
      ";"
      "INSERT INTO room_head (room_id, number, hash, epoch)"
      " SELECT n, 3, '" +
      std::string(64, '0') + "', 1" + of_all +
      ";"
      "INSERT INTO room_setting (room_id, key, value)"
      " SELECT n, 'muc#roomconfig_roomname', 'Room ' || n" +
      of_all +
      ";"
      "INSERT INTO affiliation (room_id, jid, affiliation, reserved_nick)"
      " SELECT n, 'user' || (n % 1000) || '@localhost', 4, ''" +
      of_all +
      ";"
      "INSERT INTO history (room_id, number, at_us, nick, sender, stanza)"
      " SELECT n, 2, n, 'nick', 'user@localhost/pda',"
      " '<message xmlns=''jabber:client'' type=''groupchat''><body>text</body></message>'" +
      of_all + ";COMMIT;";
  session.script(sql.c_str());
}

void make_stored_people(const db::Target& target, const std::string& name, std::int64_t count,
                        std::int64_t messages) {
  db::Session session(target, db::Session::Use::full);
  const std::string sql =
      "BEGIN;"
      "INSERT INTO account (localpart, enabled, admin, created_at, sha1_salt, sha1_iterations,"
      " sha1_stored_key, sha1_server_key, sha256_salt, sha256_iterations, sha256_stored_key,"
      " sha256_server_key) SELECT '" +
      name + "' || n, 1, 0, 0, '', 1, '', '', '', 1, '', ''" + one_to(session, count) +
      ";"
      "INSERT INTO archived_message (localpart, number, at_us, peer, resource, stanza)"
      " SELECT '" +
      name + "' || (1 + n % " + std::to_string(count) +
      "), n, n, 'peer' || n % 10 || '@localhost', '',"
      " '<message xmlns=''jabber:client'' type=''chat''><body>text</body></message>'" +
      one_to(session, count * messages) + ";COMMIT;";
  session.script(sql.c_str());
}

}  // namespace bench::storage
