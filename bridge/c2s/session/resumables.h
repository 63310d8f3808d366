// SPDX-License-Identifier: Apache-2.0
// Resumables: the sessions of one shard that can be resumed, by the id that was given out for it
// (XEP-0198 §5). It owns none of them; the router does. Of those that are gone it remembers, for a
// while, how far their client's stanzas were handled. On the shard's thread.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "xmpp/jid.h"

namespace bridge::c2s {

class BoundSession;

class Resumables {
 public:
  static constexpr std::size_t remembered_max = 1000;

  void add(const std::string& id, const std::shared_ptr<BoundSession>& session);
  std::shared_ptr<BoundSession> find(const std::string& id) const;  // null: none
  std::vector<std::shared_ptr<BoundSession>> all() const;
  // Of those of this account whose connection is gone; null: none.
  std::shared_ptr<BoundSession> longest_away(const xmpp::Jid& account) const;
  void forget(const std::string& id);

  // The session was not resumed in time; `account` may be told its h.
  void remember(const std::string& id, xmpp::Jid account, std::uint32_t h);
  std::optional<std::uint32_t> handled(const std::string& id, const xmpp::Jid& account) const;

 private:
  struct Past {
    xmpp::Jid account;
    std::uint32_t h;
  };
  std::unordered_map<std::string, std::weak_ptr<BoundSession>> sessions_;
  std::unordered_map<std::string, Past> past_;
  std::deque<std::string> past_order_;  // oldest first
};

}  // namespace bridge::c2s
