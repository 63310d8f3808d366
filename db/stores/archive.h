// SPDX-License-Identifier: Apache-2.0
// The archive database behind compliance::ArchiveStore.
#pragma once

#include <memory>
#include <string>

#include "base/result.h"
#include "compliance/archive_store.h"

namespace db {

// `url` and `data_dir` as for Content::open. Refuses a second archivist by a lock.
base::Result<std::unique_ptr<compliance::ArchiveStore>, std::string> open_archive(
    const std::string& url, const std::string& data_dir);

}  // namespace db
