// SPDX-License-Identifier: Apache-2.0
// Who may log in: what an edge asks when SASL begins. src/ answers from accounts.
#pragma once

#include <functional>
#include <string>

#include "net/loop/loop.h"
#include "xmpp/scram.h"

namespace bridge {

struct Lookup {
  enum class State { found, unknown, disabled, unavailable };
  State state = State::unknown;
  xmpp::ScramVerifiers verifiers = {};  // found and disabled
};

class CredentialSource {
 public:
  virtual ~CredentialSource() = default;
  // On `loop`'s thread; `done` runs later on the same loop, exactly once while the loop lives.
  virtual void find(net::Loop& loop, std::string localpart, std::function<void(Lookup)> done) = 0;
};

}  // namespace bridge
