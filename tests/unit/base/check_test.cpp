// SPDX-License-Identifier: Apache-2.0
#include "base/check.h"

#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <string>

namespace {
void check_that(bool truth) { CHECK(truth); }
}  // namespace
#undef CHECK
#include <catch2/catch.hpp>

TEST_CASE("a failed CHECK says where and aborts") {
  int ends[2];
  REQUIRE(::pipe(ends) == 0);
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    std::signal(SIGABRT, SIG_DFL);  // not Catch's handler
    ::dup2(ends[1], STDERR_FILENO);
    check_that(false);
    ::_exit(0);
  }
  ::close(ends[1]);
  std::string said;
  std::array<char, 256> chunk{};
  for (ssize_t n = 1; n > 0;) {
    n = ::read(ends[0], chunk.data(), chunk.size());
    if (n > 0) said.append(chunk.data(), static_cast<std::size_t>(n));
  }
  ::close(ends[0]);
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  CHECK(WIFSIGNALED(status));
  CHECK(WTERMSIG(status) == SIGABRT);
  CHECK(said.find("CHECK failed: truth (") == 0);
  CHECK(said.find("check_test.cpp:") != std::string::npos);
}

TEST_CASE("a true CHECK does nothing") { REQUIRE_NOTHROW(check_that(true)); }
