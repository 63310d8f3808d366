// SPDX-License-Identifier: Apache-2.0
#include "src/operation/notify.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <charconv>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <utility>

#include "src/control/descriptor.h"

namespace server {
namespace {

std::string take(const char* name) {
  const char* value = std::getenv(name);
  std::string text = value == nullptr ? "" : value;
  ::unsetenv(name);
  return text;
}

std::optional<std::int64_t> number(const std::string& text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

}  // namespace

Notifier::Notifier(std::string socket, std::optional<base::Micros> watchdog)
    : socket_(std::move(socket)), watchdog_(watchdog) {}

Notifier Notifier::from_environment() {
  const auto socket = take("NOTIFY_SOCKET");
  const auto within = number(take("WATCHDOG_USEC"));
  const auto process = number(take("WATCHDOG_PID"));
  const bool for_us = within && *within > 0 && (!process || *process == ::getpid());
  return {socket, for_us ? within : std::nullopt};
}

void Notifier::ready(const std::string& status) const { send("READY=1\nSTATUS=" + status); }
void Notifier::starting(const std::string& status) const {
  send("EXTEND_TIMEOUT_USEC=30000000\nSTATUS=" + status);
}
void Notifier::reloading(base::Time monotonic) const {
  send("RELOADING=1\nMONOTONIC_USEC=" + std::to_string(monotonic.us));
}
void Notifier::stopping(const std::string& status) const { send("STOPPING=1\nSTATUS=" + status); }
void Notifier::status(const std::string& text) const { send("STATUS=" + text); }
void Notifier::alive() const {
  if (watchdog_) send("WATCHDOG=1");
}

// Whether it arrives is the manager's affair: it has time limits of its own.
void Notifier::send(std::string_view message) const {
  if (socket_.size() < 2 || (socket_[0] != '/' && socket_[0] != '@')) return;
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (socket_.size() >= sizeof address.sun_path) return;
  std::memcpy(address.sun_path, socket_.data(), socket_.size());
  if (socket_[0] == '@') address.sun_path[0] = '\0';
  const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + socket_.size());
  const Descriptor fd(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  if (!fd) return;
  // Never waits for a manager that does not read: whoever tells it something has people to serve.
  (void)::sendto(fd.get(), message.data(), message.size(), MSG_NOSIGNAL | MSG_DONTWAIT,
                 reinterpret_cast<const sockaddr*>(&address), size);
}

}  // namespace server
