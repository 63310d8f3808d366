// SPDX-License-Identifier: Apache-2.0
// Failed: this run cannot be measured (no server, no login, time over). Thrown anywhere in bench/,
// caught once in main, printed as one sentence. A figure that misses its target is not a failure of
// this kind: it is reported.
#pragma once

#include <stdexcept>
#include <string>

namespace bench {

struct Failed : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// The server does not have what the scenario measures: reported as such, and no pass.
struct NotOffered : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// "what: the system's words for errno"
[[noreturn]] void fail_errno(const std::string& what);

}  // namespace bench
