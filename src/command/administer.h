// SPDX-License-Identifier: Apache-2.0
// Carries out an administrative command that was typed: fills in what is asked on the terminal,
// asks the running server or else works on the databases, and prints the answer.
#pragma once

#include <optional>
#include <string>

#include "admin/command.h"
#include "src/config/config.h"

namespace server {

enum class Output { table, json };

struct Typed {
  const admin::Command* command = nullptr;
  admin::Arguments arguments;  // a file's name, not its lines; no passwords that were not given
  bool password_stdin = false;
  Output output = Output::table;
};

// Returns the exit code.
int administer(const Config& config, Typed typed);

void print_error(const std::string& text);  // "hansard: …" on stderr
void print_answer(const admin::Answer& answer, Output output);

}  // namespace server
