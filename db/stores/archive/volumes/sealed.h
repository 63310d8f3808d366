// SPDX-License-Identifier: Apache-2.0
// What the archive's writer asks of the volumes before its own: where it goes on right after a
// month ended, and proofs over all of the tree. For db/stores/archive/.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "compliance/archive_reader.h"
#include "db/stores/archive/volumes/volumes.h"

namespace db::archive {

// All throw DatabaseError, also if a volume before `growing` is not there: there is no answer then.
class SealedVolumes {
 public:
  explicit SealedVolumes(const Target& archive);
  ~SealedVolumes();

  std::optional<base::Sha256> leaf_hash(const Extent& growing, const std::string& source,
                                        std::int64_t sn);
  // As many as are asked for.
  std::vector<base::Sha256> leaf_hashes(const Extent& growing, std::int64_t first,
                                        std::size_t count);
  // Fewer where one is not there.
  std::vector<base::Sha256> subtrees(const Extent& growing, int level, std::int64_t first,
                                     std::size_t count);
  // The one that ends them; none if there is no sealed volume.
  std::optional<compliance::Checkpoint> checkpoint_before(const Extent& growing);
  void forget();  // there is one more now

 private:
  struct Hashes;
  std::vector<Volume> volumes(const Extent& growing) const;
  compliance::ArchiveReader& reader(const Extent& growing);
  template <class T>
  T answer(compliance::ArchiveReader::Read<T> read);

  const Target archive_;
  std::unique_ptr<compliance::ArchiveReader> reader_;
  std::vector<std::unique_ptr<Hashes>> hashes_;  // the newest first
};

}  // namespace db::archive
