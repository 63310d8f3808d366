// SPDX-License-Identifier: Apache-2.0
// Where unpredictable bytes come from. Pure code receives one; tests hand in a seeded one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "base/time.h"

namespace base {

class Random {
 public:
  virtual ~Random() = default;
  virtual void fill(std::span<std::byte> out) = 0;
};

// The operating system's generator through OpenSSL. Thread-safe.
class SystemRandom final : public Random {
 public:
  void fill(std::span<std::byte> out) override;
};

// `bytes` random bytes as base64url without padding: ids, nonces, resource parts.
std::string random_token(Random& random, std::size_t bytes);

// Positive 63-bit ids: 42 bits of milliseconds, 13 random bits, 8 bits that name the lane. They
// grow with time, so that B-trees keyed by them stay dense. Makers of different lanes never make
// the same one, nor does one maker twice, however many in a millisecond or however the clock is
// set. Of two processes, one after the other, only luck and the primary key see to it.
class TimeOrderedIds {
 public:
  static constexpr unsigned lanes = 256;
  explicit TimeOrderedIds(Random& random, unsigned lane = 0);  // lane < lanes
  std::int64_t next(Time now);

 private:
  Random& random_;
  std::uint64_t last_;  // the lane is its last 8 bits
};

// RFC 9562 UUID version 7 in its 36-character form.
std::string uuid7(Random& random, Time now);

}  // namespace base
