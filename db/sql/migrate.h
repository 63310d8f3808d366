// SPDX-License-Identifier: Apache-2.0
// Schema migrations: numbered SQL files (db/schema), embedded at build time, applied in order.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"

namespace db {

class Session;

struct Migration {
  int number;
  const char* sql;
};
const std::vector<Migration>& content_migrations();  // made by db/schema/embed.py
const std::vector<Migration>& archive_migrations();

// The schema's version, 0 for a new database.
int schema_version(Session& session);
// The sentence for a schema that this program is too old for, "" if it is not.
std::string refuse_newer(int version, const std::vector<Migration>& migrations,
                         const std::string& path);
// Brings the database to the last migration in one transaction; gives the version. Database errors
// are thrown.
base::Result<int, std::string> migrate(Session& session, const std::vector<Migration>& migrations,
                                       const std::string& path);

}  // namespace db
