// SPDX-License-Identifier: Apache-2.0
#include "src/rooms/sweeper.h"

#include <algorithm>
#include <utility>

namespace server {

Sweeper::Sweeper(net::Loop& loop, net::Workers& workers, muc::RoomStore& store, base::Log& log,
                 std::function<void(const xmpp::Jid&)> wake, const Pace& pace)
    : loop_(loop),
      workers_(workers),
      store_(store),
      log_(log),
      wake_(std::move(wake)),
      pace_(pace),
      timer_(loop) {}

void Sweeper::start() {
  timer_.start(pace_.turn, [this] { look(); });
}

void Sweeper::stop() {
  stopped_ = true;
  timer_.stop();
}

void Sweeper::look() {
  const std::size_t past = std::min(tried_.size(), pace_.unreadable_max);
  const bool taken = workers_.submit([this, max = pace_.rooms_a_turn + past,
                                      temporary = !temporary_done_, after = temporary_after_] {
    Rooms open = store_.with_open_occupancies(max);
    Rooms others = temporary ? store_.temporary_rooms(after, pace_.rooms_a_turn)
                             : Rooms(std::vector<xmpp::Jid>{});
    loop_.post([this, open = std::move(open), others = std::move(others)] { found(open, others); });
  });
  if (!taken) start();
}

void Sweeper::found(const Rooms& open, const Rooms& temporary) {
  if (stopped_) return;
  if (!open || !temporary) return timer_.start(pause(++failures_), [this] { look(); });
  failures_ = 0;
  woken_now_ = 0;
  found_open(*open);
  if (!temporary_done_) found_temporary(*temporary);
  if (!tried_.empty() || !temporary_done_) return timer_.start(until_next(), [this] { look(); });
  if (woken_ > 0) log_.info("rooms swept after the start", {{"woken", std::to_string(woken_)}});
}

// Those not tried yet come first, lest the unreadable use up every turn.
void Sweeper::found_open(const std::vector<xmpp::Jid>& rooms) {
  ++looks_;
  std::vector<const xmpp::Jid*> again;
  for (const auto& room : rooms) {
    if (const auto known = tried_.find(room); known != tried_.end()) {
      known->second.seen = looks_;
      again.push_back(&room);
    } else if (woken_now_ < pace_.rooms_a_turn &&
               tried_.size() < pace_.unreadable_max + pace_.rooms_a_turn) {
      try_room(room);
    }
  }
  for (const auto* room : again)
    if (woken_now_ < pace_.rooms_a_turn && loop_.now() >= tried_[*room].next) try_room(*room);
  std::erase_if(tried_, [this](const auto& entry) { return entry.second.seen != looks_; });
}

void Sweeper::try_room(const xmpp::Jid& room) {
  Tried& tried = tried_[room];
  tried.seen = looks_;
  tried.next = loop_.now() + pause(++tried.times);
  wake(room);
}

void Sweeper::found_temporary(const std::vector<xmpp::Jid>& rooms) {
  for (const auto& room : rooms) wake(room);
  if (!rooms.empty()) temporary_after_ = rooms.back().str();
  temporary_done_ = rooms.size() < pace_.rooms_a_turn;
}

void Sweeper::wake(const xmpp::Jid& room) {
  ++woken_;
  ++woken_now_;
  wake_(room);
}

base::Micros Sweeper::pause(std::size_t times) const {
  base::Micros pause = pace_.pause_min;
  for (std::size_t i = 1; i < times && pause < pace_.pause_max; ++i) pause *= 2;
  return std::min(pause, pace_.pause_max);
}

// At once as long as there is something to do; else when the first of those that failed is due.
base::Micros Sweeper::until_next() const {
  if (woken_now_ > 0 || !temporary_done_) return pace_.turn;
  base::Micros wait = pace_.pause_max;
  for (const auto& [room, tried] : tried_) wait = std::min(wait, tried.next - loop_.now());
  return std::max(wait, pace_.turn);
}

}  // namespace server
