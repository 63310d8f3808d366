// SPDX-License-Identifier: Apache-2.0
// Database URLs as hansard.toml has them.
#pragma once

#include <string>

#include "base/result.h"

namespace db {

// The file of "sqlite:PATH"; a relative path is under `data_dir`. The error is one sentence.
base::Result<std::string, std::string> sqlite_path(const std::string& url,
                                                   const std::string& data_dir);

}  // namespace db
