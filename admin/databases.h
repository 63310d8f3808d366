// SPDX-License-Identifier: Apache-2.0
// Databases: what `db status` and `db migrate` say of the databases.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "admin/answer.h"

namespace admin {

struct DatabaseInfo {
  std::string name;         // "content", "archive"
  std::string location;     // as configured
  int schema = 0;           // 0: there is none yet
  int schema_known = 0;     // what this program brings it to
  std::int64_t bytes = -1;  // with what waits to be put in its place; -1: not known
  std::string owner;        // who has it open for writing, "" if nobody
};

class Databases {
 public:
  virtual ~Databases() = default;
  // Any thread; may block. A database that cannot be looked at is given with what is known.
  virtual std::vector<DatabaseInfo> look() = 0;
  // What waits in the content database for the archive, what waits for the writer, its last commit:
  // empty if nothing is known.
  virtual std::vector<Field> waiting() = 0;
  // The content's schema when this program opened it to write; look() gives what it is now.
  virtual int schema_before() = 0;
};

}  // namespace admin
