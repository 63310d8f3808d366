// SPDX-License-Identifier: Apache-2.0
// Time as Hansard keeps it: microseconds since the Unix epoch, UTC (or since an arbitrary start for
// monotonic readings). Plain integers so that pure code needs no <chrono>.
#pragma once

#include <compare>
#include <cstdint>

namespace base {

using Micros = std::int64_t;  // a length of time

constexpr Micros microseconds(std::int64_t n) { return n; }
constexpr Micros milliseconds(std::int64_t n) { return n * 1000; }
constexpr Micros seconds(std::int64_t n) { return n * 1000000; }
constexpr Micros minutes(std::int64_t n) { return seconds(60 * n); }

struct Time {
  std::int64_t us = 0;

  friend constexpr auto operator<=>(Time, Time) = default;
  friend constexpr Time operator+(Time t, Micros d) { return {t.us + d}; }
  friend constexpr Time operator-(Time t, Micros d) { return {t.us - d}; }
  friend constexpr Micros operator-(Time a, Time b) { return a.us - b.us; }
};

// The two clocks. Calls are thread-safe. Tests hand in a FakeClock (tests/support/fake_clock.h).
class Clock {
 public:
  virtual ~Clock() = default;
  virtual Time wall() const = 0;       // UTC; may step
  virtual Time monotonic() const = 0;  // never goes back; for time-outs
};

// The machine's clocks.
class SystemClock final : public Clock {
 public:
  Time wall() const override;
  Time monotonic() const override;
};

}  // namespace base
