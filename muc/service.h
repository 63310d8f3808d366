// SPDX-License-Identifier: Apache-2.0
// Service: one MUC service (XEP-0045), that is one domain that hosts rooms, or the part of its
// rooms that lives on one shard. Pure: a stanza and the time go in, effects come out. Doors: handle
// (a stanza came), loaded (a store answered), tick (time passed), drop and shut_down.
#pragma once

#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/random.h"
#include "base/receipt.h"
#include "base/result.h"
#include "base/time.h"
#include "muc/effect.h"
#include "muc/room_store.h"
#include "xmpp/element.h"
#include "xmpp/jid.h"

namespace muc {

struct Limits {
  std::size_t nick_bytes = 255;        // LIM-NICK
  std::size_t room_occupants = 20000;  // LIM-OCC
  std::size_t room_affiliations = 50000;
  // Above it who comes is seen once it speaks, moderators at once; SIZE_MAX: everybody always is.
  std::size_t large_room_occupants = std::numeric_limits<std::size_t>::max();
  std::size_t rooms_per_owner = 100;  // LIM-ROOMS; SIZE_MAX: unlimited
  std::size_t history_on_join = 30;   // stanzas kept in memory and given when nothing is asked for
  std::size_t history_max = 500;      // the most a joiner may ask for
  std::size_t history_bytes = 1 << 20;  // the most that is kept in memory, and given to a joiner
  std::size_t archive_page = 100;       // LIM-MAM: the most that one page of an archive has
  std::size_t stanza_bytes = 262'144;   // LIM-STANZA: the most that an answer may have
  std::size_t stanza_elements = 5'000;  // LIM-EL: the same
};

struct Secrets {
  std::string id_key;           // 16 bytes: AES key of stanza ids
  std::string occupant_id_key;  // 32 bytes: HMAC key of XEP-0421
};

struct ServiceConfig {
  std::string domain;  // "chat.localhost"
  std::string name = "Chat rooms";
  Limits limits = {};
  Secrets secrets = {};
  bool anyone_may_create = true;
  std::optional<xmpp::Element> about = {};  // a form that disco#info of the service shows too
  unsigned lane = 0;  // of base::TimeOrderedIds: each Service of a process has its own
  std::vector<xmpp::Jid> admins = {};             // bare JIDs that may do as owners do
  base::Micros unload_after = base::seconds(60);  // a room without occupants
  base::Micros lock_timeout = base::minutes(10);  // an unconfigured room
};

// What was read for a Load.
struct Found {
  std::optional<StoredRoom> room;
  xmpp::Jid creator;             // if there is no such room: as asked for
  std::vector<xmpp::Jid> owned;  // its rooms
};
using Reading = base::Result<Found, StoreError>;
// Does what a Load asks for. Blocks: on workers only.
Reading read_room(RoomStore& store, const Load& load, std::size_t recent_max);

// A page of the public rooms, as a RoomsQuery's <set/> asks for it (XEP-0059).
struct RoomsPage {
  std::vector<RoomListing> rooms;  // in order of JID
  std::size_t first = 0;           // how many come before the page
  std::size_t all = 0;             // how many there are
};
// Does what a RoomsQuery asks for. Blocks: on workers only.
base::Result<RoomsPage, StoreError> read_rooms(RoomStore& store, const std::string& service,
                                               const xmpp::Element& iq);

struct RoomEffects {
  xmpp::Jid room;
  Effects effects;
};

class Room;

class Service {
 public:
  // `random` must outlive the service.
  Service(ServiceConfig config, base::Random& random);
  ~Service();

  // `stanza` is addressed to this domain (to the service, a room or an occupant) and carries a
  // `from` that the server vouches for. While its room is being read the stanza waits inside. A
  // receipt comes back as Handled behind what the stanza led to.
  Effects handle(xmpp::Element stanza, base::Time now, base::Receipt receipt = {});
  // Whether handling it would need a record, so that the door can refuse it while nothing can be
  // recorded. Unavailable presence never does.
  bool needs_record(const xmpp::Element& stanza) const;

  // It was refused before it came here: what goes on record of that.
  Effects refused(xmpp::Element stanza, xmpp::Condition why, base::Time now);

  // What a Load effect asked for.
  Effects loaded(const xmpp::Jid& room, Reading result, base::Time now);

  // Reads the room if it is not in memory (a Load effect), so that what a crash left open is
  // closed.
  Effects wake(const xmpp::Jid& room);

  // Time-outs: locked rooms, rooms to unload.
  std::vector<RoomEffects> tick(base::Time now);

  // The record of this room failed (Outcome::broken, fenced): forget it and tell its occupants. It
  // is read again when next needed.
  Effects drop(const xmpp::Jid& room);
  // Everybody out with status 332 (XEP-0045 11.2).
  std::vector<RoomEffects> shut_down(base::Time now);

  // Messages are gone from the room's stored history: those with numbers up to `up_to` that are
  // older than `before`. Whoever enters is not given them from memory either.
  void forget_history(const xmpp::Jid& room, std::int64_t up_to, base::Time before);

  // The stanzas of a HistoryQuery are out, or never will be: `to` may ask for the next.
  void history_given(const xmpp::Jid& room, const xmpp::Jid& to);
  // History as it goes to one who joined, oldest first; for HistoryQuery.
  struct RenderedHistory {
    std::vector<base::Payload> stanzas;
    std::int64_t first = 0, last = 0;  // room numbers given out
  };
  RenderedHistory render_history(const HistoryQuery& query,
                                 const std::vector<HistoryItem>& items) const;
  // The answer to RoomsQuery.
  xmpp::Element render_rooms(const xmpp::Element& iq, const RoomsPage& page) const;

  // From now on. What there is already stays as it is: an occupant keeps its affiliation until it
  // is looked up again, a room that is over a new limit only takes nobody new. What history_on_join
  // and history_bytes say holds from the start only.
  void set_limits(const Limits& limits);
  void set_admins(std::vector<xmpp::Jid> admins);
  bool in_memory(const xmpp::Jid& room) const;

  struct Counts {
    std::size_t rooms = 0, occupants = 0;
  };
  Counts counts() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace muc
