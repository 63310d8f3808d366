// SPDX-License-Identifier: Apache-2.0
// What rooms need to read back. Writing needs no store: it is derived from the events.
// Calls block: run them on workers, never on a shard. Thread-safe.
#pragma once

#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "record/codes.h"
#include "xmpp/jid.h"

namespace muc {

enum class StoreError { unavailable, corrupt };

// One message of a room as it was relayed.
struct HistoryItem {
  std::int64_t number = 0;
  base::Time at;
  std::string nick;
  xmpp::Jid sender;    // real full JID
  std::string stanza;  // canonical serialisation in scope jabber:client, without 'to'
};

struct HistoryRequest {
  std::int64_t room_id = 0;
  std::int64_t before_number = 0;   // only numbers below this one
  std::size_t max_items = 0;        // the newest ones
  base::Time since{};               // not older than this
  std::size_t max_bytes = 1 << 20;  // of their stanzas: reading ends with the one that exceeds it
};

// A page of what was said in a room and of the subjects that were set (XEP-0313), in the order of
// the room's numbers.
struct ArchiveRequest {
  std::int64_t room_id = 0;
  // What matches: numbers between these two, neither included,
  std::int64_t after = 0;
  std::int64_t before = std::numeric_limits<std::int64_t>::max();
  // from and to these times, both included, however clocks went meanwhile,
  base::Time start{std::numeric_limits<std::int64_t>::min()};
  base::Time end{std::numeric_limits<std::int64_t>::max()};
  // said by this account or, if it is a full JID, from this session,
  std::optional<xmpp::Jid> sender = {};
  // under this nick,
  std::optional<std::string> nick = {};
  // and, if there are any here, one of these numbers.
  std::vector<std::int64_t> only = {};

  // Numbers that must be there (those of `only` must anyway), or the answer is that one is missing.
  std::vector<std::int64_t> named = {};

  bool newest = false;              // the page at the end of what matches, else at its beginning
  std::size_t max_items = 0;        // 0: how many match is wanted, and none of them
  std::size_t max_bytes = 1 << 18;  // of stanzas: the page ends with the one that exceeds it
};

struct ArchivePage {
  bool missing = false;  // a number that was named is not there; nothing else is said then
  std::vector<HistoryItem> items = {};  // oldest first
  bool complete = true;                 // nothing that matches lies beyond, where the page goes on
  std::optional<std::size_t> count = {};
};

// A stay that nobody closed: of somebody who was inside when the server last stopped without saying
// so, or when the room was last dropped.
struct OpenOccupancy {
  std::string session;
  std::string nick;
  xmpp::Jid jid;
  record::Affiliation affiliation = record::Affiliation::none;
  record::Role role = record::Role::none;
  base::Time joined_at, last_seen;
};

struct StoredAffiliation {
  xmpp::Jid jid;  // bare JID or domain
  record::Affiliation affiliation = record::Affiliation::none;
  std::string reserved_nick;
};

// What a room keeps about a person besides the affiliation (people/people.h).
struct StoredPerson {
  xmpp::Jid jid;  // bare JID
  std::string key, value;
};

struct StoredRoom {
  std::int64_t id = 0;
  xmpp::Jid jid;
  base::Time created_at;
  std::int64_t last_number = 0;  // number of the last event
  std::map<std::string, std::string> settings;
  std::vector<StoredAffiliation> affiliations;
  std::vector<StoredPerson> people;
  std::string subject_stanza;  // as relayed, "" if never set
  base::Time subject_at;
  std::vector<HistoryItem> recent;  // oldest first
  std::vector<OpenOccupancy> open_occupancies;
};

struct RoomListing {
  xmpp::Jid jid;
  std::string name;
};

class RoomStore {
 public:
  virtual ~RoomStore() = default;
  // No such room: an empty optional. Only for a room that is not in memory, with all that was
  // recorded for it settled: every stay that is open is then given as one that nobody closed.
  virtual base::Result<std::optional<StoredRoom>, StoreError> load(const xmpp::Jid& room,
                                                                   std::size_t recent_max) = 0;
  virtual base::Result<std::vector<HistoryItem>, StoreError> history(
      const HistoryRequest& request) = 0;
  // Sees everything that was durable before it was called. Takes the same time for any page of any
  // room, unless `sender` or `nick` make it look at what does not match: it gives up after five
  // seconds then (unavailable).
  virtual base::Result<ArchivePage, StoreError> archive(const ArchiveRequest& request) = 0;
  // The room's vCard as it was recorded; "" if it has none. Sees everything that was durable before
  // it was called.
  virtual base::Result<std::string, StoreError> vcard(std::int64_t room_id) = 0;
  // Public rooms of a service, in order of JID, after `after` ("" = from the start).
  virtual base::Result<std::vector<RoomListing>, StoreError> list_public(const std::string& service,
                                                                         const std::string& after,
                                                                         std::size_t max) = 0;
  // The last of them before `before` ("" = the end), in order of JID all the same.
  virtual base::Result<std::vector<RoomListing>, StoreError> list_public_before(
      const std::string& service, const std::string& before, std::size_t max) = 0;
  // How many there are before `before` ("" = all).
  virtual base::Result<std::size_t, StoreError> count_public(const std::string& service,
                                                             const std::string& before) = 0;
  // Rooms that still hold open occupancies of a server that crashed.
  virtual base::Result<std::vector<xmpp::Jid>, StoreError> with_open_occupancies(
      std::size_t max) = 0;
  // Living rooms of all services that must not stay for ever (locked, or not persistent), in order
  // of JID, after `after` ("" = from the start). Whether anybody is inside is not looked at: to be
  // read, so that the rules end those that are due.
  virtual base::Result<std::vector<xmpp::Jid>, StoreError> temporary_rooms(const std::string& after,
                                                                           std::size_t at_most) = 0;
  // Living rooms of all services of which the bare JID `account` itself is an owner (not by its
  // domain, not as an administrator), in order of JID, `at_most` of them. As committed: what is
  // submitted and not yet durable is not counted.
  virtual base::Result<std::vector<xmpp::Jid>, StoreError> owned_rooms(const xmpp::Jid& account,
                                                                       std::size_t at_most) = 0;
};

}  // namespace muc
