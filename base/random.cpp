// SPDX-License-Identifier: Apache-2.0
#include "base/random.h"

#include <openssl/rand.h>

#include <algorithm>
#include <array>
#include <climits>

#include "base/check.h"
#include "base/crypto.h"

namespace base {
namespace {

std::string_view chars_of(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// Whole milliseconds; a clock before 1970 counts as 1970, so that no id turns negative.
std::uint64_t milliseconds_of(Time now) {
  return now.us < 0 ? 0 : static_cast<std::uint64_t>(now.us) / 1000;
}

}  // namespace

void SystemRandom::fill(std::span<std::byte> out) {
  CHECK(out.size() <= INT_MAX);
  CHECK(RAND_bytes(reinterpret_cast<unsigned char*>(out.data()), static_cast<int>(out.size())) ==
        1);
}

std::string random_token(Random& random, std::size_t bytes) {
  std::string raw(bytes, '\0');
  random.fill(std::as_writable_bytes(std::span(raw)));
  return base64url(raw);
}

TimeOrderedIds::TimeOrderedIds(Random& random, unsigned lane) : random_(random), last_(lane) {
  CHECK(lane < lanes);
}

std::int64_t TimeOrderedIds::next(Time now) {
  constexpr std::uint64_t time_mask = (std::uint64_t{1} << 42) - 1;
  constexpr std::uint64_t random_mask = (std::uint64_t{1} << 13) - 1;
  std::array<std::byte, 2> noise{};
  random_.fill(noise);
  const std::uint64_t low =
      (std::to_integer<std::uint64_t>(noise[0]) << 8 | std::to_integer<std::uint64_t>(noise[1])) &
      random_mask;
  const std::uint64_t made = ((milliseconds_of(now) & time_mask) << 13 | low) << 8 | last_ % lanes;
  last_ = std::max(made, last_ + lanes) & INT64_MAX;
  return static_cast<std::int64_t>(last_);
}

std::string uuid7(Random& random, Time now) {
  std::array<std::byte, 16> bytes{};
  random.fill(bytes);
  const std::uint64_t ms = milliseconds_of(now);
  for (unsigned i = 0; i < 6; ++i) bytes[i] = static_cast<std::byte>(ms >> (40 - 8 * i) & 0xff);
  bytes[6] = (bytes[6] & std::byte{0x0f}) | std::byte{0x70};  // version 7
  bytes[8] = (bytes[8] & std::byte{0x3f}) | std::byte{0x80};  // RFC 9562's variant
  std::string text = hex(chars_of(bytes));
  for (const std::size_t at : {8u, 13u, 18u, 23u}) text.insert(at, 1, '-');
  return text;
}

}  // namespace base
