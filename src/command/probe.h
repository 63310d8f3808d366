// SPDX-License-Identifier: Apache-2.0
// `hansard probe`: checks what was typed, runs the probe, prints its report.
#pragma once

#include <string>

#include "src/command/administer.h"

namespace server {

// As typed; nothing is checked yet.
struct ProbeWords {
  std::string host, user1, user2, passwords, room;  // host[:port], JIDs, a file's name, a JID
  std::string tls = "starttls";                     // starttls, direct, none
  std::string ca_file;
  bool insecure = false;
  int timeout = 60, step_timeout = 10;  // seconds
  Output output = Output::table;
};

// Returns the exit code: done if every step went well, failed if one did not, usage if the probe
// could not even begin because of what was typed or what stands in the file.
int run_probe(const ProbeWords& words);

}  // namespace server
