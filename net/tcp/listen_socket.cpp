// SPDX-License-Identifier: Apache-2.0
#include "net/tcp/listen_socket.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <optional>

namespace net {
namespace {

struct Address {
  sockaddr_storage storage{};
  socklen_t size = 0;
};

std::optional<Address> to_address(const std::string& host, std::uint16_t port) {
  const auto literal = host == "localhost" ? std::string("127.0.0.1") : host;
  Address address;
  auto* v4 = reinterpret_cast<sockaddr_in*>(&address.storage);
  if (inet_pton(AF_INET, literal.c_str(), &v4->sin_addr) == 1) {
    v4->sin_family = AF_INET;
    v4->sin_port = htons(port);
    address.size = sizeof(sockaddr_in);
    return address;
  }
  auto* v6 = reinterpret_cast<sockaddr_in6*>(&address.storage);
  if (inet_pton(AF_INET6, literal.c_str(), &v6->sin6_addr) == 1) {
    v6->sin6_family = AF_INET6;
    v6->sin6_port = htons(port);
    address.size = sizeof(sockaddr_in6);
    return address;
  }
  return std::nullopt;
}

std::string text(const Endpoint& endpoint) {
  const bool v6 = endpoint.host.find(':') != std::string::npos;
  return (v6 ? "[" + endpoint.host + "]" : endpoint.host) + ":" + std::to_string(endpoint.port);
}

std::string sentence(const Endpoint& endpoint, int error) {
  const auto where =
      endpoint.option.empty() ? "the address in [listen]" : "[listen] " + endpoint.option;
  const auto address = text(endpoint);
  switch (error) {
    case EADDRINUSE:
      return address + " is in use by another process: stop it or change " + where;
    case EADDRNOTAVAIL:
      return address + " is not an address of this machine: change " + where;
    case EACCES:
      return address + " needs a privilege, as every port below 1024: grant it or change " + where;
    default:
      return "cannot listen on " + address + ": " + std::strerror(error);
  }
}

bool prepare(int fd, int family) {
  const int on = 1;
  if (::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0) return false;
  return family != AF_INET6 || ::setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on) == 0;
}

base::Failure<std::string> not_an_address(const std::string& text) {
  return base::fail("\"" + text +
                    "\" is not an address to listen on: write ADDRESS:PORT, as 127.0.0.1:5222 or "
                    "[::1]:5222");
}

}  // namespace

base::Result<Endpoint, std::string> parse_endpoint(const std::string& text) {
  const auto colon = text.rfind(':');
  if (colon == std::string::npos) return not_an_address(text);
  Endpoint endpoint;
  endpoint.host = text.substr(0, colon);
  const bool bracketed =
      endpoint.host.size() > 2 && endpoint.host.front() == '[' && endpoint.host.back() == ']';
  if (bracketed) endpoint.host = endpoint.host.substr(1, endpoint.host.size() - 2);
  const bool v6 = endpoint.host.find(':') != std::string::npos;
  if (bracketed != v6 || !to_address(endpoint.host, 0)) return not_an_address(text);

  const char* const end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data() + colon + 1, end, endpoint.port);
  if (parsed.ec != std::errc{} || parsed.ptr != end) return not_an_address(text);
  return endpoint;
}

bool is_loopback(const Endpoint& endpoint) {
  const auto address = to_address(endpoint.host, endpoint.port);
  if (!address) return false;
  if (address->storage.ss_family == AF_INET6) {
    const auto* v6 = reinterpret_cast<const sockaddr_in6*>(&address->storage);
    return IN6_IS_ADDR_LOOPBACK(&v6->sin6_addr);
  }
  const auto* v4 = reinterpret_cast<const sockaddr_in*>(&address->storage);
  return (ntohl(v4->sin_addr.s_addr) >> 24) == 127;
}

base::Result<Descriptor, std::string> listen_on(const Endpoint& endpoint) {
  const auto address = to_address(endpoint.host, endpoint.port);
  if (!address) return not_an_address(text(endpoint));
  const int family = address->storage.ss_family;
  Descriptor fd(::socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  const auto* to = reinterpret_cast<const sockaddr*>(&address->storage);
  if (fd.get() < 0 || !prepare(fd.get(), family) || ::bind(fd.get(), to, address->size) != 0 ||
      ::listen(fd.get(), 1024) != 0) {
    return base::fail(sentence(endpoint, errno));
  }
  return fd;
}

std::uint16_t local_port(int fd) {
  sockaddr_storage own{};
  socklen_t size = sizeof own;
  if (::getsockname(fd, reinterpret_cast<sockaddr*>(&own), &size) != 0) return 0;
  return own.ss_family == AF_INET6 ? ntohs(reinterpret_cast<sockaddr_in6*>(&own)->sin6_port)
                                   : ntohs(reinterpret_cast<sockaddr_in*>(&own)->sin_port);
}

std::string address_text(const sockaddr_storage& address) {
  std::array<char, INET6_ADDRSTRLEN> out{};
  const bool v6 = address.ss_family == AF_INET6;
  const void* raw =
      v6 ? static_cast<const void*>(&reinterpret_cast<const sockaddr_in6*>(&address)->sin6_addr)
         : &reinterpret_cast<const sockaddr_in*>(&address)->sin_addr;
  inet_ntop(address.ss_family, raw, out.data(), out.size());
  return out.data();
}

}  // namespace net
