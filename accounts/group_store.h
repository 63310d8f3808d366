// SPDX-License-Identifier: Apache-2.0
// Local groups of users as stored; writing is derived from events (record::GroupChanged). A group
// has a name that never changes and members that are bare JIDs, of this server or others.
// Calls block: run them on workers. Thread-safe.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "accounts/account_store.h"
#include "base/result.h"
#include "base/time.h"
#include "xmpp/jid.h"

namespace accounts {

constexpr std::size_t group_name_bytes_max = 64;

// A group's name as it is kept: the rules of a localpart (RFC 7622 §3.3: lower case, no spaces,
// none of "&'/:<>@), at most 64 bytes, not beginning with '-' or '+', not "everyone". nullopt: it
// cannot be one.
std::optional<std::string> prepare_group_name(std::string_view text);

struct Group {
  std::string name;
  base::Time created_at;
  std::size_t members = 0;
};

class GroupStore {
 public:
  virtual ~GroupStore() = default;
  virtual base::Result<std::optional<Group>, StoreError> find(const std::string& name) = 0;
  // In order of name, after `after` ("" = from the start).
  virtual base::Result<std::vector<Group>, StoreError> list(const std::string& after,
                                                            std::size_t max) = 0;
  // Bare JIDs in order of their text, after `after`; none if there is no such group.
  virtual base::Result<std::vector<xmpp::Jid>, StoreError> members(const std::string& name,
                                                                   const std::string& after,
                                                                   std::size_t max) = 0;
  virtual base::Result<bool, StoreError> is_member(const std::string& name,
                                                   const xmpp::Jid& jid) = 0;
};

}  // namespace accounts
