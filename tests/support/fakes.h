// SPDX-License-Identifier: Apache-2.0
// Test doubles for what comes from outside: a clock that stands still, random bytes from a seed.
#pragma once

#include <cstdint>

#include "base/random.h"
#include "base/time.h"

namespace tests {

class FakeClock final : public base::Clock {
 public:
  base::Time wall() const override { return wall_; }
  base::Time monotonic() const override { return monotonic_; }
  void advance(base::Micros d) {
    wall_ = wall_ + d;
    monotonic_ = monotonic_ + d;
  }
  void step_wall(base::Micros d) { wall_ = wall_ + d; }

 private:
  base::Time wall_{1'763'812'345'678'901};
  base::Time monotonic_{base::seconds(1000)};
};

class SeededRandom final : public base::Random {
 public:
  explicit SeededRandom(std::uint64_t seed = 1) : state_(seed) {}
  void fill(std::span<std::byte> out) override {
    for (auto& b : out) {  // splitmix64
      std::uint64_t z = (state_ += 0x9e3779b97f4a7c15);
      z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
      z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
      b = static_cast<std::byte>((z ^ (z >> 31)) & 0xff);
    }
  }

 private:
  std::uint64_t state_;
};

}  // namespace tests
