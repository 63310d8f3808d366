// SPDX-License-Identifier: Apache-2.0
#include "bridge/c2s/session/outbound.h"

#include <algorithm>

namespace bridge::c2s {
namespace {

constexpr std::size_t kept_capacity = 64;

}  // namespace

Outbound::Ack Outbound::check(std::uint32_t h) const {
  const std::uint32_t ahead = h - static_cast<std::uint32_t>(first_);
  if (ahead <= waiting()) return Ack::good;
  return ahead < UINT32_MAX / 2 ? Ack::too_high : Ack::backwards;
}

Outbound::Ack Outbound::acknowledge(std::uint32_t h) {
  const Ack answer = check(h);
  if (answer != Ack::good) return answer;
  const std::uint32_t ahead = h - static_cast<std::uint32_t>(first_);
  for (std::size_t i = gone_; i < gone_ + ahead; ++i) waiting_[i] = {};
  gone_ += ahead;
  first_ += ahead;
  excused_ -= std::min<std::size_t>(excused_, ahead);
  if (first_ >= asked_for_) asked_ = false;
  if (waiting() == 0) {
    gone_ = 0;
    if (waiting_.capacity() > kept_capacity)
      waiting_ = {};
    else
      waiting_.clear();
  } else if (gone_ > waiting()) {
    waiting_.erase(waiting_.begin(), waiting_.begin() + static_cast<std::ptrdiff_t>(gone_));
    gone_ = 0;
  }
  return answer;
}

void Outbound::ask(base::Time now) {
  asked_ = true;
  asked_at_ = now;
  asked_for_ = end();
}

void Outbound::cut(base::Time now, base::Micros patience) {
  excused_ = overdue(now, patience) ? 0 : waiting();
  asked_ = false;
  away_ = true;
}

void Outbound::resumed() {
  excused_ = 0;
  away_ = false;
}

bool Outbound::full(std::size_t limit, base::Time now, base::Micros patience) const {
  const std::size_t all = waiting();
  if (all <= limit) return false;
  if (all - limit > burst_max) return true;
  return away_ ? all - excused_ > limit : overdue(now, patience);
}

}  // namespace bridge::c2s
