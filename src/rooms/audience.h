// SPDX-License-Identifier: Apache-2.0
// Audience: one shard's view of who hears which room. Each room with sessions here has its seats; a
// broadcast names the room and the payloads, never the recipients. Kept up to date by the room's
// own ordered messages, so it is never ahead of or behind what the room said.
// All calls on the shard's thread, in the order the room's keeper made them.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <unordered_map>
#include <vector>

#include "base/metrics/metrics.h"
#include "bridge/router.h"
#include "muc/effect.h"
#include "net/loop/loop.h"
#include "xmpp/jid.h"

namespace server {

class Audience {
 public:
  // How far a held seat may fall behind. Beyond, its session is ended: it can enter again.
  struct Limits {
    std::size_t held_stanzas = 20'000;
    std::size_t held_bytes = std::size_t{8} << 20;
  };

  // All must outlive this; `loop` is that of the shard whose thread calls, `deliveries` counts
  // what sessions are given.
  Audience(const bridge::Router& router, net::Loop& loop, base::Counter& deliveries)
      : Audience(router, loop, deliveries, Limits()) {}
  Audience(const bridge::Router& router, net::Loop& loop, base::Counter& deliveries,
           const Limits& limits)
      : router_(router), loop_(loop), deliveries_(deliveries), limits_(limits) {}

  // Takes or changes a seat. A session that is gone by now takes none.
  void seat(const xmpp::Jid& room, const muc::Seat& seat);
  void unseat(const xmpp::Jid& room, const xmpp::Jid& jid);
  void forget(const xmpp::Jid& room);

  void broadcast(const xmpp::Jid& room, const muc::Broadcast& broadcast);
  void send(const xmpp::Jid& to, const std::vector<base::Payload>& stanzas);

  // From hold() to the release() of the same number broadcasts to this seat wait; release sends
  // `first`, then those. A seat may be held more than once (a client that enters again while it is
  // inside); then it is served in the order of its holds. Releases of holds that are gone with
  // their seat are ignored.
  void hold(const xmpp::Jid& room, const xmpp::Jid& jid, std::uint64_t number);
  void release(const xmpp::Jid& room, const xmpp::Jid& jid, std::uint64_t number,
               const std::vector<base::Payload>& first);

 private:
  struct Hold {
    std::uint64_t number = 0;
    std::optional<std::vector<base::Payload>> first = {};  // set once released
    std::vector<base::Payload> waiting = {};
  };
  // All that is kept for one seat, oldest hold first.
  struct Held {
    std::vector<Hold> holds;
    std::size_t stanzas = 0, bytes = 0;
  };
  struct Place {
    std::shared_ptr<bridge::Session> session;
    std::unique_ptr<Held> held;  // null as long as nothing is
    muc::OccupantNumber occupant = 0;
    bool sees_jids = false;
    bool given_up = false;  // its session is about to end
  };
  struct Hall {
    std::vector<Place> places;
    std::unordered_map<xmpp::Jid, std::size_t> index;  // full JID → places
  };
  Place* find(const xmpp::Jid& room, const xmpp::Jid& jid);

  void keep(Place& place, const base::Payload& payload);

  const bridge::Router& router_;
  net::Loop& loop_;
  base::Counter& deliveries_;
  Limits limits_;
  std::unordered_map<xmpp::Jid, Hall> halls_;
};

}  // namespace server
