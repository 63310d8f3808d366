// SPDX-License-Identifier: Apache-2.0
#include "base/check.h"

#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>

namespace base {

// Straight to the descriptor: the logger, the heap or stdio may be what is broken.
void check_failed(const char* condition, const char* file, int line) noexcept {
  std::array<char, 512> text{};
  const int n =
      std::snprintf(text.data(), text.size(), "CHECK failed: %s (%s:%d)\n", condition, file, line);
  if (n > 0) {
    const auto size =
        static_cast<std::size_t>(n) < text.size() ? static_cast<std::size_t>(n) : text.size() - 1;
    [[maybe_unused]] const auto written = ::write(STDERR_FILENO, text.data(), size);
  }
  std::abort();
}

}  // namespace base
