// SPDX-License-Identifier: Apache-2.0
// The writer's random bytes. For the committer.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <span>

#include "base/random.h"

namespace db {

// Random bytes by the page: one call to the system's generator serves many salts. They are never
// kept beyond that; a fork would have to inherit the writer's thread to see them twice.
class Salts final : public base::Random {
 public:
  explicit Salts(base::Random& source) : source_(source) {}
  void fill(std::span<std::byte> out) override {
    if (out.size() > page_.size()) return source_.fill(out);
    if (page_.size() - used_ < out.size()) {
      source_.fill(page_);
      used_ = 0;
    }
    std::copy_n(page_.begin() + static_cast<std::ptrdiff_t>(used_), out.size(), out.begin());
    std::fill_n(page_.begin() + static_cast<std::ptrdiff_t>(used_), out.size(), std::byte{});
    used_ += out.size();
  }

 private:
  base::Random& source_;
  std::array<std::byte, 4096> page_{};
  std::size_t used_ = 4096;
};

}  // namespace db
