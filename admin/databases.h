// SPDX-License-Identifier: Apache-2.0
// Databases: what `db status` and `db migrate` say of the databases.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "admin/answer.h"
#include "base/result.h"
#include "base/time.h"

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
  // Takes what is older than `before` out of a room's history, never out of the archive; blocks
  // until it is gone. `go_on` is asked now and then, with how many messages went so far: false
  // gives up. The error is a sentence.
  struct Purged {
    std::int64_t messages = 0, up_to = 0;  // how many, and up to which number of the room
    bool complete = true;
  };
  virtual base::Result<Purged, std::string> purge_history(
      std::int64_t room_id, base::Time before, const std::function<bool(std::int64_t)>& go_on) = 0;
  // Makes the folder (an absolute path; it may be there, but empty) with a copy of the databases
  // that fit each other, whoever writes meanwhile. Blocks. `go_on` is asked now and then, with how
  // many of how many bytes are copied: false gives up and leaves nothing behind.
  struct Copied {
    std::string file;
    std::int64_t bytes = 0;
    int schema = 0;
    std::string sha256;
  };
  using GoOn = std::function<bool(std::int64_t done, std::int64_t total)>;
  virtual base::Result<std::vector<Copied>, std::string> backup(const std::string& folder,
                                                                const GoOn& go_on) = 0;
  // The content's schema when this program opened it to write; look() gives what it is now.
  virtual int schema_before() = 0;
};

}  // namespace admin
