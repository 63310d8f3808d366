// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <filesystem>

#include "db/content.h"
#include "db/sql/migrate.h"
#include "db/sqlite/owner_lock.h"
#include "db/sql/sql.h"
#include "db/sql/url.h"

namespace db {
namespace {

namespace fs = std::filesystem;

std::int64_t size_of(const std::string& path) {
  std::error_code failed;
  const auto size = fs::file_size(path, failed);
  return failed ? -1 : static_cast<std::int64_t>(size);
}

FileState look(const std::string& url, const std::string& data_dir,
               const std::vector<Migration>& migrations, bool has_owner) {
  FileState state{.schema_known = migrations.back().number};
  const auto path = sqlite_path(url, data_dir);
  if (!path) return state;
  state.bytes = size_of(*path);
  if (state.bytes < 0) return state;
  state.bytes += std::max<std::int64_t>(0, size_of(*path + "-wal"));
  const bool held = OwnerLock::is_held(*path + ".lock");
  if (held) state.owner = "a process";
  (void)guard(0, [&] {
    Session session(*path, Session::Durability::reader);
    state.schema = schema_version(session);
    if (!held || state.schema == 0 || !has_owner) return 0;
    std::int64_t pid = 0;
    Statement(session).into(pid).prepare("SELECT pid FROM owner").one();
    state.owner = "process " + std::to_string(pid);
    return 0;
  });
  return state;
}

}  // namespace

FileState look_at_content(const std::string& url, const std::string& data_dir) {
  return look(url, data_dir, content_migrations(), true);
}

FileState look_at_archive(const std::string& url, const std::string& data_dir) {
  return look(url, data_dir, archive_migrations(), false);
}

}  // namespace db
