// SPDX-License-Identifier: Apache-2.0
#include "db/keep/trim.h"

#include <utility>

namespace db {

bool Trim::wait(std::chrono::milliseconds at_most) {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, at_most, [this] { return done_ || given_up_; });
}

std::int64_t Trim::removed() const {
  const std::lock_guard lock(mutex_);
  return removed_;
}

bool Trim::given_up() const {
  const std::lock_guard lock(mutex_);
  return given_up_;
}

void Trim::note(std::int64_t rows, bool done) {
  const std::lock_guard lock(mutex_);
  removed_ += rows;
  done_ = done;
  if (done) changed_.notify_all();
}

void Trim::give_up() {
  const std::lock_guard lock(mutex_);
  if (!done_) given_up_ = true;
  changed_.notify_all();
}

void TrimQueue::push(std::shared_ptr<Trim> trim) {
  const std::lock_guard lock(mutex_);
  if (closed_)
    trim->give_up();
  else
    waiting_.push_back(std::move(trim));
}

std::shared_ptr<Trim> TrimQueue::front() const {
  const std::lock_guard lock(mutex_);
  return waiting_.empty() ? nullptr : waiting_.front();
}

void TrimQueue::pop() {
  const std::lock_guard lock(mutex_);
  if (!waiting_.empty()) waiting_.pop_front();
}

void TrimQueue::close() {
  const std::lock_guard lock(mutex_);
  closed_ = true;
  for (const auto& trim : waiting_) trim->give_up();
  waiting_.clear();
}

TrimRows::Slice TrimRows::remove(const Trim& trim, std::int64_t rows_max) {
  auto& end = end_.row;
  end.room_id = trim.room_id;
  end.after = trim.after;
  end.up_to = trim.up_to;
  end.before = trim.before_us;
  end.max = rows_max;
  end_.one();
  if (end.found == 0) return {.after = trim.up_to, .last = true};
  auto& rows = delete_.row;
  rows.room_id = trim.room_id;
  rows.after = trim.after;
  rows.up_to = end.end;
  rows.before = trim.before_us;
  return {.rows = delete_.run(), .after = end.end, .last = end.found < rows_max};
}

}  // namespace db
