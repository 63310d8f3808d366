// SPDX-License-Identifier: Apache-2.0
// Sources: a node's writer opens a new one (an incarnation) at each start. For db/'s own files.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/time.h"
#include "db/keep/restore.h"
#include "db/writer/heads.h"

namespace db {

struct PreviousSource {
  std::string source;
  Head head;
  bool stopped = false;  // said goodbye
  base::Time last_seen;
};
struct OpenedSource {
  std::string source;  // "n1.7"
  std::int64_t incarnation = 0;
  std::optional<PreviousSource> previous;
  Comparison comparison;
};

// In one transaction. `comparison`: what the archive knows, so that the new source is one that
// neither knows; rooms are raised by it. `archived`: whether this source goes to an archive. Throws
// DatabaseError.
OpenedSource open_source(Session& session, Comparison comparison, const std::string& node,
                         bool archived, base::Time now);

// Of the machine since it was switched on; "" if the system does not say.
std::string boot_id();

}  // namespace db
