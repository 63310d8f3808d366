// SPDX-License-Identifier: Apache-2.0
// The SHA-256 of a file, read piece by piece. Blocks.
#pragma once

#include <functional>
#include <string>

#include "base/crypto.h"
#include "base/result.h"

namespace base {

// `go_on` is asked after each piece of a MiB: false gives up. The error is a sentence.
Result<Sha256, std::string> sha256_of_file(const std::string& path,
                                           const std::function<bool()>& go_on);

}  // namespace base
