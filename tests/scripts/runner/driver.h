// SPDX-License-Identifier: Apache-2.0
// Driver: what carries a transcript out, against rules in memory or a server behind sockets.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"
#include "tests/scripts/runner/script.h"
#include "xmpp/element.h"

namespace tests {

class Driver {
 public:
  virtual ~Driver() = default;
  virtual std::string domain() const = 0;
  virtual std::string service() const = 0;
  // Returns the full JID. Accounts are `account`@domain with the password "pass".
  virtual std::string connect(const std::string& client, const std::string& account,
                              const std::string& resource) = 0;
  virtual void disconnect(const std::string& client) = 0;
  // `room` is what the script is about: where a driver may ask whether the stanza has been dealt
  // with.
  virtual void send(const std::string& client, const xmpp::Element& stanza,
                    const std::string& room) = 0;
  // The next stanza, waiting for it as long as is reasonable.
  virtual std::optional<xmpp::Element> receive(const std::string& client) = 0;
  // The next stanza of those that must be there by now.
  virtual std::optional<xmpp::Element> receive_now(const std::string& client,
                                                   const std::string& room) = 0;
  virtual void advance(base::Micros delay) = 0;
  virtual void command(const std::string& text, const std::string& room) = 0;
};

// Throws std::runtime_error that says which line failed and why.
void run_script(const Script& script, Driver& driver);

// The account a client of a script logs in as.
std::string account_of(const Script& script, const Client& client);

}  // namespace tests
