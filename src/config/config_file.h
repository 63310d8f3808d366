// SPDX-License-Identifier: Apache-2.0
// Reads the bytes of a configuration file and refuses what cannot be one before any parser sees it.
#pragma once

#include <string>

#include "base/result.h"

namespace server {

constexpr std::size_t config_file_max = 1024 * 1024;

// The error is one line that begins with the file's name.
base::Result<std::string, std::string> read_config_file(const std::string& file);

}  // namespace server
