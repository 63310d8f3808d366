// SPDX-License-Identifier: Apache-2.0
#include "db/keep/copy.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "db/sql/sql.h"

namespace db {

std::unique_ptr<Copy> open_copy(const Target& target, Copied which) {
  return target.dialect == Dialect::sqlite ? open_sqlite_copy(target, which)
                                           : open_postgres_copy(target, which);
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
