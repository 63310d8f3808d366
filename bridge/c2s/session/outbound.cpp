// SPDX-License-Identifier: Apache-2.0
#include "bridge/c2s/session/outbound.h"

#include <algorithm>
#include <utility>

namespace bridge::c2s {
namespace {

constexpr std::size_t kept_capacity = 64;

bool beyond(std::size_t all, std::size_t limit, std::size_t more) {
  return all > limit && all - limit > more;
}

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
  std::size_t bytes = 0;
  for (std::size_t i = gone_; i < gone_ + ahead; ++i)
    bytes += std::exchange(waiting_[i], {}).stanza.size();
  gone_ += ahead;
  first_ += ahead;
  bytes_ -= bytes;
  excused_.stanzas -= std::min<std::size_t>(excused_.stanzas, ahead);
  excused_.bytes -= std::min(excused_.bytes, bytes);
  if (first_ >= asked_for_) asked_ = false;
  fell_short_ = asked_;
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
  fell_short_ = false;
  if (std::exchange(asked_, true) && first_ < asked_for_) return;
  asked_at_ = now;
  asked_for_ = end();
}

void Outbound::cut(base::Time now, base::Micros patience) {
  excused_ = overdue(now, patience) ? Amount{} : Amount{waiting(), bytes_};
  asked_ = fell_short_ = false;
  away_ = true;
}

void Outbound::resumed() {
  excused_ = {};
  away_ = false;
}

bool Outbound::full(const Amount& limit, base::Time now, base::Micros patience) const {
  const std::size_t all = waiting();
  if (beyond(all, limit.stanzas, burst_max.stanzas) || beyond(bytes_, limit.bytes, burst_max.bytes))
    return true;
  if (away_) return all - excused_.stanzas > limit.stanzas || bytes_ - excused_.bytes > limit.bytes;
  return (all > limit.stanzas || bytes_ > limit.bytes) && overdue(now, patience);
}

}  // namespace bridge::c2s
