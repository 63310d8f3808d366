// SPDX-License-Identifier: Apache-2.0
// Rejects: how often clients were refused, by reason ("stream:policy-violation",
// "sasl:not-authorized", "accept:preauth_connections" …). Thread-safe.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>

namespace bridge::c2s {

class Rejects {
 public:
  void count(std::string_view what, std::string_view reason) {
    std::string key(what);
    key.append(1, ':').append(reason);
    const std::lock_guard lock(mutex_);
    ++counts_[std::move(key)];
  }
  std::map<std::string, std::uint64_t> all() const {
    const std::lock_guard lock(mutex_);
    return counts_;
  }

 private:
  mutable std::mutex mutex_;
  std::map<std::string, std::uint64_t> counts_;
};

}  // namespace bridge::c2s
