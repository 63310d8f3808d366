// SPDX-License-Identifier: Apache-2.0
// Schema migrations: numbered SQL files for each dialect (db/schema), embedded at build time,
// applied in order. Each can be run again on what it has made.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "db/sql/target.h"

namespace db {

class Session;

struct Migration {
  int number;
  const char* sql;
};
using Migrations = std::vector<Migration>;
const Migrations& content_migrations(Dialect dialect);  // made by db/schema/embed.py
const Migrations& archive_migrations(Dialect dialect);

// Runs the file's statements; where they ran before they change nothing. Throws DatabaseError.
void apply(Session& session, const Migration& migration);

// The schema's version, 0 for a new database.
int schema_version(Session& session);
// The sentence for an encoding that is not Unicode's, "" if it is.
std::string refuse_encoding(Session& session, const std::string& name);
// The sentence for a schema that this program is too old for, "" if it is not.
std::string refuse_newer(int version, const Migrations& migrations, const std::string& name);
// Brings the database `name` to the last migration, in one transaction and under a lock that a
// second program doing the same waits for; gives the version. Database errors are thrown.
base::Result<int, std::string> migrate(Session& session, const Migrations& migrations,
                                       const std::string& name, base::Time now);

}  // namespace db
