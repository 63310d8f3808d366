// SPDX-License-Identifier: Apache-2.0
// What is said when a new source begins. For db/'s own files.
#pragma once

#include <vector>

#include "base/log.h"
#include "db/content.h"
#include "db/writer/committer.h"
#include "db/writer/sources.h"

namespace db {

// On record, before all else: how the source before ended, that this one has begun, what the
// comparison with the archive has shown.
std::vector<Submission> opening(const OpenedSource& source, const RecordingConfig& config);
// The same comparison, for the operator.
void tell(base::Log& log, const Comparison& comparison);

}  // namespace db
