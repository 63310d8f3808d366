// SPDX-License-Identifier: Apache-2.0
// Admission: how many connections may be here that nobody has logged in on, in all and from one
// address, and how long failed logins from an address are made to wait. Shared by all shards;
// thread-safe.
#pragma once

#include <cstddef>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>

#include "base/time.h"
#include "bridge/c2s/config.h"

namespace bridge::c2s {

// What counts as one source: an IPv4 address, an IPv6 /64.
std::string address_group(const std::string& address);

class Admission {
 public:
  // One connection's place; gives it back when it dies. Must not outlive the Admission.
  class Ticket {
   public:
    Ticket(Admission& admission, std::string group)
        : admission_(&admission), group_(std::move(group)) {}
    ~Ticket() { admission_->leave(group_); }
    Ticket(const Ticket&) = delete;
    Ticket& operator=(const Ticket&) = delete;

   private:
    Admission* admission_;
    std::string group_;
  };

  // Null: no place is left; `reason` says which limit.
  std::unique_ptr<Ticket> enter(const std::string& address, const Limits& limits,
                                const char*& reason);
  std::size_t waiting() const;

  // Counts a failed login; how long its answer has to wait.
  base::Micros failed(const std::string& address, const Config& config, base::Time now);

 private:
  friend class Ticket;
  struct Failures {
    double level = 0;  // loses one each second
    base::Time at{};
  };
  void leave(const std::string& group);
  void forget_old(base::Time now);

  mutable std::mutex mutex_;
  std::size_t total_ = 0;
  std::unordered_map<std::string, std::size_t> groups_;
  std::unordered_map<std::string, Failures> failures_;
};

}  // namespace bridge::c2s
