// SPDX-License-Identifier: Apache-2.0
// Client state indication (XEP-0352): what may wait while nobody looks at the client. Pure.
#pragma once

#include <cstddef>
#include <string_view>
#include <utility>
#include <vector>

#include "base/payload.h"

namespace bridge::c2s {

// What waits, in order: not more than so much; then all of it goes.
class Held {
 public:
  static constexpr std::size_t stanzas_max = 200;
  static constexpr std::size_t bytes_max = 262144;

  void add(const base::Payload& stanza) {
    bytes_ += stanza.size();
    stanzas_.push_back(stanza);
  }
  bool full() const { return stanzas_.size() >= stanzas_max || bytes_ >= bytes_max; }
  std::vector<base::Payload> take() {
    bytes_ = 0;
    return std::exchange(stanzas_, {});
  }

 private:
  std::vector<base::Payload> stanzas_;
  std::size_t bytes_ = 0;
};

// `stanza` as we serialise it: presence that only says how somebody is, and messages that carry
// nothing but a chat state (XEP-0085). What concerns the client itself (its own entry to or exit
// from a room, an error, a request to subscribe) does not wait.
bool may_wait(std::string_view stanza);

}  // namespace bridge::c2s
