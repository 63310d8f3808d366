// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/bridge/quick_client.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <thread>

#include "base/crypto.h"

namespace tests {

QuickClient::QuickClient(int port, unsigned seed)
    : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)), random_(seed) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  ::connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address);
  const int on = 1;
  ::setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

QuickClient::~QuickClient() { ::close(fd_); }

void QuickClient::send(std::string_view bytes) {
  for (auto cuts = random_() % 5; !bytes.empty(); cuts -= cuts > 0 ? 1 : 0) {
    const auto n = cuts == 0 ? bytes.size() : 1 + random_() % bytes.size();
    const auto sent = ::send(fd_, bytes.data(), n, MSG_NOSIGNAL);
    if (sent <= 0) return;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
    if (random_() % 2 == 0) std::this_thread::yield();
  }
}

bool QuickClient::expect(std::string_view text) {
  for (;;) {
    const auto at = seen_.find(text, expected_to_);
    if (at != std::string::npos) {
      expected_to_ = at + text.size();
      return true;
    }
    pollfd waiting{fd_, POLLIN, 0};
    char buffer[4096];
    if (::poll(&waiting, 1, 10000) != 1) return false;
    const auto n = ::recv(fd_, buffer, sizeof buffer, 0);
    if (n <= 0) return false;
    seen_.append(buffer, static_cast<std::size_t>(n));
  }
}

std::string QuickClient::header() {
  return "<?xml version='1.0'?><stream:stream to='localhost' version='1.0' xmlns='jabber:client' "
         "xmlns:stream='http://etherx.jabber.org/streams'>";
}

std::string QuickClient::login(const std::string& user) {
  using namespace std::string_literals;
  return "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>" +
         base::base64("\0"s + user + "\0pencil"s) + "</auth>";
}

std::string QuickClient::bind() {
  return "<iq type='set' id='bind'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>";
}

std::string QuickClient::ping(const std::string& id) {
  return "<iq type='get' id='" + id + "'><ping xmlns='urn:xmpp:ping'/></iq>";
}

}  // namespace tests
