// SPDX-License-Identifier: Apache-2.0
// Finds an address at which the server answers. libstrophe would try only one and would not say why
// it failed.
#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"
#include "base/time.h"

namespace probe {

// The first of the host's addresses that takes a TCP connection on the port, as text; the
// connection is closed again. Waits for the name server as long as the system does, for each
// address until `deadline` (monotonic). The error is a sentence.
base::Result<std::string, std::string> reach(const std::string& host, std::uint16_t port,
                                             base::Time deadline);

}  // namespace probe
