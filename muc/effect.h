// SPDX-License-Identifier: Apache-2.0
// What the world is asked to do. Nothing in muc/ acts.
//
// The effects of one room form a queue. An effect is released when every Record before it is
// durable; effects with nothing to record wait behind those that have. Order is never broken.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/payload.h"
#include "base/receipt.h"
#include "muc/room_store.h"
#include "record/event.h"
#include "xmpp/element.h"
#include "xmpp/errors/stanza_error.h"
#include "xmpp/jid.h"

namespace muc {

// Made durable before what follows is released.
struct Record {
  record::Event event;
};

// Recorded too, after the Records of the same turn. Nothing waits for it, and where it cannot be
// recorded nothing else changes: what was refused (refusals.h).
struct Aside {
  record::Event event;
};

// Stanzas to one address, in order. Payloads have a hole for 'to'.
struct Send {
  xmpp::Jid to;
  std::vector<base::Payload> stanzas;
  bool at_once = false;  // outside the room's order: the answer to a self-ping (XEP-0410)
  std::optional<xmpp::Condition> refusal = {};  // it is an error of the room's own, for statistics
  // A read that this is the answer to: recorded when it is due, before it is sent. Nothing else
  // waits for that.
  std::shared_ptr<const record::Event> read = {};
};

// A message of the room to anybody, inside or not, by bare or full JID: it goes to wherever the
// address lives, and an error may come back from there. If its record is refused, `sender` is told
// so in answer to its own message `sender_id`; nobody is if that is empty.
struct Route {
  xmpp::Element message;
  xmpp::Jid sender = {};
  std::string sender_id = {};
};

using OccupantNumber = std::uint32_t;  // a stay on one nick; unique within a room's life in memory

// The audience: who hears the room's broadcasts. One seat for each joined full JID. Seats are kept
// by the runner, on the shard of each session, in the order of these effects.
struct Seat {
  xmpp::Jid jid;  // full JID
  OccupantNumber occupant = 0;
  bool sees_jids = false;  // gets the variant with real JIDs
};
struct Unseat {
  xmpp::Jid jid;
};

// To every seat but those of `except`, the variant it may see. A payload without bytes is not sent.
struct Broadcast {
  base::Payload with_jids;
  base::Payload without_jids;
  std::optional<OccupantNumber> except = {};
};

// Stored history for one who just joined and asked for more than the room keeps in memory. From
// this effect on the seat of `to` is held: broadcasts to it wait. The runner reads the store, has
// Service::render_history make the stanzas, sends those, then `then` (the subject), then what
// waited, and calls Service::history_given. Other effects of the room do not wait.
struct HistoryQuery {
  xmpp::Jid to;
  HistoryRequest request;
  std::optional<std::size_t> max_chars = {};
  record::Event
      viewed;  // a read (history.viewed, via join) without its counts: recorded before it is sent
  std::vector<base::Payload> then;
  xmpp::Jid room;
};

// A question about the room's archive (XEP-0313): the runner has read_archive (history/archive.h)
// make the answer, on a worker, records `viewed` if there is any, and sends it. Nothing else of the
// room waits for that.
struct ArchiveQuery {
  xmpp::Element iq;  // without its children
  ArchiveRequest request;
  bool metadata = false;  // only where the archive begins and ends is asked
  std::string query_id = {};
  bool flipped = false;
  bool shows_jids = false;                   // the asker may see who said it
  std::optional<record::Event> viewed = {};  // a read (history.viewed, via mam) without its counts
  std::shared_ptr<const void> place = {};    // one of the few questions that its asker may have
};

// A question for the room's vCard: the runner has read_vcard (state/vcard.h) make the answer, on a
// worker, and sends it. Nothing else of the room waits for that.
struct VcardQuery {
  xmpp::Element iq;  // without its children
  std::int64_t room_id = 0;
  std::shared_ptr<const void> place = {};  // one of the few questions that its asker may have
};

// disco#items of the service: the runner reads a page (read_rooms) and gives it to
// Service::render_rooms.
struct RoomsQuery {
  xmpp::Element iq;
};

// The room is not in memory: read it (read_room, after every earlier Record) and call
// Service::loaded.
struct Load {
  xmpp::Jid room;
  // Not empty: an account that may make the room if there is none. Then its own rooms matter too.
  xmpp::Jid creator = {};
  std::size_t owned_max = 0;
};

// The room is gone from memory; forget its seats once earlier effects are out.
struct Unload {
  xmpp::Jid room;
};

// A stanza has led to all that stands before this: once that is out, or dropped, it is done with.
struct Handled {
  base::Receipt receipt;
};

using Effect = std::variant<Record, Aside, Send, Route, Seat, Unseat, Broadcast, HistoryQuery,
                            ArchiveQuery, VcardQuery, RoomsQuery, Load, Unload, Handled>;
using Effects = std::vector<Effect>;

}  // namespace muc
