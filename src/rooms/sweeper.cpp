// SPDX-License-Identifier: Apache-2.0
#include "src/rooms/sweeper.h"

#include <string>
#include <utility>

namespace server {
namespace {
constexpr std::size_t rooms_a_turn = 50;
constexpr base::Micros turn = base::milliseconds(250);
}  // namespace

Sweeper::Sweeper(net::Loop& loop, net::Workers& workers, muc::RoomStore& store, base::Log& log,
                 std::function<void(const xmpp::Jid&)> wake)
    : loop_(loop),
      workers_(workers),
      store_(store),
      log_(log),
      wake_(std::move(wake)),
      timer_(loop) {}

void Sweeper::start() {
  timer_.repeat(turn, [this] { look(); });
}

void Sweeper::stop() { timer_.stop(); }

void Sweeper::look() {
  // A full queue only means: at the next turn.
  (void)workers_.submit([this] {
    auto rooms = store_.with_open_occupancies(rooms_a_turn);
    if (rooms) loop_.post([this, rooms = std::move(*rooms)] { found(rooms); });
  });
}

void Sweeper::found(const std::vector<xmpp::Jid>& rooms) {
  if (rooms.empty()) {
    timer_.stop();
    if (woken_ > 0) log_.info("rooms swept after a crash", {{"looked at", std::to_string(woken_)}});
    return;
  }
  woken_ += rooms.size();
  for (const auto& room : rooms) wake_(room);
}

}  // namespace server
