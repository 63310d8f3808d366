// SPDX-License-Identifier: Apache-2.0
// RoomHost: one MUC service over all shards. A room lives on the shard that its JID names; its
// sessions live wherever their people do. What a room says goes to each shard that has ears once.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "bridge/router.h"
#include "muc/service.h"
#include "net/loop/shards.h"
#include "src/rooms/door.h"
#include "src/rooms/keeper.h"

namespace server {

class RoomHost final : public bridge::LocalService {
 public:
  // What it works with; all must outlive it and the shards' threads.
  struct Parts {
    net::Shards& shards;
    bridge::Router& router;
    net::Workers& workers;
    record::Recorder& recorder;
    muc::RoomStore& store;
    const base::Clock& clock;
    base::Random& random;
    base::Log& log;
    const Door& door;
    net::Workers* archive_workers = nullptr;  // see Keeper
  };

  RoomHost(const muc::ServiceConfig& config, const Parts& parts);
  ~RoomHost() override;  // after the shards have joined

  void start();  // any thread, once the shards run

  void handle(std::size_t from_shard, const xmpp::Jid& to, xmpp::Element stanza,
              base::Receipt receipt) override;
  void wake(const xmpp::Jid& room);  // any thread

  // Any thread: see Keeper::shut_down; `done` runs on some shard's thread when all of them are
  // through.
  void shut_down(std::function<void()> done);

  // Any thread: see muc::Service. `done` gets one for each room, on some shard's thread.
  void set_limits(const muc::Limits& limits);
  void set_admins(const std::vector<xmpp::Jid>& admins);
  void forget_history(const xmpp::Jid& room, std::int64_t up_to, base::Time before);
  void in_memory(std::vector<xmpp::Jid> rooms, std::function<void(std::vector<bool>)> done);

  const RoomMeters& meters() const { return meters_; }  // any thread
  // Any thread; asks every shard and gives the sum to `done` on some shard's thread.
  void count(std::function<void(muc::Service::Counts)> done);

 private:
  struct Shard;
  std::size_t home(const xmpp::Jid& room) const;

  net::Shards& shards_;
  RoomMeters meters_;
  std::vector<std::unique_ptr<Shard>> per_shard_;
};

}  // namespace server
