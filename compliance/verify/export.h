// SPDX-License-Identifier: Apache-2.0
// Verifies what was handed out: the folder of an export, or the bundle that proves one event. No
// database is needed, nor anything but the folder and the public keys.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/result.h"
#include "compliance/tree/note.h"
#include "compliance/verify/archive.h"
#include "compliance/verify/finding.h"

namespace compliance {

// The error is a sentence: it cannot be decided. `go_on` as in VerifyArchive, in bytes.
base::Result<Verified, std::string> verify_folder(
    const std::string& folder, const std::vector<NoteKey>& keys, Report& report,
    const std::function<bool(std::int64_t done, std::int64_t total)>& go_on);

}  // namespace compliance
