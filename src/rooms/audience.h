// SPDX-License-Identifier: Apache-2.0
// Audience: one shard's view of who hears which room. Each room with sessions here has its seats; a
// broadcast names the room and the payloads, never the recipients. Kept up to date by the room's
// own ordered messages, so it is never ahead of or behind what the room said.
// All calls on the shard's thread, in the order the room's keeper made them.
#pragma once

#include <memory>
#include <unordered_map>
#include <vector>

#include "bridge/router.h"
#include "muc/effect.h"
#include "xmpp/jid.h"

namespace server {

class Audience {
 public:
  // `router` must outlive this; `shard` is the one whose thread calls.
  Audience(const bridge::Router& router, std::size_t shard) : router_(router), shard_(shard) {}

  // Takes or changes a seat. A session that is gone by now takes none.
  void seat(const xmpp::Jid& room, const muc::Seat& seat);
  void unseat(const xmpp::Jid& room, const xmpp::Jid& jid);
  void forget(const xmpp::Jid& room);

  void broadcast(const xmpp::Jid& room, const muc::Broadcast& broadcast);
  void send(const xmpp::Jid& to, const std::vector<base::Payload>& stanzas);

  // From hold() to release() broadcasts to this seat wait; release sends `first`, then those.
  void hold(const xmpp::Jid& room, const xmpp::Jid& jid);
  void release(const xmpp::Jid& room, const xmpp::Jid& jid,
               const std::vector<base::Payload>& first);

 private:
  struct Place {
    std::shared_ptr<bridge::Session> session;
    std::unique_ptr<std::vector<base::Payload>> waiting;  // set while held
    muc::OccupantNumber occupant = 0;
    bool sees_jids = false;
  };
  struct Hall {
    std::vector<Place> places;
    std::unordered_map<xmpp::Jid, std::size_t> index;  // full JID → places
  };
  Place* find(const xmpp::Jid& room, const xmpp::Jid& jid);

  const bridge::Router& router_;
  std::size_t shard_;
  std::unordered_map<xmpp::Jid, Hall> halls_;
};

}  // namespace server
