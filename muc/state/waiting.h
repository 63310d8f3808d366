// SPDX-License-Identifier: Apache-2.0
// Stanzas for a room that is being read, in order of arrival.
#pragma once

#include <cstddef>
#include <deque>
#include <unordered_set>
#include <vector>

#include "muc/turn.h"
#include "xmpp/jid.h"

namespace muc {

class Waiting {
 public:
  explicit Waiting(std::size_t max) : max_(max) {}

  // False: too many wait already, it is to be refused. Unavailable presence never is: it takes back
  // a wish to enter that waits here, or means nothing to a room that nobody is in.
  [[nodiscard]] bool add(Incoming in);

  bool empty() const { return stanzas_.empty(); }
  Incoming pop();
  // What went from the room's history while it was being read.
  struct Forgotten {
    std::int64_t up_to;
    base::Time before;
  };
  std::vector<Forgotten> forgotten;
  auto begin() const { return stanzas_.begin(); }
  auto end() const { return stanzas_.end(); }

 private:
  std::size_t max_;
  std::deque<Incoming> stanzas_;
  std::unordered_set<xmpp::Jid> entering_;  // asked to enter and did not take it back
};

}  // namespace muc
