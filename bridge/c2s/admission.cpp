// SPDX-License-Identifier: Apache-2.0
#include "bridge/c2s/admission.h"

#include <arpa/inet.h>

#include <algorithm>
#include <cmath>

namespace bridge::c2s {
namespace {

constexpr std::size_t addresses_max = 100000;  // whose failures are remembered
constexpr std::size_t network_bytes = 8;       // of an IPv6 /64

double after(double level, base::Micros passed) {
  return std::max(0.0, level - static_cast<double>(passed) / 1e6);
}

}  // namespace

std::string address_group(const std::string& address) {
  in6_addr parsed{};
  if (inet_pton(AF_INET6, address.c_str(), &parsed) != 1) return address;
  if (IN6_IS_ADDR_V4MAPPED(&parsed)) return address;
  return {reinterpret_cast<const char*>(&parsed), network_bytes};
}

std::unique_ptr<Admission::Ticket> Admission::enter(const std::string& address,
                                                    const Limits& limits, const char*& reason) {
  std::string group = address_group(address);
  {
    const std::lock_guard lock(mutex_);
    if (total_ >= limits.preauth_connections) {
      reason = "preauth_connections";
      return nullptr;
    }
    std::size_t& here = groups_[group];
    if (here >= limits.preauth_per_address) {
      reason = "preauth_per_address";
      return nullptr;
    }
    ++here;
    ++total_;
  }
  return std::make_unique<Ticket>(*this, std::move(group));
}

void Admission::leave(const std::string& group) {
  const std::lock_guard lock(mutex_);
  --total_;
  const auto at = groups_.find(group);
  if (at != groups_.end() && --at->second == 0) groups_.erase(at);
}

std::size_t Admission::waiting() const {
  const std::lock_guard lock(mutex_);
  return total_;
}

base::Micros Admission::failed(const std::string& address, const Config& config, base::Time now) {
  const std::lock_guard lock(mutex_);
  if (failures_.size() >= addresses_max) forget_old(now);
  Failures& failures = failures_[address_group(address)];
  failures.level = after(failures.level, now - failures.at) + 1;
  failures.at = now;
  const double beyond = failures.level - static_cast<double>(config.free_failures);
  if (beyond <= 0) return 0;
  const double delay = std::ceil(beyond) * static_cast<double>(config.failure_delay);
  return static_cast<base::Micros>(std::min(delay, static_cast<double>(config.failure_delay_max)));
}

// An attacker with very many addresses makes us forget; he has each of them slowed down no more
// than by the limits on connections.
void Admission::forget_old(base::Time now) {
  std::erase_if(failures_, [&](const auto& entry) {
    return after(entry.second.level, now - entry.second.at) <= 1;
  });
  if (failures_.size() >= addresses_max) failures_.clear();
}

}  // namespace bridge::c2s
