// SPDX-License-Identifier: Apache-2.0
// What `hansard check` looks at before a server is started: databases, certificate, listeners. It
// changes nothing and takes no lock, so it may run beside the server.
#pragma once

#include "admin/answer.h"
#include "base/time.h"
#include "src/config/config.h"

namespace server {

struct CheckReport {
  admin::Answer answer;  // a table of findings
  std::size_t wrong = 0;
};

CheckReport check(const Config& config, base::Time now);

}  // namespace server
