// SPDX-License-Identifier: Apache-2.0
// How much one account may have a room say to people who are not inside: nobody floods through it.
#pragma once

#include <algorithm>
#include <cstddef>

#include "base/time.h"
#include "muc/turn.h"

namespace muc {

inline constexpr std::size_t invitations_each = 100;               // of one account and room …
inline constexpr base::Micros invitations_in = base::minutes(10);  // … in this time

inline std::size_t invitation_budget(const Turn& turn, const xmpp::Jid& sender) {
  const std::size_t sent = turn.room.invitations.sent_by(sender, turn.now - invitations_in);
  return invitations_each - std::min(invitations_each, sent);
}

}  // namespace muc
