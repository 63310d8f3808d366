// SPDX-License-Identifier: Apache-2.0
// Notifier: tells the service manager how the server is, sd_notify(3). Without one it does nothing.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"

namespace server {

class Notifier {
 public:
  // `socket`: NOTIFY_SOCKET, a path or "@name" (abstract); "": nobody is to be told.
  // `watchdog`: WATCHDOG_USEC, within which alive() must come again.
  Notifier(std::string socket, std::optional<base::Micros> watchdog);
  // From the environment; they are taken out of it, so that no child speaks in our name.
  static Notifier from_environment();

  // Any thread. One line of text for people each.
  void ready(const std::string& status) const;
  // The start takes longer: for half a minute more it is not to be given up.
  void starting(const std::string& status) const;
  void reloading(base::Time monotonic) const;
  void stopping(const std::string& status) const;
  void status(const std::string& text) const;
  void alive() const;  // if a watchdog waits

 private:
  void send(std::string_view message) const;

  std::string socket_;
  std::optional<base::Micros> watchdog_;
};

}  // namespace server
