// SPDX-License-Identifier: Apache-2.0
// Bucket: a token bucket in eight bytes. It keeps the time at which it will be full again.
#pragma once

#include <algorithm>
#include <cstddef>

#include "base/time.h"

namespace bridge::c2s {

class Bucket {
 public:
  // Takes one token of `burst`, refilled with `per_second`. It may overdraw by what was under way:
  // the answer is how long to wait before the next; 0 = not at all.
  base::Micros take(base::Time now, std::size_t per_second, std::size_t burst) {
    const auto interval = base::seconds(1) / static_cast<base::Micros>(per_second);
    full_at_ = std::max(full_at_, now) + interval;
    return std::max<base::Micros>(0,
                                  (full_at_ - now) - interval * static_cast<base::Micros>(burst));
  }

 private:
  base::Time full_at_{};
};

}  // namespace bridge::c2s
