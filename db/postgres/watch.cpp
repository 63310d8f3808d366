// SPDX-License-Identifier: Apache-2.0
#include "db/postgres/watch.h"

namespace db::postgres {
namespace {

constexpr std::int64_t answers_within_us = std::chrono::microseconds(answers_within).count();
constexpr std::chrono::milliseconds turn{500};

std::int64_t now_us() {
  return std::chrono::duration_cast<std::chrono::microseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

}  // namespace

void Watch::Watched::begin_wait() noexcept { since_us_ = now_us(); }

std::shared_ptr<Watch> Watch::of_process() {
  static std::mutex mutex;
  static std::weak_ptr<Watch> current;
  const std::lock_guard lock(mutex);
  auto watch = current.lock();
  if (!watch) current = watch = std::make_shared<Watch>();
  return watch;
}

Watch::Watch() : thread_([this] { run(); }) {}

Watch::~Watch() {
  {
    const std::lock_guard lock(mutex_);
    ended_ = true;
  }
  ending_.notify_all();
  thread_.join();
}

void Watch::add(Watched& watched) {
  const std::lock_guard lock(mutex_);
  watched_.push_back(&watched);
}

void Watch::remove(Watched& watched) {
  const std::lock_guard lock(mutex_);
  std::erase(watched_, &watched);
}

void Watch::run() {
  std::unique_lock lock(mutex_);
  while (!ending_.wait_for(lock, turn, [this] { return ended_; })) {
    const std::int64_t late = now_us() - answers_within_us;
    for (auto* watched : watched_) {
      const std::int64_t since = watched->since_us_;
      if (since != 0 && since < late) watched->interrupt();
    }
  }
}

}  // namespace db::postgres
