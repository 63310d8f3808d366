// SPDX-License-Identifier: Apache-2.0
#include "db/keep/copy.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <optional>

#include "db/sql/sql.h"
#include "db/stores/archive/volumes/volumes.h"

namespace db {

std::unique_ptr<Copy> open_copy(const Target& target, Copied which) {
  if (target.dialect != Dialect::sqlite) return open_postgres_copy(target, which);
  std::optional<VolumeGate> gate;
  if (which == Copied::archive) gate.emplace(target, VolumeGate::Side::opening);
  return open_sqlite_copy(target, which);
}

std::vector<std::unique_ptr<Copy>> open_sealed_copies(const Target& archive) {
  std::vector<std::unique_ptr<Copy>> copies;
  for (const auto& volume : sealed_volumes(archive))
    copies.push_back(open_sqlite_copy(volume.target, Copied::archive, volume.label));
  return copies;
}

const char* head_query(Copied which) {
  return which == Copied::content ? "SELECT coalesce((SELECT source || '/' || sn FROM source_head"
                                    " ORDER BY opened_at DESC, incarnation DESC LIMIT 1), '')"
                                  : "SELECT coalesce(max(seq) + 1, 0) || ' events' FROM event";
}

void sync_file(const std::string& file) {
  const int fd = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
  const bool done = fd >= 0 && ::fsync(fd) == 0;
  const int why = errno;
  if (fd >= 0) ::close(fd);
  if (!done) throw DatabaseError(file + " cannot be written: " + std::strerror(why));
}

}  // namespace db
