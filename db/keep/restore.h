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
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "compliance/archive_store.h"
#include "db/content.h"
#include "db/sql/sql.h"
#include "db/stores/archive/volumes/volumes.h"
#include "db/writer/heads.h"
#include "record/event.h"

namespace db {

// The last event of each room among those that the content does not know: its number and hash go on
// in the room's chain.
using Tails = std::map<std::int64_t, std::pair<std::int64_t, std::string>>;

struct Comparison {
  std::int64_t incarnation_max = 0;  // the highest of this node that the archive knows
  std::vector<record::Body> said;    // what is to be recorded about it, of this start's finding
  // Behind which number of a source the archive goes on, since what came before is lost.
  std::vector<ArchiveLoss> losses;
  Tails tails;  // behind which rooms go on
};

// The archive as it is compared: the volume that grows, and those before it (SQLite).
struct ArchiveToCompare {
  std::unique_ptr<Session> growing;
  std::vector<Volume> sealed;
};

// Reads both, in no transaction of the content's: where the archive is far ahead, it may take long
// to say how far in each room, and what was begun in the content would not be kept open meanwhile.
// So nobody else may write to the content from here to settle(). `go_on`: as in RecordingConfig.
// Throws DatabaseError, with "given up" where `go_on` said so.
Comparison compare_with_archive(Session& content, const ArchiveToCompare& archive,
                                const std::string& node, const std::function<bool()>& go_on);
// Within a write transaction of the content: raises rooms. What is to be recorded is found again at
// the next start unless it was: what notes it is its derivation.
void settle(Session& content, Comparison& comparison);

// Sources whose events never go to the archive: what is missing there of them is no loss.
void note_unarchived(Session& content, const std::string& source);

// Up to which number a source's missing events were spoken of; 0: none was.
std::int64_t lost_of_source(Session& content, const std::string& source);
// How many events are known to be lost for the archive.
std::int64_t events_lost(Session& content);

}  // namespace db
