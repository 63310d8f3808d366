// SPDX-License-Identifier: Apache-2.0
// RegistrationLimit: how many accounts may be asked for from one address (IPv6: one /64) within an
// hour. Counted when the work begins, whatever comes of it. Thread-safe.
#pragma once

#include <cstddef>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/time.h"

namespace server {

class RegistrationLimit {
 public:
  static constexpr std::size_t per_window = 5;
  static constexpr base::Micros window = base::minutes(60);
  static constexpr std::size_t addresses_max = 10000;  // remembered; beyond, nobody new may

  bool take(const std::string& address, base::Time now);

 private:
  std::mutex mutex_;
  std::unordered_map<std::string, std::vector<base::Time>> taken_;  // oldest first
};

}  // namespace server
