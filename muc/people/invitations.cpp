// SPDX-License-Identifier: Apache-2.0
#include "muc/people/invitations.h"

#include <algorithm>
#include <utility>

namespace muc {

void Invitations::add(Invitation invitation) {
  if (sent_.size() >= remembered) sent_.erase(sent_.begin());
  sent_.push_back(std::move(invitation));
}

std::size_t Invitations::sent_by(const xmpp::Jid& inviter, base::Time since) const {
  return static_cast<std::size_t>(
      std::count_if(sent_.begin(), sent_.end(), [&](const Invitation& sent) {
        return sent.at > since && sent.inviter.bare_str() == inviter.bare_str();
      }));
}

template <class Pred>
Invitation* Invitations::newest(const xmpp::Jid& invitee, Pred pred) {
  const auto at = std::find_if(sent_.rbegin(), sent_.rend(), [&](const Invitation& sent) {
    return !sent.over && sent.invitee.bare_str() == invitee.bare_str() && pred(sent);
  });
  return at == sent_.rend() ? nullptr : &*at;
}

Invitation* Invitations::find(const xmpp::Jid& invitee, const xmpp::Jid& inviter) {
  return newest(invitee, [&](const Invitation& sent) {
    return sent.inviter.bare_str() == inviter.bare_str();
  });
}

Invitation* Invitations::find(const xmpp::Jid& invitee, std::string_view id) {
  return newest(invitee, [&](const Invitation& sent) { return sent.id == id; });
}

}  // namespace muc
