// SPDX-License-Identifier: Apache-2.0
// Pacing: how often something may be done, in a burst and in the long run (the generic cell rate
// algorithm). One number for each who is paced: when all that was done will have been paid for.
#pragma once

#include <cstddef>
#include <unordered_map>

#include "base/time.h"
#include "xmpp/jid.h"

namespace muc {

struct Pace {
  std::int64_t burst = 1;
  base::Micros each = base::seconds(1);
};

// Whether it may be done now; then it counts. A clock that was set back owes nobody anything.
bool take_turn(base::Time& paid_until, const Pace& pace, base::Time now);

// The same for accounts, as long as they are not square.
class PacedAccounts {
 public:
  bool take_turn(const xmpp::Jid& account, const Pace& pace, base::Time now);  // bare JID
  std::size_t size() const { return paid_until_.size(); }

 private:
  std::unordered_map<xmpp::Jid, base::Time> paid_until_;
  std::size_t sweep_at_ = 1000;
};

}  // namespace muc
