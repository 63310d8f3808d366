// SPDX-License-Identifier: Apache-2.0
// The address of control.sock, of any length, and the bounds both of its ends keep.
#pragma once

#include <sys/socket.h>
#include <sys/un.h>

#include <string>

#include "src/control/descriptor.h"

namespace server {

// A whole `user import` of tens of thousands of lines fits.
constexpr std::size_t control_line_max = 16 * 1024 * 1024;

class ControlAddress {
 public:
  // Longer paths than a sockaddr_un holds (107 bytes) go through /proc/self/fd and the open folder.
  explicit ControlAddress(const std::string& path);

  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&address_); }
  socklen_t size() const { return sizeof address_; }

 private:
  sockaddr_un address_ = {};
  Descriptor folder_;
};

Descriptor control_connection(const std::string& path);  // empty with errno set if it fails
std::string system_text(int error);

}  // namespace server
