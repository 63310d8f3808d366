// SPDX-License-Identifier: Apache-2.0
// CHECK(cond): our own mistakes. Logs and aborts, in release builds too: a wrong record is worse
// than a restart.
#pragma once

namespace base {
[[noreturn]] void check_failed(const char* condition, const char* file, int line) noexcept;
}

#define CHECK(cond) \
  (static_cast<bool>(cond) ? void(0) : ::base::check_failed(#cond, __FILE__, __LINE__))
