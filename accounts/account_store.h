// SPDX-License-Identifier: Apache-2.0
// Accounts as stored; writing is derived from events (record::AccountChanged).
// Calls block: run them on workers. Thread-safe.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "xmpp/scram.h"

namespace accounts {

enum class StoreError { unavailable };

struct Account {
  std::string localpart;  // prepared
  bool enabled = true;
  bool admin = false;
  base::Time created_at;
  xmpp::ScramVerifiers verifiers;
};

class AccountStore {
 public:
  virtual ~AccountStore() = default;
  virtual base::Result<std::optional<Account>, StoreError> find(const std::string& localpart) = 0;
  // In order of localpart, after `after`; verifiers are left empty.
  virtual base::Result<std::vector<Account>, StoreError> list(const std::string& after,
                                                              std::size_t max) = 0;
};

}  // namespace accounts
