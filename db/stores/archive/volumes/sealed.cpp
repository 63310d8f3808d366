// SPDX-License-Identifier: Apache-2.0
#include "db/stores/archive/volumes/sealed.h"

#include <utility>

#include "db/stores/archive/rows.h"
#include "db/stores/archive/tree.h"
#include "db/stores/archive/volumes/reader.h"

namespace db::archive {

using compliance::ArchiveReader;

struct SealedVolumes::Hashes {
  explicit Hashes(const Target& target) : session(target, Session::Use::reader), find(session) {}
  Session session;
  Prepared<FindHash> find;
};

SealedVolumes::SealedVolumes(const Target& archive) : archive_(archive) {}
SealedVolumes::~SealedVolumes() = default;

std::optional<base::Sha256> SealedVolumes::leaf_hash(const std::string& source, std::int64_t sn) {
  if (hashes_.empty()) {
    const auto volumes = sealed_volumes(archive_);
    for (auto volume = volumes.rbegin(); volume != volumes.rend(); ++volume)
      hashes_.push_back(std::make_unique<Hashes>(volume->target));
  }
  for (const auto& volume : hashes_) {
    volume->find.row.src = source;
    volume->find.row.sn = sn;
    if (volume->find.one()) return digest(volume->find.row.hash);
  }
  return std::nullopt;
}

std::vector<base::Sha256> SealedVolumes::leaf_hashes(std::int64_t first, std::size_t count) {
  if (count == 0 || reader() == nullptr) return {};
  return answer(reader()->leaf_hashes(first, count));
}

std::vector<base::Sha256> SealedVolumes::subtrees(int level, std::int64_t first,
                                                  std::size_t count) {
  if (count == 0 || reader() == nullptr) return {};
  return answer(reader()->subtrees(level, first, count));
}

std::optional<compliance::Checkpoint> SealedVolumes::checkpoint_of_all(std::int64_t size) {
  if (size == 0 || reader() == nullptr) return std::nullopt;
  return answer(reader()->checkpoint_covering(size));
}

void SealedVolumes::forget() {
  reader_.reset();
  hashes_.clear();
  looked_ = false;
}

ArchiveReader* SealedVolumes::reader() {
  if (!std::exchange(looked_, true)) reader_ = read_sealed(archive_);
  return reader_.get();
}

template <class T>
T SealedVolumes::answer(ArchiveReader::Read<T> read) {
  if (read) return *std::move(read);
  const std::string why = reader_->last_error();
  forget();
  throw DatabaseError(why);
}

}  // namespace db::archive
