// SPDX-License-Identifier: Apache-2.0
// Keeper: runs the rooms of one service on one shard. It hands stanzas to the rules and carries out
// their effects in order: what follows a Record waits until the record is durable, and everything
// after it waits behind it. Record first, then speak; this file is where that is true.
//
// One line (queue) for each room, see line.h. All calls on the shard's thread.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/log.h"
#include "base/receipt.h"
#include "base/time.h"
#include "muc/history/archive.h"
#include "muc/service.h"
#include "net/loop/loop.h"
#include "net/loop/workers.h"
#include "record/recorder.h"
#include "src/rooms/door.h"
#include "src/rooms/line.h"
#include "src/rooms/room_meters.h"
#include "xmpp/errors/stanza_error.h"

namespace server {

// Where released effects go. Called in order for each room.
class RoomOutput {
 public:
  virtual ~RoomOutput() = default;
  virtual void send(const xmpp::Jid& to, std::vector<base::Payload> stanzas) = 0;
  // Through the router. Nothing that comes of it may lead back to the keeper within the call.
  virtual void route(xmpp::Element message) = 0;
  virtual void seat(const xmpp::Jid& room, muc::Seat seat) = 0;
  virtual void unseat(const xmpp::Jid& room, const xmpp::Jid& jid) = 0;
  virtual void broadcast(const xmpp::Jid& room, muc::Broadcast broadcast) = 0;
  virtual void forget(const xmpp::Jid& room) = 0;
  // Holds are numbered: a release is for that hold only, wherever the seat has gone meanwhile.
  virtual void hold(const xmpp::Jid& room, const xmpp::Jid& jid, std::uint64_t number) = 0;
  virtual void release(const xmpp::Jid& room, const xmpp::Jid& jid, std::uint64_t number,
                       std::vector<base::Payload> first) = 0;
};

class Keeper {
 public:
  // What it works with; all must outlive it.
  struct Parts {
    net::Loop& loop;
    net::Workers& workers;
    record::Recorder& recorder;
    muc::RoomStore& store;
    const base::Clock& clock;
    base::Log& log;
    const Door& door;
    RoomOutput& output;
    RoomMeters::Shard& meters;
    BacklogLimits backlog = {};
    // What reads pages of archives, so that nobody who enters waits behind them. Null: `workers`.
    net::Workers* archive_workers = nullptr;
  };

  Keeper(muc::ServiceConfig config, base::Random& random, const Parts& parts);
  ~Keeper();
  Keeper(const Keeper&) = delete;
  Keeper& operator=(const Keeper&) = delete;

  // Starts the clock of time-outs; once, on the shard's thread.
  void start();

  // `room`: the bare JID of the stanza's `to`, which names its line. Stanzas to the service itself
  // share one. `receipt` waits in that line behind what the stanza leads to, and is let go when
  // this is said or refused.
  void handle(const xmpp::Jid& room, xmpp::Element stanza, base::Receipt receipt = {});
  // Reads the room if it is not in memory, so that leaves missing since a crash are written.
  void wake(const xmpp::Jid& room);
  // Everybody out with status 332; `done` runs when all that is durable and said. Afterwards
  // everything is refused.
  void shut_down(std::function<void()> done);

  void set_limits(const muc::Limits& limits) { service_.set_limits(limits); }
  void set_admins(std::vector<xmpp::Jid> admins) { service_.set_admins(std::move(admins)); }
  void forget_history(const xmpp::Jid& room, std::int64_t up_to, base::Time before) {
    service_.forget_history(room, up_to, before);
  }
  bool in_memory(const xmpp::Jid& room) const { return service_.in_memory(room); }
  muc::Service::Counts counts() const { return service_.counts(); }

 private:
  void run(const xmpp::Jid& room, muc::Effects effects);
  void settled(const xmpp::Jid& room, std::uint64_t ticket, record::Outcome outcome);
  void refused(const xmpp::Jid& room, Line& line, record::Outcome outcome);
  void release(const xmpp::Jid& room, Line& line);
  void tick();
  void wake_dropped();
  void publish();
  void turn_away(const xmpp::Jid& room, const xmpp::Element& stanza,
                 const xmpp::StanzaError& error);
  void record_aside(std::vector<record::Event> events);
  void send_read(muc::Send effect);
  muc::Send rooms_read(const xmpp::Jid& to, const xmpp::Element& iq,
                       const muc::RoomsPage& rooms) const;
  bool refuse_at_door(const xmpp::Jid& room, const xmpp::Element& stanza);
  bool backlog_full(const xmpp::Jid& room) const;
  void answer(const xmpp::Element& stanza, const xmpp::StanzaError& error);
  void maybe_finished();

  // One for each kind of effect that is not a Record.
  void act(const xmpp::Jid& room, muc::Send& effect);
  void act(const xmpp::Jid& room, muc::Route& effect);
  void act(const xmpp::Jid& room, muc::Seat& effect);
  void act(const xmpp::Jid& room, muc::Unseat& effect);
  void act(const xmpp::Jid& room, muc::Broadcast& effect);
  void act(const xmpp::Jid& room, muc::HistoryQuery& effect);
  void act(const xmpp::Jid& room, muc::ArchiveQuery& effect);
  void act(const xmpp::Jid& room, muc::VcardQuery& effect);
  void act(const xmpp::Jid& room, muc::RoomsQuery& effect);
  void act(const xmpp::Jid& room, muc::Load& effect);
  void act(const xmpp::Jid& room, muc::Unload& effect);
  void act(const xmpp::Jid&, muc::Handled&) {}  // its receipt dies with it
  void loaded(const xmpp::Jid& room, muc::Reading found);
  void history_read(const xmpp::Jid& room, std::uint64_t hold, muc::HistoryQuery query,
                    const base::Result<std::vector<muc::HistoryItem>, muc::StoreError>& items);
  void archive_read(std::shared_ptr<muc::ArchiveQuery> query,
                    base::Result<muc::ArchiveAnswer, muc::StoreError> read);

  Parts parts_;
  std::size_t recent_max_;
  std::string domain_;
  const std::string id_key_;
  muc::Service service_;
  net::Timer timer_;
  std::size_t waiting_bytes_ = 0;  // in all lines
  std::unordered_map<xmpp::Jid, Line> lines_;
  // Rooms that were dropped, and when (monotonic). They are read again after a while even if nobody
  // comes: then the leaves of who was inside are recorded.
  std::unordered_map<xmpp::Jid, base::Time> dropped_;
  std::uint64_t holds_ = 0;
  std::uint64_t asides_lost_ = 0;  // since they could be recorded for last
  bool shutting_down_ = false;
  std::function<void()> on_finished_;
};

}  // namespace server
