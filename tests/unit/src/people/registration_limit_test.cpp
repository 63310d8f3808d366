// SPDX-License-Identifier: Apache-2.0
#include "src/people/registration_limit.h"

#include <catch2/catch.hpp>

using server::RegistrationLimit;

TEST_CASE("so many accounts from one address within an hour, and no more") {
  RegistrationLimit limit;
  const base::Time start{base::seconds(1000)};
  for (std::size_t i = 0; i < RegistrationLimit::per_window; ++i)
    CHECK(limit.take("192.0.2.1", start + base::seconds(static_cast<std::int64_t>(i))));
  CHECK_FALSE(limit.take("192.0.2.1", start + base::seconds(100)));
  CHECK(limit.take("192.0.2.2", start + base::seconds(100)));
  CHECK_FALSE(limit.take("192.0.2.1", start + RegistrationLimit::window - 1));
  CHECK(limit.take("192.0.2.1", start + RegistrationLimit::window));  // the first is forgotten
  CHECK_FALSE(limit.take("192.0.2.1", start + RegistrationLimit::window));
}

TEST_CASE("an IPv6 /64 is one address") {
  RegistrationLimit limit;
  const base::Time now{base::seconds(1000)};
  for (std::size_t i = 0; i < RegistrationLimit::per_window; ++i)
    CHECK(limit.take("2001:db8::" + std::to_string(i), now));
  CHECK_FALSE(limit.take("2001:db8::ffff", now));
  CHECK(limit.take("2001:db8:0:1::1", now));
}

TEST_CASE("very many addresses take no more memory") {
  RegistrationLimit limit;
  const base::Time now{base::seconds(1000)};
  for (std::size_t i = 0; i < RegistrationLimit::addresses_max; ++i)
    limit.take("a" + std::to_string(i), now);
  CHECK_FALSE(limit.take("one more", now));
  CHECK(limit.take("a0", now));
  CHECK(limit.take("one more", now + RegistrationLimit::window));
}
