// SPDX-License-Identifier: Apache-2.0
#include "src/rooms/room_host.h"

#include <atomic>
#include <unordered_map>
#include <utility>

#include "src/rooms/audience.h"

namespace server {
namespace {

// Carries what the rooms of one shard say to the audiences of all shards. Within one shard it acts
// at once, to others by their mailbox; either way the order of a room's words is kept.
class Speaker final : public RoomOutput {
 public:
  Speaker(net::Shards& shards, bridge::Router& router, std::size_t self,
          std::vector<Audience>& audiences)
      : shards_(shards), router_(router), self_(self), audiences_(audiences) {}

  void send(const xmpp::Jid& to, std::vector<base::Payload> stanzas) override {
    on(router_.home(to), [to, stanzas = std::move(stanzas)](Audience& a) { a.send(to, stanzas); });
  }
  // By the loop: an error may come straight back to a room of this shard.
  void route(xmpp::Element message) override {
    shards_[self_].post([&router = router_, self = self_, message = std::move(message)]() mutable {
      router.route(self, std::move(message));
    });
  }
  void seat(const xmpp::Jid& room, muc::Seat seat) override {
    const std::size_t shard = router_.home(seat.jid);
    auto& ears = ears_[room];
    ears.resize(shards_.size());
    ears[shard] = true;
    on(shard, [room, seat = std::move(seat)](Audience& a) { a.seat(room, seat); });
  }
  void unseat(const xmpp::Jid& room, const xmpp::Jid& jid) override {
    on(router_.home(jid), [room, jid](Audience& a) { a.unseat(room, jid); });
  }
  void broadcast(const xmpp::Jid& room, muc::Broadcast broadcast) override {
    everywhere(room, [room, broadcast = std::move(broadcast)](Audience& a) {
      a.broadcast(room, broadcast);
    });
  }
  void forget(const xmpp::Jid& room) override {
    everywhere(room, [room](Audience& a) { a.forget(room); });
    ears_.erase(room);
  }
  void hold(const xmpp::Jid& room, const xmpp::Jid& jid, std::uint64_t number) override {
    on(router_.home(jid), [room, jid, number](Audience& a) { a.hold(room, jid, number); });
  }
  void release(const xmpp::Jid& room, const xmpp::Jid& jid, std::uint64_t number,
               std::vector<base::Payload> first) override {
    on(router_.home(jid), [room, jid, number, first = std::move(first)](Audience& a) {
      a.release(room, jid, number, first);
    });
  }

 private:
  template <class F>
  void on(std::size_t shard, F&& act) {
    Audience& audience = audiences_[shard];
    if (shard == self_)
      act(audience);
    else
      shards_[shard].post([&audience, act = std::forward<F>(act)] { act(audience); });
  }
  // On each shard that has, or had since the room was read, somebody in the room.
  template <class F>
  void everywhere(const xmpp::Jid& room, const F& act) {
    const auto ears = ears_.find(room);
    if (ears == ears_.end()) return;
    for (std::size_t shard = 0; shard < ears->second.size(); ++shard)
      if (ears->second[shard]) on(shard, act);
  }

  net::Shards& shards_;
  bridge::Router& router_;
  std::size_t self_;
  std::vector<Audience>& audiences_;
  std::unordered_map<xmpp::Jid, std::vector<bool>> ears_;
};

muc::ServiceConfig for_shard(muc::ServiceConfig config, std::size_t shard) {
  config.lane = static_cast<unsigned>(shard);
  return config;
}

}  // namespace

struct RoomHost::Shard {
  Shard(const muc::ServiceConfig& config, const Parts& parts, std::size_t self,
        std::shared_ptr<std::vector<Audience>> all, RoomMeters::Shard& meters)
      : audiences(std::move(all)),
        speaker(parts.shards, parts.router, self, *audiences),
        keeper(for_shard(config, self), parts.random,
               {parts.shards[self],
                parts.workers,
                parts.recorder,
                parts.store,
                parts.clock,
                parts.log,
                parts.door,
                speaker,
                meters,
                {},
                parts.archive_workers}) {}

