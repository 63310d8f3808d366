// SPDX-License-Identifier: Apache-2.0
// Transcripts over real sockets, against any server: plain blocking TCP, SASL PLAIN, no TLS. After
// each stanza the driver pings the room and keeps what comes before the answer, so that the server
// has dealt with it before somebody else goes on; nothing here sleeps.
#pragma once

#include <deque>
#include <map>
#include <memory>

#include "tests/scripts/runner/driver.h"

namespace tests {

// One logged-in client. Throws std::runtime_error when the server does not play along.
class SocketClient;

class SocketDriver final : public Driver {
 public:
  struct Address {
    std::string host, port;
    std::string domain;
    std::string service;
    bool tidy = false;  // see SocketClient::tidy
  };
  explicit SocketDriver(Address address);
  ~SocketDriver() override;

  std::string domain() const override { return address_.domain; }
  std::string service() const override { return address_.service; }
  std::string connect(const std::string& client, const std::string& account,
                      const std::string& resource) override;
  void disconnect(const std::string& client) override;
  void send(const std::string& client, const xmpp::Element& stanza,
            const std::string& room) override;
  std::optional<xmpp::Element> receive(const std::string& client) override;
  std::optional<xmpp::Element> receive_now(const std::string& client,
                                           const std::string& room) override;
  void advance(base::Micros delay) override;
  void command(const std::string& text, const std::string& room) override;

 private:
  SocketClient& get(const std::string& client) const;

  Address address_;
  std::map<std::string, std::unique_ptr<SocketClient>> clients_;
};

}  // namespace tests
