// SPDX-License-Identifier: Apache-2.0
// `hansard archive verify` and `hansard archive key`: what is done with the archive without asking
// the server, beside it or without it.
#pragma once

#include <string>
#include <vector>

#include "src/command/administer.h"
#include "src/config/config.h"

namespace server {

// As typed; nothing is checked yet.
struct VerifyWords {
  std::string folder;                    // of an export or a proof; "": the archive database
  std::vector<std::string> keys;         // a key each, or a file of them
  std::vector<std::string> checkpoints;  // files of notes from outside
  Output output = Output::table;
};

// Exit codes: 0 clean, 1 there are findings, 2 wrong usage, 3 it cannot be decided.
enum Verification : int {
  verify_clean = 0,
  verify_findings = 1,
  verify_usage = 2,
  verify_unknown = 3
};

int verify_export(const VerifyWords& words);
int verify_database(const Config& config, const VerifyWords& words);

// Prints the public keys, a line each, the current one first. `rotate`: makes a new one before.
int run_key(const Config& config, bool rotate, Output output);

}  // namespace server
