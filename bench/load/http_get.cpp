// SPDX-License-Identifier: Apache-2.0
#include "bench/load/http_get.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>

#include "bench/cpu.h"
#include "bench/failed.h"

namespace bench {
namespace {

struct Descriptor {
  int fd;
  ~Descriptor() { ::close(fd); }
};

std::string read_all(int fd) {
  std::string text;
  std::array<char, 65536> buffer;
  for (;;) {
    const ssize_t n = ::recv(fd, buffer.data(), buffer.size(), 0);
    if (n < 0) fail_errno("HTTP");
    if (n == 0) return text;
    text.append(buffer.data(), static_cast<std::size_t>(n));
  }
}

}  // namespace

std::optional<Page> http_get(const Endpoint& endpoint, const std::string& path) {
  const auto start = Clock::now();
  const Descriptor socket{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  if (socket.fd < 0) fail_errno("socket");
  const timeval limit{.tv_sec = 10, .tv_usec = 0};
  setsockopt(socket.fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  setsockopt(socket.fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(endpoint.port);
  if (inet_pton(AF_INET, endpoint.host.c_str(), &address.sin_addr) != 1)
    throw Failed(endpoint.host + " is not an IPv4 address");
  if (::connect(socket.fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    if (errno == ECONNREFUSED) return std::nullopt;
    fail_errno("HTTP");
  }
  const auto request = fmt::format("GET {} HTTP/1.1\r\nHost: {}:{}\r\nConnection: close\r\n\r\n",
                                   path, endpoint.host, endpoint.port);
  if (::send(socket.fd, request.data(), request.size(), MSG_NOSIGNAL) < 0) fail_errno("HTTP");
  const auto text = read_all(socket.fd);
  Page page{.milliseconds = seconds_between(start, Clock::now()) * 1000};
  const auto body = text.find("\r\n\r\n");
  if (!text.starts_with("HTTP/1.1 ") || body == std::string::npos)
    throw Failed("what answers at the HTTP address does not speak HTTP/1.1");
  std::from_chars(text.data() + 9, text.data() + 12, page.status);
  page.body = text.substr(body + 4);
  return page;
}

}  // namespace bench
