// SPDX-License-Identifier: Apache-2.0
#include <cstdio>
#include <exception>

#include "src/command/cli.h"

int main(int argc, char** argv) {
  try {
    return server::run_command_line(argc, argv);
  } catch (const std::exception& failure) {
    std::fprintf(stderr, "hansard: something failed that should not: %s; please report it\n",
                 failure.what());
    return server::exit_failed;
  }
}
