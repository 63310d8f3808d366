// SPDX-License-Identifier: Apache-2.0
// Status codes of <x xmlns='http://jabber.org/protocol/muc#user'/>, XEP-0045 16.6.2.
#pragma once

#include <cstdint>
#include <vector>

namespace muc {

enum class Status : std::uint16_t {
  non_anonymous = 100,       // on entry: everybody here sees real JIDs
  changed_while_away = 101,  // an affiliation, of somebody who was not inside
  config_changed = 104,      // some setting that does not touch privacy
  self_presence = 110,
  logged = 170,  // what is said is kept where those who may enter can read it; on entry, and when
                 // it begins
  not_logged = 171,
  now_non_anonymous = 172,
  now_semi_anonymous = 173,
  room_created = 201,
  nick_assigned = 210,  // the service chose or changed the nick
  banned = 301,
  nick_changed = 303,
  kicked = 307,
  affiliation_lost = 321,  // no longer a member of a members-only room
  now_members_only = 322,  // the room became members-only around a non-member
  service_shutdown = 332,
  technical_error = 333,
};

using Codes = std::vector<Status>;

}  // namespace muc
