// SPDX-License-Identifier: Apache-2.0
// Administrators: who may administer right now, by bare JID: those named in the configuration and
// the accounts made with --admin. Thread-safe. Whoever else must know is told of each change, in
// the order of the changes.
#pragma once

#include <functional>
#include <mutex>
#include <set>
#include <utility>
#include <vector>

#include "xmpp/jid.h"

namespace server {

class Administrators {
 public:
  // `tell` gets all of them after a change; it must not come back here.
  using Tell = std::function<void(const std::vector<xmpp::Jid>&)>;
  Administrators(const std::vector<xmpp::Jid>& named, const std::vector<xmpp::Jid>& made, Tell tell)
      : tell_(std::move(tell)),
        named_(named.begin(), named.end()),
        made_(made.begin(), made.end()) {}

  bool has(const xmpp::Jid& jid) const {
    const auto bare = jid.bare();
    const std::lock_guard lock(mutex_);
    return named_.contains(bare) || made_.contains(bare);
  }
  void set_named(const std::vector<xmpp::Jid>& named) {
    const std::lock_guard lock(mutex_);
    named_ = {named.begin(), named.end()};
    tell_all();
  }
  void set_made(const xmpp::Jid& account, bool may) {
    const std::lock_guard lock(mutex_);
    if (may)
      made_.insert(account.bare());
    else
      made_.erase(account.bare());
    tell_all();
  }

 private:
  void tell_all() const {
    auto all = named_;
    all.insert(made_.begin(), made_.end());
    tell_({all.begin(), all.end()});
  }

  const Tell tell_;
  mutable std::mutex mutex_;
  std::set<xmpp::Jid> named_, made_;
};

}  // namespace server
