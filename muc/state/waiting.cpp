// SPDX-License-Identifier: Apache-2.0
#include "muc/state/waiting.h"

#include <utility>

#include "muc/verbs/verbs.h"

namespace muc {

bool Waiting::add(Incoming in) {
  if (in.stanza.name() == "presence" && in.stanza.attr("type") == "unavailable") {
    if (entering_.erase(in.from) == 0) return true;
  } else if (stanzas_.size() >= max_) {
    return false;
  } else if (asks_to_enter(in)) {
    entering_.insert(in.from);
  }
  stanzas_.push_back(std::move(in));
  return true;
}

Incoming Waiting::pop() {
  Incoming first = std::move(stanzas_.front());
  stanzas_.pop_front();
  return first;
}

}  // namespace muc
