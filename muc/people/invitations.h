// SPDX-License-Identifier: Apache-2.0
// Invitations that the room sent of late (XEP-0045 7.8.2): whose they were, for when the invitee
// declines or the message comes back as an error. The newest of a room, while the room is in
// memory; what is not known here was never sent, as far as anybody is told (BI-MUC-31).
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "xmpp/jid.h"

namespace muc {

struct Invitation {
  std::string id;          // of the message as the room sent it
  xmpp::Jid inviter;       // real full JID
  std::string inviter_id;  // the id of its message; "" if it sent none
  xmpp::Jid invitee;       // as the inviter named it
  base::Time at;
  bool over = false;  // answered or come back: each happens once
};

class Invitations {
 public:
  static constexpr std::size_t remembered = 1000;

  void add(Invitation invitation);
  // How many of an account's went out after `since`.
  std::size_t sent_by(const xmpp::Jid& inviter, base::Time since) const;
  // The newest that is not over; null if there is none. Valid until the next add().
  Invitation* find(const xmpp::Jid& invitee, const xmpp::Jid& inviter);
  Invitation* find(const xmpp::Jid& invitee, std::string_view id);

 private:
  template <class Pred>
  Invitation* newest(const xmpp::Jid& invitee, Pred pred);

  std::vector<Invitation> sent_;  // oldest first; rooms mostly have none
};

}  // namespace muc
