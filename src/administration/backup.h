// SPDX-License-Identifier: Apache-2.0
// The folder that `db backup` makes: the copies of the databases and manifest.json beside them.
#pragma once

#include <string>
#include <vector>

#include "admin/databases.h"
#include "base/time.h"
#include "db/content.h"
#include "src/config/config.h"

namespace server {

// Makes `folder` (absolute; may be there, but empty). It is written under the name `folder`.partial
// and renamed when all of it is on the disk. Blocks.
base::Result<std::vector<admin::Databases::Copied>, std::string> make_backup(
    const Config& config, db::Content& content, base::Time now, const std::string& folder,
    const admin::Databases::GoOn& go_on);

}  // namespace server
