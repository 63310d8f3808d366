// SPDX-License-Identifier: Apache-2.0
// The data directory: made when first needed, readable by its owner only.
#pragma once

#include <string>

#include "base/result.h"

namespace server {

// Makes it and what leads to it if it is missing. The error is a sentence.
base::Result<void, std::string> ensure_data_dir(const std::string& path);
bool data_dir_exists(const std::string& path);

}  // namespace server
