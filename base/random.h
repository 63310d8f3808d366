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

// A positive 63-bit id: 42 bits of milliseconds, 21 random bits. Grows with time, so that B-trees
// keyed by it stay dense; unique for all practical purposes, and the primary key catches the rest.
std::int64_t time_ordered_id(Random& random, Time now);

// RFC 9562 UUID version 7 in its 36-character form.
std::string uuid7(Random& random, Time now);

}  // namespace base
