// SPDX-License-Identifier: Apache-2.0
// The stable numbers of the record. They stand in archives for decades: never renumber, never
// reuse.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace record {

enum class Code : std::uint16_t {
  message_posted = 101,
  message_corrected = 102,
  message_retracted = 103,
  message_moderated = 104,
  message_reaction = 105,
  message_rejected = 106,
  subject_changed = 107,
  direct_message = 110,
  occupant_joined = 201,
  occupant_left = 202,
  nick_changed = 203,
  join_refused = 204,
  history_viewed = 401,
  list_read = 403,
  own_archive_viewed = 404,
  room_created = 501,
  config_changed = 502,
  room_destroyed = 503,
  affiliation_changed = 507,
  role_changed = 508,
  invitation_sent = 509,
  invitation_answered = 510,
  retention_changed = 511,
  person_changed = 512,
  room_vcard_changed = 513,
  voice_requested = 514,
  account_changed = 601,
  auth_refused = 602,
  session_changed = 603,
  admin_command = 604,
  server_started = 606,
  server_stopped = 607,
  crash_detected = 608,
  archive_mode_changed = 609,
  clock_stepped = 610,
  restore_detected = 612,
  group_changed = 620,
  // Personal: these never stand in an archive.
  roster_changed = 1001,
  private_xml_changed = 1002,
  vcard_changed = 1003,
  pep_node_changed = 1004,
  pep_item_changed = 1005,
  archive_preferences_changed = 1006,
};

// The four classes of event.
enum class Class : std::uint8_t {
  room,  // takes the room's next number; gates what follows it in the room
  // Takes a number of the source only and notes "room at number n"; gates its own answer, and where
  // it is a refusal nothing.
  read,
  account,  // takes a number of the source only; gates its own answer, the message it is of, or
            // nothing (logins)
  // What a person keeps for themselves (record/personal.h): committed in order with the rest and
  // gating its own answer; no number, no leaf, no copy for the archive. An address book or a
  // bookmark is not something said to others, and the archive is no place for what nobody was told.
  personal,
};

struct CodeInfo {
  Code code;
  std::string_view name;  // "message.posted"
  Class cls;
  // For the table of docs/archive-format.md; Markdown. Personal ones have no leaf and say nothing.
  std::string_view d;      // what stands in the member `d`
  std::string_view parts;  // in their order, those that need not be there in parentheses
};
std::span<const CodeInfo> all_codes();  // in order of number
const CodeInfo& info(Code code);
std::string_view name(Class c);
// `text` with the table of events, made of the above, between the two lines that mark its place.
std::string with_event_table(std::string_view text);

enum class Affiliation : std::uint8_t { outcast = 0, none = 1, member = 2, admin = 3, owner = 4 };
enum class Role : std::uint8_t { none = 0, visitor = 1, participant = 2, moderator = 3 };

// Why an occupant is no longer there.
enum class LeaveCause : std::uint8_t {
  leave = 0,
  kick = 1,
  ban = 2,
  timeout = 3,
  s2s = 4,
  crash = 5,
  destroy = 6,
  shutdown = 7,
  members_only = 8,
  affiliation = 9,
  replaced = 10,
};
std::string_view name(Affiliation a);  // as XEP-0045 spells them
std::string_view name(Role r);
std::string_view name(LeaveCause c);

}  // namespace record
