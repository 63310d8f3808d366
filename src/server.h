// SPDX-License-Identifier: Apache-2.0
// The server as a whole: what `hansard serve` runs.
#pragma once

#include "base/log.h"
#include "src/config/config.h"

namespace server {

// Runs in the foreground until SIGTERM or SIGINT; returns the exit code.
int serve(const Config& config, base::LogFormat format);

}  // namespace server
