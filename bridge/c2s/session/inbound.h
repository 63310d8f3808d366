// SPDX-License-Identifier: Apache-2.0
// Inbound: the stanzas a client has sent since it enabled stream management, and which of them are
// done with (XEP-0198 §4: "handled"). They are done with in any order; `h` counts the prefix that
// is, so that it is true for each of them. Pure.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

namespace bridge::c2s {

class Inbound {
 public:
  explicit Inbound(std::uint64_t start = 0) : received_(start), prefix_(start) {}

  std::uint64_t receive() { return received_++; }  // the number of the next stanza
  // Each number once.
  void settle(std::uint64_t number) {
    if (number != prefix_) {
      ahead_.insert(std::upper_bound(ahead_.begin(), ahead_.end(), number), number);
      return;
    }
    ++prefix_;
    auto end = ahead_.begin();
    for (; end != ahead_.end() && *end == prefix_; ++end) ++prefix_;
    ahead_.erase(ahead_.begin(), end);
  }

  std::uint32_t h() const { return static_cast<std::uint32_t>(prefix_); }  // modulo 2³²
  std::uint64_t received() const { return received_; }
  std::uint64_t settled() const { return prefix_; }
  bool all_settled() const { return prefix_ == received_; }

 private:
  std::uint64_t received_, prefix_;
  std::vector<std::uint64_t> ahead_;  // settled behind one that is not, ascending
};

}  // namespace bridge::c2s
