// SPDX-License-Identifier: Apache-2.0
#include "db/keep/trim.h"

#include <utility>

namespace db {

Trim::State Trim::wait(std::chrono::milliseconds at_most) {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, at_most, [this] { return state_ != State::waiting; });
  return state_;
}

std::int64_t Trim::removed() const {
  const std::lock_guard lock(mutex_);
  return removed_;
}

void Trim::note(std::int64_t rows, bool done) {
  const std::lock_guard lock(mutex_);
  removed_ += rows;
  if (!done) return;
  state_ = State::done;
  changed_.notify_all();
}

void Trim::give_up(State why) {
  const std::lock_guard lock(mutex_);
  if (state_ == State::waiting) state_ = why;
  changed_.notify_all();
}

void TrimQueue::push(std::shared_ptr<Trim> trim) {
  const std::lock_guard lock(mutex_);
  if (closed_)
    trim->give_up(Trim::State::closed);
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
  for (const auto& trim : waiting_) trim->give_up(Trim::State::closed);
  waiting_.clear();
}

template <class Key>
TrimRows::Slice TrimRows::remove(Statements<Key>& from, const Key& of, const Trim& trim,
                                 std::int64_t rows_max) {
  auto& end = from.end.row;
  static_cast<Range<Key>&>(end) = {of, trim.after, trim.up_to, trim.before_us};
  end.max = rows_max;
  from.end.one();
  if (end.found == 0) return {.after = trim.up_to, .last = true};
  static_cast<Range<Key>&>(from.remove.row) = {of, trim.after, end.end, trim.before_us};
  return {.rows = from.remove.run(), .after = end.end, .last = end.found < rows_max};
}

TrimRows::Slice TrimRows::remove(const Trim& trim, std::int64_t rows_max) {
  if (const auto* room = std::get_if<std::int64_t>(&trim.of))
    return remove(room_, *room, trim, rows_max);
  return remove(person_, std::get<std::string>(trim.of), trim, rows_max);
}

}  // namespace db
