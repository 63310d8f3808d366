// SPDX-License-Identifier: Apache-2.0
// A proof for one event, for somebody who has nothing but the public key
// (docs/archive-format.md).
#pragma once

#include <string>

#include "base/result.h"
#include "compliance/archive_reader.h"
#include "compliance/out/export.h"

namespace compliance {

// Makes the folder; the event must be under a checkpoint. The errors are sentences. Gives the size
// of the tree in which it is proved.
base::Result<std::int64_t, std::string> write_bundle(ArchiveReader& archive,
                                                     const Signatory& signatory,
                                                     const StoredEvent& event,
                                                     const std::string& folder);

}  // namespace compliance
