// SPDX-License-Identifier: Apache-2.0
#include "src/administration/backup.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <optional>

#include "base/crypto.h"
#include "base/file_hash.h"
#include "src/version.h"
#include "xmpp/datetime.h"

namespace server {
namespace {

namespace fs = std::filesystem;

using Problem = std::optional<std::string>;

std::string reason() { return std::strerror(errno); }

Problem refuse_place(const std::string& folder, const std::string& partial) {
  std::error_code failed;
  if (!fs::path(folder).is_absolute()) return "the folder must be named by its whole path";
  if (fs::exists(folder, failed) && !fs::is_directory(folder, failed))
    return folder + " is no folder; name one that is not there yet";
  if (fs::exists(folder, failed) && !fs::is_empty(folder, failed))
    return folder + " is not empty; name a folder that is not there yet";
  if (fs::exists(partial, failed))
    return partial +
           " is there: a backup that is being made, or was cut off; if none is, remove it";
  return std::nullopt;
}

// Of what could not be made in the folder that is to hold the copy.
std::string refused(const std::string& path) {
  const int error = errno;
  std::string text = path + " cannot be made: " + std::strerror(error);
  if (error == EROFS || error == EACCES || error == EPERM) {
    const std::string parent = fs::path(path).parent_path().string();
    text += "; the user that the server runs as must be able to write in " + parent +
            ", and a systemd unit must allow it: ReadWritePaths=" + parent;
  }
  return text;
}

// Has a folder's names on the disk.
Problem sync_folder(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return path + " cannot be opened: " + reason();
  const bool done = ::fsync(fd) == 0;
  const std::string why = done ? "" : reason();
  ::close(fd);
  if (!done) return path + " cannot be written: " + why;
  return std::nullopt;
}

Problem write_file(const std::string& path, const std::string& text) {
  const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (fd < 0) return path + " cannot be made: " + reason();
  std::size_t done = 0;
  while (done < text.size()) {
    const auto n = ::write(fd, text.data() + done, text.size() - done);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) break;
    done += static_cast<std::size_t>(n);
  }
  const bool whole = done == text.size() && ::fsync(fd) == 0;
  const std::string why = whole ? "" : reason();
  ::close(fd);
  if (!whole) return path + " cannot be written: " + why;
  return std::nullopt;
}

// The keys of the archive, without which nobody goes on signing what was restored; while a new one
// takes over, the one before too.
base::Result<std::vector<admin::Databases::Copied>, std::string> copy_keys(
    const Config& config, const std::string& folder) {
  std::vector<admin::Databases::Copied> copied;
  for (const auto* name : {"archive.key", "archive.key.before", "archive.pub"}) {
    std::ifstream in(config.in_data_dir(name), std::ios::binary);
    if (!in) continue;
    const std::string text{std::istreambuf_iterator<char>(in), {}};
    if (auto problem = write_file(folder + "/" + name, text)) return base::fail(*problem);
    copied.push_back({name, static_cast<std::int64_t>(text.size()), 0,
                      base::hex(base::as_chars(base::sha256(text)))});
  }
  return copied;
}

std::string manifest(const std::vector<db::Content::BackupFile>& files,
                     const std::vector<admin::Databases::Copied>& copied, const Config& config,
                     base::Time now) {
  nlohmann::ordered_json all;
  all["made_by"] = "hansard " + std::string(version);
  all["made_at"] = xmpp::format_datetime(now);
  all["domain"] = config.domain;
  for (std::size_t i = 0; i < files.size(); ++i)
    all["files"].push_back({{"file", files[i].name},
                            {"bytes", copied[i].bytes},
                            {"schema", files[i].schema},
                            {"head", files[i].head},
                            {"sha256", copied[i].sha256}});
  for (std::size_t i = files.size(); i < copied.size(); ++i)
    all["files"].push_back(
        {{"file", copied[i].file}, {"bytes", copied[i].bytes}, {"sha256", copied[i].sha256}});
  return all.dump(2) + "\n";
}

}  // namespace

base::Result<std::vector<admin::Databases::Copied>, std::string> make_backup(
    const Config& config, db::Content& content, base::Time now, const std::string& folder,
    const admin::Databases::GoOn& go_on) {
  const std::string partial = folder + ".partial";
  if (auto problem = refuse_place(folder, partial)) return base::fail(std::move(*problem));
  if (::mkdir(partial.c_str(), 0700) != 0) return base::fail(refused(partial));
  // Thrown away unless it becomes the backup.
  struct Partial {
    std::string path;
    ~Partial() {
      std::error_code failed;
      if (!path.empty()) fs::remove_all(path, failed);
    }
  } guard{partial};

  const auto files = content.backup(config.archive.enabled ? config.database.archive : "",
                                    config.data_dir, partial, go_on);
  if (!files) return base::fail(files.error());
  std::vector<admin::Databases::Copied> copied;
  for (const auto& file : *files) {
    const std::string path = partial + "/" + file.name;
    std::error_code failed;
    const auto bytes = static_cast<std::int64_t>(fs::file_size(path, failed));
    const auto digest = base::sha256_of_file(path, [&] { return go_on(-1, 0); });
    if (!digest) return base::fail(digest.error());
    copied.push_back({file.name, bytes, file.schema, base::hex(base::as_chars(*digest))});
  }
  auto keys =
      config.archive.enabled ? copy_keys(config, partial) : std::vector<admin::Databases::Copied>();
  if (!keys) return base::fail(keys.error());
  copied.insert(copied.end(), keys->begin(), keys->end());
  if (auto problem = write_file(partial + "/manifest.json", manifest(*files, copied, config, now)))
    return base::fail(std::move(*problem));
  if (auto problem = sync_folder(partial)) return base::fail(std::move(*problem));
  if (::rename(partial.c_str(), folder.c_str()) != 0)
    return base::fail(partial + " cannot be renamed to " + folder + ": " + reason());
  guard.path.clear();
  if (auto problem = sync_folder(fs::path(folder).parent_path().string()))
    return base::fail(std::move(*problem));
  return copied;
}

}  // namespace server
