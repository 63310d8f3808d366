// SPDX-License-Identifier: Apache-2.0
// Receipt: travels with an inbound stanza through everything that still has to happen to it. Each
// who holds a copy has something to do; when the last lets go, the stanza is done with (what it led
// to is released, or it was refused) and whoever issued the receipt is told, on the thread of that
// last holder. An empty receipt costs nothing: nobody waits.
#pragma once

#include <memory>
#include <utility>

namespace base {

class Receipt {
 public:
  Receipt() = default;
  // `settles` does in its destructor what is to be done when the stanza is.
  explicit Receipt(std::shared_ptr<const void> settles) : settles_(std::move(settles)) {}

  explicit operator bool() const { return settles_ != nullptr; }

 private:
  std::shared_ptr<const void> settles_;
};

}  // namespace base
