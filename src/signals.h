// SPDX-License-Identifier: Apache-2.0
// The signals that end the server or have it read its certificate again.
#pragma once

#include <functional>

namespace server {

// Before any thread is started: SIGTERM, SIGINT and SIGHUP are taken by wait_for_signals() alone.
void block_signals();
// After block_signals(), any thread: whether a SIGTERM or SIGINT waits to be taken.
bool end_is_asked();
// Until the first SIGTERM or SIGINT; `reload` for each SIGHUP.
void wait_for_signals(const std::function<void()>& reload);
// From here on a further SIGTERM or SIGINT ends the process at once, with exit code 1. What was
// recorded by then is on disk; the next start writes the rest down as it does after a crash.
void end_at_next_signal();

}  // namespace server
