// SPDX-License-Identifier: Apache-2.0
// Sweeper: sees to it that rooms whose rules have something to do after a start are read, slowly,
// so that start-up stays short. Those are the rooms in which a crash left people written down as
// being inside (a room that is read writes their leaves), and those that must not stay for ever
// (locked, or not persistent). A room that cannot be read is tried again after growing pauses and
// keeps nobody else waiting.
#pragma once

#include <functional>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/log.h"
#include "base/result.h"
#include "muc/room_store.h"
#include "net/loop/loop.h"
#include "net/loop/workers.h"

namespace server {

class Sweeper {
 public:
  struct Pace {
    base::Micros turn = base::milliseconds(250);
    std::size_t rooms_a_turn = 50;
    // Before a room, or the store, is tried again; doubled each time.
    base::Micros pause_min = base::seconds(2);
    base::Micros pause_max = base::minutes(10);
    // Rooms that are looked past because they cannot be read. With more of them, some are left
    // until they are read for another reason.
    std::size_t unreadable_max = 10'000;
  };

  // `wake` makes a room be read; any thread. All must outlive it. Lives on `loop`'s thread after
  // start(), which is called on it.
  Sweeper(net::Loop& loop, net::Workers& workers, muc::RoomStore& store, base::Log& log,
          std::function<void(const xmpp::Jid&)> wake)
      : Sweeper(loop, workers, store, log, std::move(wake), Pace()) {}
  Sweeper(net::Loop& loop, net::Workers& workers, muc::RoomStore& store, base::Log& log,
          std::function<void(const xmpp::Jid&)> wake, const Pace& pace);
  void start();
  void stop();

 private:
  using Rooms = base::Result<std::vector<xmpp::Jid>, muc::StoreError>;
  struct Tried {
    std::size_t times = 0;
    base::Time next;  // not before
    std::uint64_t seen = 0;
  };

  void look();
  void found(const Rooms& open, const Rooms& temporary);
  void found_open(const std::vector<xmpp::Jid>& rooms);
  void found_temporary(const std::vector<xmpp::Jid>& rooms);
  void try_room(const xmpp::Jid& room);
  void wake(const xmpp::Jid& room);
  base::Micros pause(std::size_t times) const;
  base::Micros until_next() const;

  net::Loop& loop_;
  net::Workers& workers_;
  muc::RoomStore& store_;
  base::Log& log_;
  std::function<void(const xmpp::Jid&)> wake_;
  const Pace pace_;
  net::Timer timer_;
  bool stopped_ = false;

  std::unordered_map<xmpp::Jid, Tried> tried_;  // open ones, until they no longer are
  std::string temporary_after_;
  bool temporary_done_ = false;
  std::uint64_t looks_ = 0;
  std::size_t failures_ = 0;  // of the store, in a row
  std::size_t woken_ = 0, woken_now_ = 0;
};

}  // namespace server
