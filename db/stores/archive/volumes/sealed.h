// SPDX-License-Identifier: Apache-2.0
// What the archive's writer asks of the volumes before its own: where it goes on right after a
// month ended, and proofs over all of the tree. For db/stores/archive/.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "compliance/archive_reader.h"
#include "db/sql/target.h"

namespace db::archive {

// All throw DatabaseError.
class SealedVolumes {
 public:
  explicit SealedVolumes(const Target& archive);
  ~SealedVolumes();

  std::optional<base::Sha256> leaf_hash(const std::string& source, std::int64_t sn);
  std::vector<base::Sha256> leaf_hashes(std::int64_t first, std::size_t count);
  std::vector<base::Sha256> subtrees(int level, std::int64_t first, std::size_t count);
  // The one that ends them, over `size` leaves; none if there is no sealed volume.
  std::optional<compliance::Checkpoint> checkpoint_of_all(std::int64_t size);
  void forget();  // there is one more now

 private:
  struct Hashes;
  compliance::ArchiveReader* reader();
  template <class T>
  T answer(compliance::ArchiveReader::Read<T> read);

  const Target archive_;
  std::unique_ptr<compliance::ArchiveReader> reader_;
  std::vector<std::unique_ptr<Hashes>> hashes_;  // the newest first
  bool looked_ = false;
};

}  // namespace db::archive
