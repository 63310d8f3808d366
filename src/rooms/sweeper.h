// SPDX-License-Identifier: Apache-2.0
// Sweeper: after a crash, people are still written down as being inside rooms. A room that is read
// writes their leaves; the sweeper sees to it that every such room is read, slowly, so that
// start-up stays short and no leave stays missing.
#pragma once

#include <functional>

#include "base/log.h"
#include "muc/room_store.h"
#include "net/loop/loop.h"
#include "net/loop/workers.h"

namespace server {

class Sweeper {
 public:
  // `wake` makes a room be read; any thread. All must outlive it. Lives on `loop`'s thread after
  // start(), which is called on it.
  Sweeper(net::Loop& loop, net::Workers& workers, muc::RoomStore& store, base::Log& log,
          std::function<void(const xmpp::Jid&)> wake);
  void start();
  void stop();

 private:
  void look();
  void found(const std::vector<xmpp::Jid>& rooms);

  net::Loop& loop_;
  net::Workers& workers_;
  muc::RoomStore& store_;
  base::Log& log_;
  std::function<void(const xmpp::Jid&)> wake_;
  net::Timer timer_;
  std::size_t woken_ = 0;
};

}  // namespace server
