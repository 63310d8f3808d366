// SPDX-License-Identifier: Apache-2.0
// Administrators: who may administer right now, by bare JID: those named in the configuration and
// the accounts made with --admin. Thread-safe.
#pragma once

#include <mutex>
#include <set>
#include <vector>

#include "xmpp/jid.h"

namespace server {

class Administrators {
 public:
  Administrators(const std::vector<xmpp::Jid>& named, const std::vector<xmpp::Jid>& made)
      : named_(named.begin(), named.end()), made_(made.begin(), made.end()) {}

  bool has(const xmpp::Jid& jid) const {
    const auto bare = jid.bare();
    const std::lock_guard lock(mutex_);
    return named_.contains(bare) || made_.contains(bare);
  }
  std::vector<xmpp::Jid> all() const {
    const std::lock_guard lock(mutex_);
    auto all = named_;
    all.insert(made_.begin(), made_.end());
    return {all.begin(), all.end()};
  }
  void set_named(const std::vector<xmpp::Jid>& named) {
    const std::lock_guard lock(mutex_);
    named_ = {named.begin(), named.end()};
  }
  void set_made(const xmpp::Jid& account, bool may) {
    const std::lock_guard lock(mutex_);
    if (may)
      made_.insert(account.bare());
    else
      made_.erase(account.bare());
  }

 private:
  mutable std::mutex mutex_;
  std::set<xmpp::Jid> named_, made_;
};

}  // namespace server
