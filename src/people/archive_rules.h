// SPDX-License-Identifier: Apache-2.0
// ArchiveRules: who wants what in their own archive, known at once and everywhere. In memory is who
// ever said something else than the default, which is to keep all. Thread-safe; told of changes
// when they are durable, in the order of the commits, on the recorder's thread.
#pragma once

#include <mutex>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "accounts/archive/preferences.h"

namespace server {

class ArchiveRules {
 public:
  bool wants(std::string_view localpart, const xmpp::Jid& other) const {
    const std::shared_lock lock(mutex_);
    const auto at = owners_.find(std::string(localpart));
    return at == owners_.end() || accounts::wants(at->second, other);
  }
  void set(accounts::ArchiveOwner owner) {
    const std::unique_lock lock(mutex_);
    auto& known = owners_[owner.localpart];
    known = std::move(owner);
  }
  void forget(const std::string& localpart) {
    const std::unique_lock lock(mutex_);
    owners_.erase(localpart);
  }

 private:
  mutable std::shared_mutex mutex_;
  std::unordered_map<std::string, accounts::ArchiveOwner> owners_;
};

}  // namespace server
