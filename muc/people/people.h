// SPDX-License-Identifier: Apache-2.0
// What a room keeps about people besides their affiliations, by bare JID and key: each feature that
// keeps something declares a key of its own. "" is not kept. What changes here is recorded: see
// keep() in verbs.h.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "xmpp/jid.h"

namespace muc {

class People {
 public:
  using Values = std::map<std::string, std::string, std::less<>>;  // by key

  // "" if nothing is kept. Valid until the next set().
  std::string_view get(const xmpp::Jid& real, std::string_view key) const;
  void set(const xmpp::Jid& real, std::string_view key, std::string value);
  const Values* of(const xmpp::Jid& real) const;  // null if nothing is kept
  // Everybody about whom something is kept under the key, in order of their JIDs.
  std::vector<std::pair<xmpp::Jid, std::string>> with(std::string_view key) const;
  std::size_t count(std::string_view key) const;
  std::size_t size() const { return size_; }  // values

 private:
  std::map<std::string, std::pair<xmpp::Jid, Values>, std::less<>> people_;
  std::map<std::string, std::size_t, std::less<>> counts_;  // by key
  std::size_t size_ = 0;
};

}  // namespace muc
