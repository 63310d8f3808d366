// SPDX-License-Identifier: Apache-2.0
// RoomDirectory: rooms as administrators see them, from what is stored: all of them, in memory or
// not, hidden or not. Calls block: run them on workers. Thread-safe.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "muc/room_store.h"
#include "record/codes.h"
#include "xmpp/jid.h"

namespace muc {

struct RoomSummary {
  std::int64_t id = 0;
  xmpp::Jid jid;
  std::string name;
  bool is_public = true, persistent = true;
  base::Time created_at;
  base::Time last_message_at;  // 0: none is kept
  std::size_t occupants = 0;   // stays that are on record and open: one for each session
};

struct RoomDetails {
  RoomSummary summary;
  std::map<std::string, std::string> settings;  // as stored: those that differ from the fallback
  std::int64_t last_number = 0;                 // of the room's last event
  std::size_t messages = 0;                     // kept in history
  std::size_t affiliations = 0;
};

struct RoomPlace {
  std::int64_t id = 0;
  std::int64_t last_number = 0;  // of the room's last event
};

struct Stay {
  std::string nick;
  xmpp::Jid jid;  // full
  record::Affiliation affiliation = record::Affiliation::none;
  record::Role role = record::Role::none;
  base::Time joined_at;
};

class RoomDirectory {
 public:
  virtual ~RoomDirectory() = default;
  // Living rooms in order of JID, after `after` ("" = from the start); of all services if `service`
  // is "".
  virtual base::Result<std::vector<RoomSummary>, StoreError> list(const std::string& service,
                                                                  const std::string& after,
                                                                  std::size_t max) = 0;
  // No such room: an empty optional.
  virtual base::Result<std::optional<RoomPlace>, StoreError> locate(const xmpp::Jid& room) = 0;
  // The same; counts what the room holds, so that it takes the longer the more this is.
  virtual base::Result<std::optional<RoomDetails>, StoreError> find(const xmpp::Jid& room) = 0;
  // In order of JID, after `after`.
  virtual base::Result<std::vector<StoredAffiliation>, StoreError> affiliations(
      std::int64_t room_id, const std::string& after, std::size_t max) = 0;
  // Who is inside, in the order of coming.
  virtual base::Result<std::vector<Stay>, StoreError> occupants(std::int64_t room_id,
                                                                std::size_t max) = 0;
};

}  // namespace muc
