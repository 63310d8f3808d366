// SPDX-License-Identifier: Apache-2.0
#include "base/result.h"

#include <catch2/catch.hpp>
#include <memory>
#include <string>

#include "base/payload.h"
#include "base/task.h"

using namespace base;

namespace {

Result<std::string, int> spell(int n) {
  if (n == 1) return std::string("one");
  return fail(n);
}

Result<void, std::string> refuse(bool yes) {
  if (yes) return fail("no");
  return {};
}

}  // namespace

TEST_CASE("a result is a value or a reason") {
  CHECK(spell(1));
  CHECK(*spell(1) == "one");
  CHECK(spell(1)->size() == 3);
  CHECK_FALSE(spell(7).has_value());
  CHECK(spell(7).error() == 7);
}

TEST_CASE("a result without a value is done or a reason") {
  CHECK(refuse(false));
  CHECK(refuse(true).error() == "no");
}

TEST_CASE("a value can be moved out of a result") {
  Result<std::unique_ptr<int>, int> result(std::make_unique<int>(3));
  const std::unique_ptr<int> taken = *std::move(result);
  CHECK(*taken == 3);
}

TEST_CASE("a task owns what it captured and runs it") {
  int runs = 0;
  Task task([owned = std::make_unique<int>(2), &runs] { runs += *owned; });
  Task moved = std::move(task);
  REQUIRE(moved);
  moved();
  moved();
  CHECK(runs == 4);
  CHECK_FALSE(Task{});
}

TEST_CASE("a payload knows its bytes and its hole") {
  CHECK(Payload{}.size() == 0);
  CHECK(Payload{}.splice_at == Payload::no_splice);
  const Payload payload = make_payload("<a/>", 2);
  CHECK(*payload.bytes == "<a/>");
  CHECK(payload.size() == 4);
  CHECK(payload.splice_at == 2);
}
