// SPDX-License-Identifier: Apache-2.0
// Recipients: how many different accounts a session addresses in a minute; more than so many is no
// conversation any more (RFC 6120 §13.12, XEP-0205, BI-STZ-16). Rooms and the server do not count.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string_view>
#include <unordered_set>

#include "base/time.h"

namespace bridge::c2s {

class Recipients {
 public:
  static constexpr std::size_t max = 1000;
  static constexpr base::Micros period = base::minutes(1);

  // Whether one more stanza to that bare JID may go out now. Two names with the same hash count
  // once: that lets one more through, and keeps eight bytes in place of a name.
  bool admit(std::string_view bare, base::Time now) {
    if (!known_ || now >= ends_) {
      known_ = std::make_unique<std::unordered_set<std::size_t>>();
      ends_ = now + period;
    }
    const std::size_t key = std::hash<std::string_view>{}(bare);
    if (known_->contains(key)) return true;
    if (known_->size() >= max) return false;
    known_->insert(key);
    return true;
  }

 private:
  std::unique_ptr<std::unordered_set<std::size_t>> known_;  // null until there is one
  base::Time ends_{};
};

}  // namespace bridge::c2s
