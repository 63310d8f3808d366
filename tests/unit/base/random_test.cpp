// SPDX-License-Identifier: Apache-2.0
#include "base/random.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <set>

#include "base/crypto.h"
#include "tests/support/fakes.h"

using namespace base;

namespace {

constexpr Time november{1'763'812'345'678'901};

// The largest or the smallest id a moment can have.
class ConstantRandom final : public Random {
 public:
  explicit ConstantRandom(unsigned char value) : value_(std::byte{value}) {}
  void fill(std::span<std::byte> out) override { std::fill(out.begin(), out.end(), value_); }

 private:
  std::byte value_;
};

}  // namespace

TEST_CASE("the system's random bytes differ from call to call") {
  SystemRandom random;
  std::set<std::string> seen;
  for (int i = 0; i < 1000; ++i) seen.insert(random_token(random, 16));
  CHECK(seen.size() == 1000);
  random.fill({});
}

TEST_CASE("a random token is base64url of the asked number of bytes") {
  tests::SeededRandom random;
  for (std::size_t bytes : {0u, 1u, 9u, 16u, 32u}) {
    const auto raw = from_base64url(random_token(random, bytes));
    REQUIRE(raw.has_value());
    CHECK(raw->size() == bytes);
  }
}

TEST_CASE("ids of a later millisecond are larger") {
  ConstantRandom high(0xff), low(0x00);
  Time now = november;
  for (int i = 0; i < 1000; ++i, now = now + milliseconds(1))
    REQUIRE(TimeOrderedIds(high, 255).next(now) < TimeOrderedIds(low).next(now + milliseconds(1)));
}

TEST_CASE("ids are positive whatever the clock says") {
  ConstantRandom high(0xff), low(0x00);
  for (const Time now : {Time{0}, Time{-1}, Time{INT64_MIN}, Time{INT64_MAX}, november}) {
    CHECK(TimeOrderedIds(low).next(now) > 0);
    CHECK(TimeOrderedIds(high, 255).next(now) > 0);
  }
}

TEST_CASE("ids begin with the millisecond and end with the lane") {
  ConstantRandom high(0xff), low(0x00);
  CHECK(TimeOrderedIds(low).next(november) >> 21 == november.us / 1000);
  CHECK(TimeOrderedIds(high, 7).next(november) - TimeOrderedIds(low).next(november) ==
        (((1 << 13) - 1) << 8) + 7);
}

TEST_CASE("no id is made twice, in any lane, however fast and however the clock is set") {
  ConstantRandom same(0x55);
  TimeOrderedIds first(same, 0), second(same, 1), last(same, 255);
  std::set<std::int64_t> seen;
  std::int64_t before = 0;
  for (int i = 0; i < 20000; ++i) {
    const Time now = november - milliseconds(i % 7);
    const std::int64_t id = first.next(now);
    REQUIRE(id > before);
    before = id;
    for (const std::int64_t made : {id, second.next(now), last.next(now)})
      REQUIRE(seen.insert(made).second);
  }
}

TEST_CASE("a UUID of version 7 has its form, version, variant and time") {
  tests::SeededRandom random;
  std::set<std::string> seen;
  for (int i = 0; i < 200; ++i) {
    const std::string id = uuid7(random, november);
    REQUIRE(id.size() == 36);
    for (std::size_t at = 0; at < id.size(); ++at) {
      const bool dash = at == 8 || at == 13 || at == 18 || at == 23;
      REQUIRE(dash == (id[at] == '-'));
      if (!dash) REQUIRE(std::string("0123456789abcdef").find(id[at]) != std::string::npos);
    }
    REQUIRE(id[14] == '7');
    REQUIRE(std::string("89ab").find(id[19]) != std::string::npos);
    REQUIRE(std::stoll(id.substr(0, 8) + id.substr(9, 4), nullptr, 16) == november.us / 1000);
    seen.insert(id);
  }
  CHECK(seen.size() == 200);
}

TEST_CASE("the UUID of RFC 9562 appendix A.6 comes out of its own bytes") {
  class Replay final : public Random {
    void fill(std::span<std::byte> out) override {
      const unsigned char bytes[16] = {0,    0,    0,    0,    0,    0,    0x0c, 0xc3,
                                       0x18, 0xc4, 0xdc, 0x0c, 0x0c, 0x07, 0x39, 0x8f};
      REQUIRE(out.size() == 16);
      std::transform(bytes, bytes + 16, out.begin(), [](unsigned char b) { return std::byte{b}; });
    }
  } replay;
  CHECK(uuid7(replay, {milliseconds(0x017F22E279B0)}) == "017f22e2-79b0-7cc3-98c4-dc0c0c07398f");
}

TEST_CASE("the system's clocks run forward") {
  const SystemClock clock;
  const Time start = clock.monotonic();
  CHECK(clock.monotonic() >= start);
  CHECK(clock.wall() > Time{1'700'000'000'000'000});
}
