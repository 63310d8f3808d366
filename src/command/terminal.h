// SPDX-License-Identifier: Apache-2.0
// The terminal of whoever typed the command: passwords without echo, progress on one line, colours
// where they make sense.
#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "base/result.h"
#include "src/command/table.h"

namespace server {

bool stdin_is_terminal();
bool stderr_is_terminal();
Colours stdout_colours();  // on only on a terminal, and not if NO_COLOR is set

// Asks on stderr, reads from the terminal at stdin. nullopt: given up with ^C or ^D.
std::optional<std::string> ask_password(const std::string& prompt);
// Up to the first line end of stdin, at most `max` bytes.
base::Result<std::string, std::string> read_line_from_stdin(std::size_t max);

// "importing 120 of 10000", rewritten in place; the last call ends the line.
// `total` 0: nobody knows. Until done == total the line goes on, and end_progress() ends it.
void show_progress(std::size_t done, std::size_t total);
void end_progress();

}  // namespace server
