// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "base/result.h"
#include "db/sql/target.h"

namespace db::archive {

// Where the archive is, if it is there and of this program's schema; otherwise a sentence for the
// operator.
base::Result<Target, std::string> readable(const std::string& url, const std::string& data_dir);

}  // namespace db::archive
