// SPDX-License-Identifier: Apache-2.0
#include <time.h>

#include "base/check.h"
#include "base/time.h"

namespace base {
namespace {

Time read_clock(clockid_t id) {
  timespec t{};
  CHECK(clock_gettime(id, &t) == 0);
  return {seconds(t.tv_sec) + t.tv_nsec / 1000};
}

}  // namespace

Time SystemClock::wall() const { return read_clock(CLOCK_REALTIME); }
Time SystemClock::monotonic() const { return read_clock(CLOCK_MONOTONIC); }

}  // namespace base
