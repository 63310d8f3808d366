// SPDX-License-Identifier: Apache-2.0
// The command line: finds out what was asked for and hands it on. No logic of its own; the
// administrative commands' words and options follow from their declarations in admin/.
#pragma once

namespace server {

enum Exit : int {
  exit_done = 0,
  exit_failed = 1,         // refused or failed
  exit_usage = 2,          // wrong usage
  exit_configuration = 78  // wrong configuration
};

// `argv` is written to: a password given as an option is blanked out of the process list.
int run_command_line(int argc, char** argv);

}  // namespace server
