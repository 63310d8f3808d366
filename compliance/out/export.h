// SPDX-License-Identifier: Apache-2.0
// Exports: events of the archive as JSON lines, with what a stranger needs to check that they are
// these and all of them (docs/archive-format.md).
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "compliance/archive_reader.h"
#include "compliance/manifest_store.h"
#include "compliance/tree/note.h"

namespace compliance {

// Who signs, and under which name.
struct Signatory {
  const base::SigningKey& key;
  std::string name;           // of the archive: "localhost/archive/0123456789abcdef"
  std::vector<NoteKey> keys;  // to be handed out beside; the current one first
};

struct ExportRequest {
  std::optional<std::int64_t> room_id;  // only of this room
  std::int64_t first = 0, last = -1;    // numbers of events
};

struct Exported {
  std::int64_t number = 0, events = 0;
  std::string sha256;  // of manifest.json, hex
  bool again = false;  // the same was exported before
};

// Makes the folder. `last` must be under a checkpoint. `go_on` is asked now and then, with how many
// of how many events were looked at: false gives up and leaves nothing. The errors are sentences.
base::Result<Exported, std::string> write_export(
    ArchiveReader& archive, ManifestStore& manifests, const Signatory& signatory,
    const ExportRequest& request, const std::string& folder,
    const std::function<bool(std::int64_t done, std::int64_t total)>& go_on);

}  // namespace compliance
