// SPDX-License-Identifier: Apache-2.0
// Verifies what the archive keeps of its exports: that each manifest is what was given out, and
// names the one before it.
#pragma once

#include "base/result.h"
#include "compliance/archive_reader.h"
#include "compliance/verify/finding.h"

namespace compliance {

base::Result<void, StoreError> verify_manifests(ArchiveReader& archive, Report& report);

}  // namespace compliance
