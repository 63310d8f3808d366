// SPDX-License-Identifier: Apache-2.0
// Where times lie among the numbers of a room's history or a person's archive, without an index on
// them: numbers follow time, so halving finds it in some twenty steps. Clocks are set back, though.
// By how much at the most (s) is known for each (db/writer/derive/setbacks.h), and then
//
//   a row from before t - s means that every row in front of it is from before t, and
//   a row from after t + s that every row behind it is from after t;
//
// so the bounds that are given leave nothing out; between them, only as much as was said within s
// of a bound may not match after all and is sorted out by its own time. For db/'s own files.
#pragma once

#include <cstdint>
#include <string>

#include "base/time.h"
#include "db/stores/history/page_rows.h"
#include "db/stores/people/message_archive_rows.h"

namespace db {

// Numbers above `after` and below `before`. Nothing lies between if before <= after + 1.
struct NumberRange {
  std::int64_t after = 0, before = 0;
  bool empty() const { return before <= after + 1; }
};

// The part of `range` outside of which nothing is that was said from `start` to `end`; never wider
// than the rows there are. Throw DatabaseError.
NumberRange narrow(HistoryPageRows& rows, std::int64_t room_id, NumberRange range, base::Time start,
                   base::Time end);
NumberRange narrow(MessageArchiveRows& rows, const std::string& localpart, NumberRange range,
                   base::Time start, base::Time end);

}  // namespace db
