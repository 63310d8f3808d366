// SPDX-License-Identifier: Apache-2.0
#include "compliance/verify/finding.h"

#include <array>

#include "base/check.h"
#include "record/json.h"

namespace compliance {

std::string_view name(Kind kind) {
  constexpr std::array<std::string_view, 19> names{"LEAF_MODIFIED", "PROJECTION_MISMATCH",
                                                   "PART_MODIFIED", "PART_MISSING",
                                                   "PART_REDACTED", "SEQ_GAP",
                                                   "TRUNCATED",     "ROOT_MISMATCH",
                                                   "CKPT_SIG_BAD",  "CKPT_INCONSISTENT",
                                                   "KEY_UNKNOWN",   "SRC_GAP",
                                                   "SRC_DUP",       "SRC_FORK",
                                                   "ROOM_GAP",      "CLOCK_STEP_UNEXPLAINED",
                                                   "INDEX_STALE",   "FILE_MODIFIED",
                                                   "FILE_MISSING"};
  const auto at = static_cast<std::size_t>(kind);
  CHECK(at < names.size());
  return names[at];
}

std::string Finding::json() const {
  record::json::Object line;
  line.text("finding", name(kind));
  line.boolean("information", information);
  if (seq) line.integer("seq", *seq);
  if (!where.empty()) line.text("where", where);
  line.text("text", text);
  return line.end();
}

}  // namespace compliance
