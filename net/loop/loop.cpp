// SPDX-License-Identifier: Apache-2.0
#include "net/loop/loop.h"

#include "base/check.h"
#include "net/loop/loop_core.h"
#include "net/resident.h"

namespace net {
namespace {

void add_one(std::atomic<std::uint64_t>& counter) {
  counter.fetch_add(1, std::memory_order_relaxed);
}

template <class T>
uv_handle_t* plain(T& handle) {
  return reinterpret_cast<uv_handle_t*>(&handle);
}

}  // namespace

LoopCore::LoopCore() {
  CHECK(uv_loop_init(&uv) == 0);
  uv.data = this;
  CHECK(uv_loop_configure(&uv, UV_METRICS_IDLE_TIME) == 0);
  CHECK(uv_async_init(&uv, &wake_up_, [](uv_async_t* h) noexcept { from(h).drain(); }) == 0);
  uv_prepare_init(&uv, &prepare_);
  uv_check_init(&uv, &check_);
  uv_idle_init(&uv, &idle_);
  uv_timer_init(&uv, &ticker_);
  for (auto* handle :
       {plain(wake_up_), plain(prepare_), plain(check_), plain(idle_), plain(ticker_)}) {
    handle->data = nullptr;  // ours, no resident
  }
  uv_prepare_start(&prepare_, [](uv_prepare_t* h) noexcept { from(h).before_poll(); });
  uv_check_start(&check_, [](uv_check_t* h) noexcept { from(h).after_poll(); });
}

LoopCore::~LoopCore() {
  stop();
  shut();
}

LoopCore& LoopCore::of(Loop& loop) {
  return *static_cast<LoopCore*>(static_cast<uv_loop_t*>(loop.native())->data);
}

void LoopCore::run() {
  last_mark_ns_ = uv_hrtime();
  last_idle_ns_ = uv_metrics_idle_time(&uv);
  uv_run(&uv, UV_RUN_DEFAULT);
  end_phase(base::milliseconds(50));  // what a slice left over still leaves
  shut();
}

void LoopCore::stop() {
  mailbox_.close([this] { uv_async_send(&wake_up_); });
}

void LoopCore::post(base::Task task) {
  mailbox_.put(task, [this] { uv_async_send(&wake_up_); });
}

// What is posted meanwhile finds an empty box, wakes the loop again and runs after the next poll.
void LoopCore::drain() {
  mailbox_.take(batch_);
  mailbox_tasks_.fetch_add(batch_.tasks.size(), std::memory_order_relaxed);
  for (auto& task : batch_.tasks) {
    task();
    task = {};
  }
  const bool last = batch_.last;
  batch_.tasks.clear();
  if (batch_.tasks.capacity() > 1024) batch_.tasks.shrink_to_fit();
  if (last) uv_stop(&uv);
}

void LoopCore::end_phase(base::Micros slice) {
  const auto until = uv_hrtime() + static_cast<std::uint64_t>(slice) * 1000;
  while (!work_.empty()) {
    work_.pop_front().end_of_iteration();
    if (uv_hrtime() >= until) break;
  }
  sliced_ = !work_.empty();
  if (sliced_) {
    if (!shut_) uv_idle_start(&idle_, [](uv_idle_t*) noexcept {});
  } else {
    uv_idle_stop(&idle_);
  }
}

// After a slice the sockets come first: poll (without waiting), then the rest in check.
void LoopCore::before_poll() {
  if (!sliced_) end_phase(flush_slice);
  measure();
}

void LoopCore::after_poll() { end_phase(flush_slice); }

// From prepare to prepare, less the time waited in poll.
void LoopCore::measure() {
  const auto mark = uv_hrtime();
  const auto idle = uv_metrics_idle_time(&uv);
  const auto worked_ns = (mark - last_mark_ns_) - (idle - last_idle_ns_);
  last_mark_ns_ = mark;
  last_idle_ns_ = idle;
  add_one(iterations_);
  const auto worked = static_cast<base::Micros>(worked_ns / 1000);
  if (worked <= slow) return;
  add_one(slow_iterations_);
  if (on_slow) on_slow(worked);
}

void LoopCore::want_ticks(Ticked& item) {
  ticked_.push_back(item);
  if (shut_ || uv_is_active(plain(ticker_))) return;
  const auto period = static_cast<std::uint64_t>(tick / 1000);
  uv_timer_start(
      &ticker_, [](uv_timer_t* h) noexcept { from(h).tick_all(); }, period, period);
}

void LoopCore::tick_all() {
  LinkList<Ticked> due;
  due.take_all(ticked_);
  while (!due.empty()) {
    auto& item = due.pop_front();
    if (item.on_tick(now())) ticked_.push_back(item);
  }
  if (ticked_.empty()) uv_timer_stop(&ticker_);
}

// Tasks first: they may own residents of this loop.
void LoopCore::shut() {
  if (shut_) return;
  shut_ = true;
  mailbox_.take(batch_);
  batch_.tasks.clear();
  uv_walk(
      &uv,
      [](uv_handle_t* handle, void*) noexcept {
        if (uv_is_closing(handle)) return;
        if (handle->data != nullptr) {
          Resident::of(handle)->loop_stops();
        } else {
          uv_close(handle, nullptr);
        }
      },
      nullptr);
  uv_run(&uv, UV_RUN_DEFAULT);
  CHECK(uv_loop_close(&uv) == 0);
}

base::Time LoopCore::now() const { return {static_cast<std::int64_t>(uv_now(&uv)) * 1000}; }

LoopStats LoopCore::stats() const {
  constexpr auto relaxed = std::memory_order_relaxed;
  return {iterations_.load(relaxed), slow_iterations_.load(relaxed), mailbox_tasks_.load(relaxed),
          reads.load(relaxed), writes.load(relaxed)};
}

Loop::Loop() : impl_(std::make_unique<Impl>()) {}
Loop::~Loop() = default;
void Loop::run() { impl_->run(); }
void Loop::stop() { impl_->stop(); }
void Loop::post(base::Task task) { impl_->post(std::move(task)); }
base::Time Loop::now() const { return impl_->now(); }
LoopStats Loop::stats() const { return impl_->stats(); }
void Loop::on_slow_iteration(std::function<void(base::Micros)> callback) {
  impl_->on_slow = std::move(callback);
}
void* Loop::native() { return &impl_->uv; }

}  // namespace net
