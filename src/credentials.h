// SPDX-License-Identifier: Apache-2.0
// Credentials: answers the edges' question "who may log in" from the accounts in the database, on
// the workers.
#pragma once

#include "accounts/account_store.h"
#include "bridge/credentials.h"
#include "net/loop/workers.h"

namespace server {

class Credentials final : public bridge::CredentialSource {
 public:
  // Both must outlive it.
  Credentials(accounts::AccountStore& store, net::Workers& workers)
      : store_(store), workers_(workers) {}

  void find(net::Loop& loop, std::string localpart,
            std::function<void(bridge::Lookup)> done) override;

 private:
  accounts::AccountStore& store_;
  net::Workers& workers_;
};

}  // namespace server
