// SPDX-License-Identifier: Apache-2.0
// A scene played in real rooms over a real database: somebody makes a room, two enter, ten messages
// are sent at once, one is put out, one leaves. Whoever is refused tries again, as people do.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "bridge/router.h"
#include "net/loop/shards.h"
#include "net/loop/workers.h"
#include "src/rooms/door.h"
#include "src/rooms/room_host.h"
#include "tests/contract/world.h"
#include "tests/faults/occupant.h"

namespace tests::faults {

// Real time, and what the test adds to it.
class ShiftedClock final : public base::Clock {
 public:
  base::Time wall() const override { return real_.wall() + shift_; }
  base::Time monotonic() const override { return real_.monotonic() + shift_; }
  void advance(base::Micros by) { shift_ += by; }

 private:
  base::SystemClock real_;
  std::atomic<base::Micros> shift_{0};
};

enum class Step { create, configure, enter, talk, kick, leave, end };

class Stage {
 public:
  Stage();
  ~Stage();

  // Plays it in a room of its own and checks all that was promised; gives how many tries were
  // refused. `at` is told of each step before it is done.
  int play(const std::function<void(Step)>& at = [](Step) {});
  std::size_t door_was_shut() const { return door_was_shut_; }  // seen while an answer was late

  // The database refuses rows of `table` for their own sake, from now until somebody is refused:
  // an `outbox` row by its number from here, a `history` row by its body, an `occupancy` by nick.
  void refuse(const std::string& table, const std::string& what);
  std::int64_t refusing() { return hand_.number("SELECT count(*) FROM refusal"); }
  std::int64_t written() { return hand_.number("SELECT count(*) FROM outbox"); }
  std::string chains() { return verify_chains(hand_, "outbox"); }

  World world;
  ShiftedClock clock;

 private:
  using Who = std::shared_ptr<Occupant>;
  struct Line {
    Who who;
    std::string body, id;
  };

  Who occupant(const std::string& name);
  std::string unrecorded(const xmpp::Element& stanza);
  std::int64_t count(const std::string& from_where);
  void say(const Who& who, const std::string& xml);
  void enter(const Who& who);
  void ask(const std::vector<Who>& inside, const std::string& payload);  // the first of them asks
  void talk();
  void check();
  void note_refused(const Who& who, const std::string& id);
  void until(const std::function<bool()>& holds);
  void while_answer_is_late();
  std::string fresh_id();

  std::mutex eyes_mutex_;
  Sql eyes_, hand_;  // both past everything of ours
  net::Workers workers_{1, 100};
  net::Shards shards_{2};
  bridge::Router router_{shards_, "localhost"};
  std::unique_ptr<server::Door> door_;
  std::unique_ptr<server::RoomHost> host_;
  Who alice_, bob_, carol_, dave_;
  std::string room_ = "lobby";
  int rooms_ = 0, ids_ = 0, refusals_ = 0;
  std::size_t door_was_shut_ = 0;
  std::set<std::string> said_;  // bodies that came back to who said them
};

}  // namespace tests::faults
