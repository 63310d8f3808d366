// SPDX-License-Identifier: Apache-2.0
#include "bridge/c2s/session/inbound.h"

#include <catch2/catch.hpp>

using bridge::c2s::Inbound;

TEST_CASE("h counts the prefix that is done with, in whatever order that happens") {
  Inbound in;
  for (int i = 0; i < 5; ++i) CHECK(in.receive() == static_cast<std::uint64_t>(i));
  CHECK(in.h() == 0);
  in.settle(3);
  in.settle(1);
  CHECK(in.h() == 0);
  in.settle(0);
  CHECK(in.h() == 2);
  CHECK_FALSE(in.all_settled());
  in.settle(2);
  CHECK(in.h() == 4);
  in.settle(4);
  CHECK(in.h() == 5);
  CHECK(in.all_settled());
  CHECK(in.received() == 5);
}

TEST_CASE("h goes from 2^32 - 1 to 0") {
  Inbound in((1ULL << 32) - 2);
  for (int i = 0; i < 4; ++i) in.receive();
  CHECK(in.h() == 4294967294U);
  in.settle((1ULL << 32) - 2);
  CHECK(in.h() == 4294967295U);
  in.settle(1ULL << 32);
  CHECK(in.h() == 4294967295U);
  in.settle((1ULL << 32) - 1);
  CHECK(in.h() == 1U);
  in.settle((1ULL << 32) + 1);
  CHECK(in.h() == 2U);
  CHECK(in.all_settled());
}
