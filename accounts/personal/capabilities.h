// SPDX-License-Identifier: Apache-2.0
// Capabilities: what the hashes that clients show (XEP-0115) mean, as far as they say which PEP
// nodes a client wants to hear of. Shared by the accounts of a shard; one thread.
#pragma once

#include <deque>
#include <optional>
#include <string>
#include <unordered_map>

#include "accounts/personal/turn.h"

namespace accounts {

class Capabilities {
 public:
  explicit Capabilities(std::size_t max = 1000) : max_(max) {}

  std::optional<Interests> find(const std::string& ver) const;
  // `query` is an answer of disco#info. Kept only if it has this hash: else anybody could say what
  // others' clients want (XEP-0115 §8.1). Gives what it says either way, for whoever said it.
  Interests learn(const std::string& ver, const xmpp::Element& query);
  std::size_t size() const { return known_.size(); }

 private:
  const std::size_t max_;
  std::unordered_map<std::string, Interests> known_;
  std::deque<std::string> order_;  // the oldest goes first
};

}  // namespace accounts
