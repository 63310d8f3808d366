// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/net/support.h"

#include <arpa/inet.h>
#include <linux/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <stdexcept>

#include "net/process.h"

namespace tests {

void fill_a_slice() {
  const auto until = std::chrono::steady_clock::now() + std::chrono::milliseconds(8);
  while (std::chrono::steady_clock::now() < until) {
  }
}

Client::Client(std::uint16_t port, int receive_buffer) : fd_(::socket(AF_INET, SOCK_STREAM, 0)) {
  net::ignore_sigpipe();
  const timeval patience{10, 0};
  ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  ::setsockopt(fd_, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
  if (receive_buffer != 0) {
    ::setsockopt(fd_, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
  }
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(port);
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(fd_, reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0) {
    throw std::runtime_error("connect failed");
  }
  const int on = 1;
  ::setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

Client::~Client() { ::close(fd_); }

bool Client::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const auto n = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (n <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
  return true;
}

std::string Client::receive(std::size_t n) {
  std::string got(n, '\0');
  std::size_t have = 0;
  while (have < n) {
    const auto r = ::recv(fd_, got.data() + have, n - have, 0);
    if (r <= 0) break;
    have += static_cast<std::size_t>(r);
  }
  got.resize(have);
  return got;
}

bool Client::ended() {
  char one = 0;
  const auto n = ::recv(fd_, &one, 1, 0);
  return n == 0 || (n < 0 && errno != EAGAIN && errno != EWOULDBLOCK);
}

void Client::end_sending() { ::shutdown(fd_, SHUT_WR); }

unsigned Client::segments_with_data() const {
  tcp_info info{};
  socklen_t size = sizeof info;
  ::getsockopt(fd_, IPPROTO_TCP, TCP_INFO, &info, &size);
  return info.tcpi_data_segs_in;
}

void Peer::on_read(std::string_view bytes) {
  {
    const std::lock_guard lock(mutex_);
    received_.append(bytes);
  }
  if (reader) reader(*this, bytes);
}

void Peer::on_tls_established() {
  established = true;
  if (secured) secured(*this);
}

void Peer::on_closed(net::CloseReason why) {
  reason = why;
  ++closed_calls;
  closed = true;
  if (ending) ending(*this);
}

Server::Server(std::size_t shards, std::function<void(Peer&)> prepare)
    : shards_(shards), prepare_(std::move(prepare)) {
  auto opened = net::Listener::open(shards_, {"127.0.0.1", 0},
                                    [this](std::size_t, std::unique_ptr<net::Connection> c) {
                                      auto peer = std::make_unique<Peer>();
                                      peer->connection = std::move(c);
                                      if (prepare_) prepare_(*peer);
                                      peer->connection->set_handler(peer.get());
                                      const std::lock_guard lock(mutex_);
                                      peers_.push_back(std::move(peer));
                                    });
  if (!opened) throw std::runtime_error(opened.error());
  listener_ = std::move(*opened);
  shards_.start();
}

Server::~Server() { stop(); }

Peer& Server::peer(std::size_t n) {
  if (!eventually([&] { return peers() > n; })) throw std::runtime_error("no connection came");
  const std::lock_guard lock(mutex_);
  return *peers_[n];
}

std::size_t Server::peers() {
  const std::lock_guard lock(mutex_);
  return peers_.size();
}

void Server::stop() {
  shards_.stop();
  shards_.join();
}

}  // namespace tests
