// SPDX-License-Identifier: Apache-2.0
#include "src/credentials.h"

#include <utility>

namespace server {
namespace {

using State = bridge::Lookup::State;

bridge::Lookup look_up(accounts::AccountStore& store, const std::string& localpart) {
  auto found = store.find(localpart);
  if (!found) return {State::unavailable};
  if (!*found) return {State::unknown};
  accounts::Account& account = **found;
  return {account.enabled ? State::found : State::disabled, std::move(account.verifiers)};
}

}  // namespace

void Credentials::find(net::Loop& loop, std::string localpart,
                       std::function<void(bridge::Lookup)> done) {
  auto answer = std::make_shared<std::function<void(bridge::Lookup)>>(std::move(done));
  const bool taken = workers_.submit([&loop, this, localpart = std::move(localpart), answer] {
    loop.post([lookup = look_up(store_, localpart), answer] { (*answer)(lookup); });
  });
  if (!taken) loop.post([answer] { (*answer)({State::unavailable}); });
}

}  // namespace server
