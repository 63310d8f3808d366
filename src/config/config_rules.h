// SPDX-License-Identifier: Apache-2.0
// Rules that one key alone cannot state: addresses that must parse, combinations that cannot be.
#pragma once

#include <string>
#include <vector>

#include "src/config/config.h"

namespace server {

struct BrokenRule {
  std::string key;     // dotted: where to point
  std::string reason;  // follows the key: "must be …"
};

// Brings domain and JIDs into their prepared form, then checks.
std::vector<BrokenRule> apply_rules(Config& config);

}  // namespace server
