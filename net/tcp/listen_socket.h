// SPDX-License-Identifier: Apache-2.0
// For net/ only. The descriptor a listener listens on, and addresses as text.
#pragma once

#include <sys/socket.h>
#include <unistd.h>

#include <cstdint>
#include <string>
#include <utility>

#include "base/result.h"
#include "net/tcp/listener.h"

namespace net {

// Owns a descriptor; -1 is none.
class Descriptor {
 public:
  Descriptor() = default;
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() { reset(); }
  Descriptor(Descriptor&& other) noexcept : fd_(other.release()) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    reset();
    fd_ = other.release();
    return *this;
  }

  int get() const { return fd_; }
  int release() { return std::exchange(fd_, -1); }

 private:
  void reset() {
    if (fd_ >= 0) ::close(fd_);
    fd_ = -1;
  }
  int fd_ = -1;
};

// Bound, listening, non-blocking. The error is a sentence for the operator.
base::Result<Descriptor, std::string> listen_on(const Endpoint& endpoint);
std::uint16_t local_port(int fd);
std::string address_text(const sockaddr_storage& address);  // without port

}  // namespace net
