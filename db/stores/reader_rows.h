// SPDX-License-Identifier: Apache-2.0
// The statements of the readers, each beside its parameters and results. For db/'s own files.
#pragma once

#include <cstdint>
#include <string>

#include "db/sql/sql.h"

namespace db {
namespace rows {

struct FindRoom {
  std::string jid;
  std::int64_t id = 0, created_at = 0, number = 0, subject_at = 0;
  std::string subject_stanza;
  static constexpr const char* sql =
      "SELECT room.id, room.created_at, room_head.number, room.subject_stanza, room.subject_at"
      " FROM room JOIN room_head ON room_head.room_id = room.id"
      " WHERE room.jid = :a AND room.destroyed_at IS NULL";
  void bind(Statement& s) {
    s.use(jid);
    s.into(id);
    s.into(created_at);
    s.into(number);
    s.into(subject_stanza);
    s.into(subject_at);
  }
};

struct Settings {
  std::int64_t room_id = 0;
  std::string key, value;
  static constexpr const char* sql = "SELECT key, value FROM room_setting WHERE room_id = :a";
  void bind(Statement& s) {
    s.use(room_id);
    s.into(key);
    s.into(value);
  }
};

struct RoomVcard {
  std::int64_t room_id = 0;
  std::string vcard;
  static constexpr const char* sql = "SELECT vcard FROM room_vcard WHERE room_id = :a";
  void bind(Statement& s) {
    s.use(room_id);
    s.into(vcard);
  }
};

struct Affiliations {
  std::int64_t room_id = 0;
  std::string jid, reserved_nick;
  int affiliation = 0;
  static constexpr const char* sql =
      "SELECT jid, affiliation, reserved_nick FROM affiliation WHERE room_id = :a ORDER BY jid";
  void bind(Statement& s) {
    s.use(room_id);
    s.into(jid);
    s.into(affiliation);
    s.into(reserved_nick);
  }
};

struct People {
  std::int64_t room_id = 0;
  std::string jid, key, value;
  static constexpr const char* sql =
      "SELECT jid, key, value FROM room_person WHERE room_id = :a ORDER BY jid, key";
  void bind(Statement& s) {
    s.use(room_id);
    s.into(jid);
    s.into(key);
    s.into(value);
  }
};

struct History {
  std::int64_t room_id = 0, before = 0, since = 0, max = 0;
  std::int64_t number = 0, at_us = 0;
  std::string nick, sender, stanza;
  static constexpr const char* sql =
      "SELECT number, at_us, nick, sender, stanza FROM history"
      " WHERE room_id = :a AND number < :b AND at_us >= :c AND subject = 0"
      " ORDER BY number DESC LIMIT :d";
  void bind(Statement& s) {
    s.use(room_id);
    s.use(before);
    s.use(since);
    s.use(max);
    s.into(number);
    s.into(at_us);
    s.into(nick);
    s.into(sender);
    s.into(stanza);
  }
};

// Stays that nobody closed, of this incarnation too: a room is only read when it is not in memory
// and all that was recorded for it is settled, so nobody is inside. Last seen when the incarnation
// was that wrote them down.
struct LeftOpen {
  std::int64_t room_id = 0;
  std::string jid, session, nick;
  int affiliation = 0, role = 0;
  std::int64_t joined_at = 0, last_seen = 0;
  static constexpr const char* sql =
      "SELECT o.jid, o.session, o.nick, o.affiliation, o.role, o.joined_at,"
      " CASE WHEN h.last_seen > o.joined_at THEN h.last_seen ELSE o.joined_at END FROM occupancy o"
      " LEFT JOIN heartbeat h ON h.source = o.source"
      " WHERE o.room_id = :a ORDER BY o.joined_at, o.jid, o.session";
  void bind(Statement& s) {
    s.use(room_id);
    s.into(jid);
    s.into(session);
    s.into(nick);
    s.into(affiliation);
    s.into(role);
    s.into(joined_at);
    s.into(last_seen);
  }
};

struct RoomsLeftOpen {
  std::int64_t incarnation = 0, max = 0;
  std::string jid;
  static constexpr const char* sql =
      "SELECT jid FROM room WHERE destroyed_at IS NULL AND id IN"
      " (SELECT DISTINCT room_id FROM occupancy WHERE incarnation < :a) ORDER BY id LIMIT :b";
  void bind(Statement& s) {
    s.use(incarnation);
    s.use(max);
    s.into(jid);
  }
};

// Not locked and persistent is what rooms are unless a setting says otherwise (muc/features).
struct TemporaryRooms {
  std::string after;
  std::int64_t max = 0;
  std::string jid;
  static constexpr const char* sql =
      "SELECT jid FROM room WHERE destroyed_at IS NULL AND jid > :a AND EXISTS"
      " (SELECT 1 FROM room_setting WHERE room_id = room.id"
      " AND (key = 'hansard#locked' AND value = '1'"
      " OR key = 'muc#roomconfig_persistentroom' AND value <> '1')) ORDER BY jid LIMIT :b";
  void bind(Statement& s) {
    s.use(after);
    s.use(max);
    s.into(jid);
  }
};

// 4 is the owner (record/codes.h). Destroyed rooms keep no affiliations.
struct OwnedRooms {
  std::string account;
  std::int64_t max = 0;
  std::string jid;
  static constexpr const char* sql =
      "SELECT room.jid FROM affiliation JOIN room ON room.id = affiliation.room_id"
      " WHERE affiliation.jid = :a AND affiliation.affiliation = 4 AND room.destroyed_at IS NULL"
      " ORDER BY room.jid LIMIT :b";
  void bind(Statement& s) {
    s.use(account);
    s.use(max);
    s.into(jid);
  }
};

struct ScramText {
  std::string salt, stored_key, server_key;
  int iterations = 0;
  void bind(Statement& s) {
    s.into(salt);
    s.into(iterations);
    s.into(stored_key);
    s.into(server_key);
  }
};

struct FindAccount {
  std::string localpart;
  int enabled = 0, admin = 0;
  std::int64_t created_at = 0;
  ScramText sha1, sha256;
  static constexpr const char* sql =
      "SELECT enabled, admin, created_at, sha1_salt, sha1_iterations, sha1_stored_key,"
      " sha1_server_key, sha256_salt, sha256_iterations, sha256_stored_key, sha256_server_key"
      " FROM account WHERE localpart = :a";
  void bind(Statement& s) {
    s.use(localpart);
    s.into(enabled);
    s.into(admin);
    s.into(created_at);
    sha1.bind(s);
    sha256.bind(s);
  }
};

struct ListAccounts {
  std::string after;
  std::int64_t max = 0;
  std::string localpart;
  int enabled = 0, admin = 0;
  std::int64_t created_at = 0;
  static constexpr const char* sql =
      "SELECT localpart, enabled, admin, created_at FROM account WHERE localpart > :a"
      " ORDER BY localpart LIMIT :b";
  void bind(Statement& s) {
    s.use(after);
    s.use(max);
    s.into(localpart);
    s.into(enabled);
    s.into(admin);
    s.into(created_at);
  }
};

struct FindGroup {
  std::string name;
  std::int64_t created_at = 0, members = 0;
  static constexpr const char* sql =
      "SELECT created_at, (SELECT count(*) FROM group_member WHERE group_name = user_group.name)"
      " FROM user_group WHERE name = :a";
  void bind(Statement& s) {
    s.use(name);
    s.into(created_at);
    s.into(members);
  }
};

struct ListGroups {
  std::string after;
  std::int64_t max = 0;
  std::string name;
  std::int64_t created_at = 0, members = 0;
  static constexpr const char* sql =
      "SELECT name, created_at,"
      " (SELECT count(*) FROM group_member WHERE group_name = user_group.name)"
      " FROM user_group WHERE name > :a ORDER BY name LIMIT :b";
  void bind(Statement& s) {
    s.use(after);
    s.use(max);
    s.into(name);
    s.into(created_at);
    s.into(members);
  }
};

struct ListMembers {
  std::string name, after;
  std::int64_t max = 0;
  std::string jid;
  static constexpr const char* sql =
      "SELECT jid FROM group_member WHERE group_name = :a AND jid > :b ORDER BY jid LIMIT :c";
  void bind(Statement& s) {
    s.use(name);
    s.use(after);
    s.use(max);
    s.into(jid);
  }
};

struct FindMember {
  std::string name, jid;
  int found = 0;
  static constexpr const char* sql =
      "SELECT count(*) FROM group_member WHERE group_name = :a AND jid = :b";
  void bind(Statement& s) {
    s.use(name);
    s.use(jid);
    s.into(found);
  }
};

struct NextOutbox {
  std::int64_t after = 0, max = 0;
  std::int64_t position = 0, sn = 0, at_us = 0, room_id = 0, number = 0;
  int code = 0;
  std::string source, event_id, leaf, leaf_hash, parts;
  static constexpr const char* sql =
      "SELECT position, source, sn, event_id, code, at_us, room_id, number, leaf, leaf_hash, parts"
      " FROM outbox WHERE position > :a ORDER BY position LIMIT :b";
  void bind(Statement& s) {
    s.use(after);
    s.use(max);
    s.into(position);
    s.into(source);
    s.into(sn);
    s.into(event_id);
    s.into(code);
    s.into(at_us);
    s.into(room_id);
    s.into(number);
    s.into(leaf);
    s.into(leaf_hash);
    s.into(parts);
  }
};

}  // namespace rows

struct ReaderRows {
  explicit ReaderRows(Session& s)
      : find_room(s),
        settings(s),
        vcard(s),
        affiliations(s),
        people(s),
        history(s),
        left_open(s),
        rooms_left_open(s),
        temporary_rooms(s),
        owned_rooms(s),
        find_account(s),
        list_accounts(s),
        find_group(s),
        list_groups(s),
        list_members(s),
        find_member(s),
        next_outbox(s) {}

  Prepared<rows::FindRoom> find_room;
  Prepared<rows::Settings> settings;
  Prepared<rows::RoomVcard> vcard;
  Prepared<rows::Affiliations> affiliations;
  Prepared<rows::People> people;
  Prepared<rows::History> history;
  Prepared<rows::LeftOpen> left_open;
  Prepared<rows::RoomsLeftOpen> rooms_left_open;
  Prepared<rows::TemporaryRooms> temporary_rooms;
  Prepared<rows::OwnedRooms> owned_rooms;
  Prepared<rows::FindAccount> find_account;
  Prepared<rows::ListAccounts> list_accounts;
  Prepared<rows::FindGroup> find_group;
  Prepared<rows::ListGroups> list_groups;
  Prepared<rows::ListMembers> list_members;
  Prepared<rows::FindMember> find_member;
  Prepared<rows::NextOutbox> next_outbox;
};

}  // namespace db
