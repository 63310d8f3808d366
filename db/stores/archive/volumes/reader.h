// SPDX-License-Identifier: Apache-2.0
// The archive's volumes read as one. For db/stores/archive/.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "compliance/archive_reader.h"
#include "db/stores/archive/volumes/volumes.h"

namespace db::archive {

struct OpenVolume {
  Extent extent;
  std::string name;  // of its file, for people
  std::unique_ptr<compliance::ArchiveReader> reader;
};

// At least one, in order of ordinal; the last may be the one that grows. `amiss` is what was found
// before. What a volume holds that is not between its `first_seq` and `end_seq`, volumes that are
// not there, or another archive's, are said by amiss() too.
std::unique_ptr<compliance::ArchiveReader> join_volumes(
    std::vector<OpenVolume> volumes, std::vector<compliance::ArchiveReader::Amiss> amiss);

// One volume, with a connection from now on (db/stores/archive/reader.cpp). Throws DatabaseError.
OpenVolume open_volume(const Target& archive, const Volume& volume);

}  // namespace db::archive
