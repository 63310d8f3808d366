// SPDX-License-Identifier: Apache-2.0
// The transaction itself: the steps one after the other until one fails, then the tidying up.
#pragma once

#include <functional>

#include "probe/probe.h"
#include "probe/steps.h"

namespace probe {

// Blocks; may hang in a system call or in libstrophe, so it belongs into a process of its own that
// somebody watches (run() in probe.h).
void perform(const Options& options, const std::function<void(const Note&)>& tell);

}  // namespace probe
