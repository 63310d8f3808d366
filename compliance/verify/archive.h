// SPDX-License-Identifier: Apache-2.0
// Verifies a whole archive database: every byte of every leaf, column and part, the chains of
// sources and rooms, the tree and every checkpoint over it, the manifests of exports, and what is
// derived. It trusts nothing but the public keys it is given and, if there are any, checkpoints
// from outside.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "compliance/archive_reader.h"
#include "compliance/tree/note.h"
#include "compliance/verify/finding.h"

namespace compliance {

struct Verified {
  std::int64_t events = 0, parts = 0, checkpoints = 0, sources = 0;
  std::int64_t size = 0;       // leaves
  std::int64_t signed_to = 0;  // leaves under the last good checkpoint
  base::Sha256 root{};         // of all leaves
};

struct VerifyArchive {
  std::vector<NoteKey> keys;
  // Notes from outside, in any order: the file they are published to, or copies somebody kept.
  std::vector<std::string> outside;
  // Told now and then; false gives up.
  std::function<bool(std::int64_t done, std::int64_t total)> go_on;
};

// The error is a sentence: it cannot be decided. Blocks, for hours if the archive is large.
base::Result<Verified, std::string> verify_archive(ArchiveReader& archive,
                                                   const VerifyArchive& what, Report& report);

}  // namespace compliance
