// SPDX-License-Identifier: Apache-2.0
// Socket: one non-blocking outgoing TCP connection, plain or TLS from the first byte. The generator
// has its own so that it is independent of net/, which it measures.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace bench {

struct Endpoint {
  std::string host = "127.0.0.1";  // an IPv4 address
  std::uint16_t port = 0;
};

class Socket {
 public:
  enum class Io { ok, again, closed, failed };

  // Begins to connect; throws Failed only when out of descriptors or ports.
  Socket(const Endpoint& endpoint, bool tls);
  ~Socket();
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;

  int fd() const { return fd_; }
  bool encrypted() const { return tls_ != nullptr; }

  // Call on each event until ok: finishes TCP connect and TLS handshake.
  Io establish();
  Io read(char* buffer, std::size_t size, std::size_t& got);
  Io write(std::string_view bytes, std::size_t& put);

 private:
  struct Tls;
  int fd_ = -1;
  std::unique_ptr<Tls> tls_;
};

}  // namespace bench
