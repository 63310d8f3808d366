// SPDX-License-Identifier: Apache-2.0
#include "probe/network.h"

#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>

namespace probe {
namespace {

using Addresses = std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)>;

std::string resolve_error(const std::string& host, int error) {
  if (error == EAI_NONAME)
    return "there is no host " + host + "; correct the name, or give an address";
  return "the name " + host + " cannot be resolved (" +
         std::string(error == EAI_SYSTEM ? std::strerror(errno) : ::gai_strerror(error)) +
         "); look at the name servers, or give an address";
}

// 0, or the errno of the attempt.
int try_address(const addrinfo& address, base::Time deadline) {
  const int fd = ::socket(address.ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) return errno;
  int error = ::connect(fd, address.ai_addr, address.ai_addrlen) == 0 ? 0 : errno;
  if (error == EINPROGRESS) {
    const auto left = deadline - base::SystemClock().monotonic();
    pollfd ready{.fd = fd, .events = POLLOUT, .revents = 0};
    socklen_t size = sizeof error;
    if (left <= 0 || ::poll(&ready, 1, static_cast<int>(left / base::milliseconds(1)) + 1) == 0)
      error = ETIMEDOUT;
    else
      ::getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size);
  }
  ::close(fd);
  return error;
}

std::string connect_error(const std::string& where, int error) {
  if (error == ECONNREFUSED)
    return "nothing listens at " + where + "; start the server, or correct host and port";
  if (error == ETIMEDOUT)
    return where + " does not answer; look whether the host is up and a firewall lets us through";
  return where + " cannot be reached (" + std::strerror(error) +
         "); correct host and port, or the network";
}

std::string numeric(const addrinfo& address) {
  char text[NI_MAXHOST] = "";
  ::getnameinfo(address.ai_addr, address.ai_addrlen, text, sizeof text, nullptr, 0, NI_NUMERICHOST);
  return text;
}

}  // namespace

base::Result<std::string, std::string> reach(const std::string& host, std::uint16_t port,
                                             base::Time deadline) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_ADDRCONFIG | AI_NUMERICSERV;
  addrinfo* found = nullptr;
  const auto service = std::to_string(port);
  int error = ::getaddrinfo(host.c_str(), service.c_str(), &hints, &found);
  if (error != 0) return base::fail(resolve_error(host, error));
  const Addresses addresses(found, &::freeaddrinfo);
  for (const auto* address = addresses.get(); address; address = address->ai_next) {
    error = try_address(*address, deadline);
    if (error == 0) return numeric(*address);
  }
  return base::fail(connect_error(host + ":" + service, error));
}

}  // namespace probe
