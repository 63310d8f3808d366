// SPDX-License-Identifier: Apache-2.0
#include "src/people/registration_limit.h"

#include "bridge/c2s/admission.h"

namespace server {

bool RegistrationLimit::take(const std::string& address, base::Time now) {
  const std::lock_guard lock(mutex_);
  const auto is_old = [&](base::Time t) { return now - t >= window; };
  const std::string group = bridge::c2s::address_group(address);
  if (taken_.size() >= addresses_max && !taken_.contains(group)) {
    std::erase_if(taken_, [&](const auto& entry) { return is_old(entry.second.back()); });
    if (taken_.size() >= addresses_max) return false;
  }
  auto& times = taken_[group];
  std::erase_if(times, is_old);
  if (times.size() >= per_window) return false;
  times.push_back(now);
  return true;
}

}  // namespace server
