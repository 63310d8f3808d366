// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "base/check.h"
#include "net/loop/loop.h"
#include "net/resident.h"

namespace net {
namespace {

std::uint64_t to_ms(base::Micros length) {
  return static_cast<std::uint64_t>(std::max<base::Micros>(0, (length + 999) / 1000));
}

}  // namespace

struct Timer::Handle final : Resident {
  explicit Handle(uv_loop_t* loop) {
    CHECK(uv_timer_init(loop, &timer) == 0);
    moved_in();
  }

  uv_handle_t* handle() override { return reinterpret_cast<uv_handle_t*>(&timer); }
  using Resident::handle_open;

  void start(base::Micros delay, base::Micros period, std::function<void()> f) {
    if (!handle_open()) return;
    callback = std::move(f);
    ++starts;
    // libuv counts from the start of the iteration; the caller means from now.
    const auto now_ms = uv_hrtime() / 1'000'000;
    const auto loop_ms = uv_now(timer.loop);
    const auto late = now_ms > loop_ms ? now_ms - loop_ms : 0;
    uv_timer_start(
        &timer, [](uv_timer_t* t) noexcept { static_cast<Handle*>(t->data)->fire(); },
        to_ms(delay) + late, to_ms(period));
  }

  // The callback may restart, stop or destroy the timer, so it runs from a copy of ours.
  void fire() {
    auto running = std::move(callback);
    const auto mine = starts;
    running();
    if (mine == starts && owned() && handle_open()) callback = std::move(running);
  }
  using Resident::owned;

  uv_timer_t timer;
  std::function<void()> callback;
  unsigned starts = 0;
};

Timer::Timer(Loop& loop) : handle_(new Handle(static_cast<uv_loop_t*>(loop.native()))) {}
Timer::~Timer() { handle_->leave(); }

void Timer::start(base::Micros delay, std::function<void()> callback) {
  handle_->start(delay, 0, std::move(callback));
}

void Timer::repeat(base::Micros period, std::function<void()> callback) {
  const auto at_least = std::max(period, base::milliseconds(1));
  handle_->start(at_least, at_least, std::move(callback));
}

void Timer::stop() {
  if (handle_->handle_open()) uv_timer_stop(&handle_->timer);
}

bool Timer::active() const {
  return handle_->handle_open() && uv_is_active(handle_->handle()) != 0;
}

}  // namespace net
