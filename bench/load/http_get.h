// SPDX-License-Identifier: Apache-2.0
// One HTTP/1.1 GET on a connection of its own.
#pragma once

#include <optional>
#include <string>

#include "bench/load/socket.h"

namespace bench {

struct Page {
  int status = 0;
  std::string body;
  double milliseconds = 0;  // from connecting to the last byte
};

// nullopt if nobody listens there. Throws Failed if what comes is no answer or takes over 10 s.
std::optional<Page> http_get(const Endpoint& endpoint, const std::string& path);

}  // namespace bench
