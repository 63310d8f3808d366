// SPDX-License-Identifier: Apache-2.0
// ArchiveDesk: where commands get at the archive. Each gets a connection of its own, so that none
// waits for another nor for the archivist.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "admin/answer.h"
#include "base/result.h"
#include "base/signing.h"
#include "compliance/archive_reader.h"
#include "compliance/manifest_store.h"
#include "compliance/tree/note.h"

namespace admin {

class ArchiveDesk {
 public:
  template <class T>
  using Or = base::Result<T, std::string>;  // the error is a sentence

  virtual ~ArchiveDesk() = default;
  // Any thread; may block.
  virtual Or<std::unique_ptr<compliance::ArchiveReader>> reader() = 0;
  virtual Or<std::unique_ptr<compliance::ManifestStore>> manifests() = 0;
  // The public keys under the name of the archive with this id, the current one first.
  virtual Or<std::vector<compliance::NoteKey>> keys(const std::string& archive_id) = 0;
  virtual Or<base::SigningKey> signing_key() = 0;
  // While no archivist runs: see Sealer::accept(). Gives the size of the tree that was signed.
  virtual Or<std::int64_t> accept_loss() = 0;
  // Where it is and where its checkpoints are published.
  virtual std::string location() = 0;
  virtual std::string published() = 0;
  // What the running archivist says of itself; empty if none runs.
  virtual std::vector<Field> state() = 0;
};

}  // namespace admin
