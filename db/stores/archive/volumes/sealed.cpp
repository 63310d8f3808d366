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

std::vector<Volume> SealedVolumes::volumes(const Extent& growing) const {
  auto found = sealed_volumes(archive_);
  std::int64_t next = 1;
  for (const auto& volume : found)
    if (volume.ordinal == next) ++next;
  if (next < growing.ordinal)
    throw DatabaseError("volume " + std::to_string(next) + " of the archive is not beside " +
                        archive_.name + ": put that file back");
  return found;
}

std::optional<base::Sha256> SealedVolumes::leaf_hash(const Extent& growing,
                                                     const std::string& source, std::int64_t sn) {
  if (growing.ordinal == 1) return std::nullopt;
  if (hashes_.empty()) {
    const auto sealed = volumes(growing);
    std::vector<std::unique_ptr<Hashes>> open;
    for (auto volume = sealed.rbegin(); volume != sealed.rend(); ++volume)
      open.push_back(std::make_unique<Hashes>(volume->target));
    hashes_ = std::move(open);
  }
  for (const auto& volume : hashes_) {
    volume->find.row.src = source;
    volume->find.row.sn = sn;
    if (volume->find.one()) return digest(volume->find.row.hash);
  }
  return std::nullopt;
}

std::vector<base::Sha256> SealedVolumes::leaf_hashes(const Extent& growing, std::int64_t first,
                                                     std::size_t count) {
  if (count == 0) return {};
  auto all = answer(reader(growing).leaf_hashes(first, count));
  if (all.size() == count) return all;
  throw DatabaseError("events are missing in the archive's sealed files: hansard archive verify");
}

std::vector<base::Sha256> SealedVolumes::subtrees(const Extent& growing, int level,
                                                  std::int64_t first, std::size_t count) {
  if (count == 0) return {};
  return answer(reader(growing).subtrees(level, first, count));
}

std::optional<compliance::Checkpoint> SealedVolumes::checkpoint_before(const Extent& growing) {
  if (growing.ordinal == 1) return std::nullopt;
  return answer(reader(growing).checkpoint_covering(growing.first_seq));
}

void SealedVolumes::forget() {
  reader_.reset();
  hashes_.clear();
}

ArchiveReader& SealedVolumes::reader(const Extent& growing) {
  if (!reader_) {
    std::vector<OpenVolume> open;
    for (const auto& volume : volumes(growing)) open.push_back(open_volume(archive_, volume));
    reader_ = join_volumes(std::move(open), {});
  }
  return *reader_;
}

template <class T>
T SealedVolumes::answer(ArchiveReader::Read<T> read) {
  if (read) return *std::move(read);
  const std::string why = reader_->last_error();
  forget();
  throw DatabaseError(why);
}

}  // namespace db::archive
