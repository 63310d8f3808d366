// SPDX-License-Identifier: Apache-2.0
#include "muc/state/pacing.h"

#include <algorithm>

namespace muc {

bool take_turn(base::Time& paid_until, const Pace& pace, base::Time now) {
  const base::Micros most = pace.each * pace.burst;
  base::Time from = std::max(paid_until, now);
  if (from - now > most) from = now;  // the clock was set back
  if (from - now + pace.each > most) return false;
  paid_until = from + pace.each;
  return true;
}

bool PacedAccounts::take_turn(const xmpp::Jid& account, const Pace& pace, base::Time now) {
  if (paid_until_.size() >= sweep_at_) {
    std::erase_if(paid_until_, [&](const auto& one) { return one.second <= now; });
    sweep_at_ = std::max<std::size_t>(1000, 2 * paid_until_.size());
  }
  return muc::take_turn(paid_until_[account], pace, now);
}

}  // namespace muc
