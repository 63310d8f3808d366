// SPDX-License-Identifier: Apache-2.0
// What the files of an export and of a bundle say, read strictly. For verify/ alone.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "compliance/archive_reader.h"
#include "compliance/tree/note.h"

namespace compliance {

struct ManifestView {
  std::int64_t version = 0, number = 0, first = 0, last = -1, events = 0, size = 0;
  std::string origin, kind, room, previous;
  base::Sha256 root{};
  std::vector<base::Sha256> left, right;
  struct File {
    std::string name, sha256;
    std::int64_t bytes = 0;
  };
  std::vector<File> files;
};
// nullopt: it is no manifest of version 1.
std::optional<ManifestView> read_manifest(std::string_view text);

struct ExportLine {
  StoredEvent event;  // seq, leaf and parts
  std::optional<std::vector<base::Sha256>> proof;
};
std::optional<ExportLine> read_export_line(std::string_view line);  // without its newline

struct ProofText {
  std::int64_t index = 0;
  std::vector<base::Sha256> path;
  std::string checkpoint;  // a signed note
};
std::optional<ProofText> read_proof(std::string_view text);

}  // namespace compliance