  std::shared_ptr<std::vector<Audience>> audiences;  // one for each shard, each used on its own
  Speaker speaker;
  Keeper keeper;
};

RoomHost::RoomHost(const muc::ServiceConfig& config, const Parts& parts)
    : shards_(parts.shards), meters_(shards_.size()) {
  auto audiences = std::make_shared<std::vector<Audience>>();
  for (std::size_t i = 0; i < shards_.size(); ++i)
    audiences->emplace_back(parts.router, shards_[i], meters_.shards[i].deliveries);
  for (std::size_t i = 0; i < shards_.size(); ++i)
    per_shard_.push_back(std::make_unique<Shard>(config, parts, i, audiences, meters_.shards[i]));
}

RoomHost::~RoomHost() = default;

void RoomHost::start() {
  for (std::size_t i = 0; i < shards_.size(); ++i)
    shards_[i].post([keeper = &per_shard_[i]->keeper] { keeper->start(); });
}

std::size_t RoomHost::home(const xmpp::Jid& room) const { return shards_.home(room.bare_str()); }

void RoomHost::handle(std::size_t from_shard, const xmpp::Jid& to, xmpp::Element stanza,
                      base::Receipt receipt) {
  const std::size_t shard = home(to);
  Keeper* keeper = &per_shard_[shard]->keeper;
  if (shard == from_shard)
    keeper->handle(to.bare(), std::move(stanza), std::move(receipt));
  else
    shards_[shard].post([keeper, room = to.bare(), stanza = std::move(stanza),
                         receipt = std::move(receipt)]() mutable {
      keeper->handle(room, std::move(stanza), std::move(receipt));
    });
}

void RoomHost::wake(const xmpp::Jid& room) {
  const std::size_t shard = home(room);
  shards_[shard].post([keeper = &per_shard_[shard]->keeper, room] { keeper->wake(room); });
}

void RoomHost::shut_down(std::function<void()> done) {
  auto left = std::make_shared<std::atomic<std::size_t>>(shards_.size());
  for (std::size_t i = 0; i < shards_.size(); ++i)
    shards_[i].post([keeper = &per_shard_[i]->keeper, left, done] {
      keeper->shut_down([left, done] {
        if (--*left == 0) done();
      });
    });
}

void RoomHost::set_limits(const muc::Limits& limits) {
  for (std::size_t i = 0; i < shards_.size(); ++i)
    shards_[i].post([keeper = &per_shard_[i]->keeper, limits] { keeper->set_limits(limits); });
}

void RoomHost::set_admins(const std::vector<xmpp::Jid>& admins) {
  for (std::size_t i = 0; i < shards_.size(); ++i)
    shards_[i].post([keeper = &per_shard_[i]->keeper, admins] { keeper->set_admins(admins); });
}

void RoomHost::forget_history(const xmpp::Jid& room, std::int64_t up_to, base::Time before) {
  const std::size_t shard = home(room);
  shards_[shard].post([keeper = &per_shard_[shard]->keeper, room, up_to, before] {
    keeper->forget_history(room, up_to, before);
  });
}

void RoomHost::in_memory(std::vector<xmpp::Jid> rooms,
                         std::function<void(std::vector<bool>)> done) {
  struct Asked {
    std::vector<xmpp::Jid> rooms;
    std::vector<char> found;  // each is written by its room's shard
    std::atomic<std::size_t> left;
  };
  auto asked = std::make_shared<Asked>();
  asked->rooms = std::move(rooms);
  asked->found.resize(asked->rooms.size());
  asked->left = shards_.size();
  for (std::size_t i = 0; i < shards_.size(); ++i)
    shards_[i].post([this, i, asked, done] {
      for (std::size_t r = 0; r < asked->rooms.size(); ++r)
        if (home(asked->rooms[r]) == i)
          asked->found[r] = per_shard_[i]->keeper.in_memory(asked->rooms[r]) ? 1 : 0;
      if (--asked->left == 0) done({asked->found.begin(), asked->found.end()});
    });
}

void RoomHost::count(std::function<void(muc::Service::Counts)> done) {
  struct Sum {
    std::atomic<std::size_t> left, rooms{0}, occupants{0};
  };
  auto sum = std::make_shared<Sum>();
  sum->left = shards_.size();
  for (std::size_t i = 0; i < shards_.size(); ++i)
    shards_[i].post([keeper = &per_shard_[i]->keeper, sum, done] {
      const auto counts = keeper->counts();
      sum->rooms += counts.rooms;
      sum->occupants += counts.occupants;
      if (--sum->left == 0) done({sum->rooms, sum->occupants});
    });
}

}  // namespace server
