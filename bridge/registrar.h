// SPDX-License-Identifier: Apache-2.0
// Registrar: who makes accounts for clients that are not logged in (XEP-0077). src/ answers.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "net/loop/loop.h"
#include "xmpp/errors/stanza_error.h"

namespace bridge {

class Registrar {
 public:
  virtual ~Registrar() = default;
  // On `loop`'s thread; `done` runs later on the same loop, exactly once while the loop lives, when
  // the account is on record; or with why there is none. `address` is the client's.
  virtual void add_account(net::Loop& loop, std::string address, std::string username,
                           std::string password,
                           std::function<void(std::optional<xmpp::StanzaError>)> done) = 0;
};

}  // namespace bridge
