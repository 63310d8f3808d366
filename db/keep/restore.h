// SPDX-License-Identifier: Apache-2.0
// Content and archive are two databases, and either may have been restored from an older copy. At
// each start their heads are compared, before a new source is opened. For db/'s own files.
//
//   the archive knows more   the content is the older one: the new source is opened above all that
//                            the archive knows, and each room's number is raised to the archive's,
//                            so that no number is used twice
//   the archive knows less   what waits in the outbox is handed on as ever; what has been cleared
//                            from it is lost, and said so
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "compliance/archive_store.h"
#include "db/content.h"
#include "db/sql/sql.h"
#include "db/writer/heads.h"
#include "record/event.h"

namespace db {

struct Comparison {
  std::int64_t incarnation_max = 0;  // the highest of this node that the archive knows
  std::vector<record::Body> said;    // what is to be recorded about it, of this start's finding
  // Behind which number of a source the archive goes on, since what came before is lost.
  std::vector<ArchiveLoss> losses;
};

// Within a write transaction of `content`; raises rooms and writes down what is lost. `archive` is
// only read. Throws DatabaseError.
Comparison compare_with_archive(Session& content, Session& archive, const std::string& node);

// Sources whose events never go to the archive: what is missing there of them is no loss.
void note_unarchived(Session& content, const std::string& source);

// How many events are known to be lost for the archive.
std::int64_t events_lost(Session& content);

}  // namespace db
