// SPDX-License-Identifier: Apache-2.0
// For what a change of nothing would mean that the state is not what the event says. For db/'s own
// files.
#pragma once

#include "db/sql/sql.h"

namespace db {

inline void must_change(long long rows, const char* what) {
  if (rows == 0) throw Refused(what);
}

}  // namespace db
