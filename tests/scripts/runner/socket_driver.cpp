// SPDX-License-Identifier: Apache-2.0
#include "tests/scripts/runner/socket_driver.h"

#include <stdexcept>

#include "tests/scripts/runner/socket_client.h"
#include "xmpp/ns.h"

namespace tests {
namespace {
constexpr int patience_ms = 5000;
}

SocketDriver::SocketDriver(Address address) : address_(std::move(address)) {}

SocketDriver::~SocketDriver() = default;

SocketClient& SocketDriver::get(const std::string& client) const {
  const auto at = clients_.find(client);
  if (at == clients_.end()) throw std::runtime_error(client + " is not connected");
  return *at->second;
}

std::string SocketDriver::connect(const std::string& client, const std::string& account,
                                  const std::string& resource) {
  auto made = std::make_unique<SocketClient>(address_.host, address_.port, address_.domain);
  if (address_.tidy) made->tidy();
  made->log_in(account, "pass", resource);
  const std::string jid = made->jid();
  clients_[client] = std::move(made);
  return jid;
}

void SocketDriver::disconnect(const std::string& client) {
  get(client).close();
  clients_.erase(client);
}

// A ping to the room is answered in the room's order: by then the stanza has been dealt with.
void SocketDriver::send(const std::string& client, const xmpp::Element& stanza,
                        const std::string& room) {
  get(client).send(stanza);
  get(client).sync(room);
}

std::optional<xmpp::Element> SocketDriver::receive(const std::string& client) {
  return get(client).receive(patience_ms);
}

std::optional<xmpp::Element> SocketDriver::receive_now(const std::string& client,
                                                       const std::string& room) {
  get(client).sync(room);
  return get(client).take_kept();
}

void SocketDriver::advance(base::Micros) {
  throw std::runtime_error("time cannot be moved on a real server");
}

void SocketDriver::command(const std::string& text, const std::string&) {
  throw std::runtime_error("not possible over sockets: " + text);
}

}  // namespace tests
