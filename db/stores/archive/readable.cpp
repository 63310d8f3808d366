// SPDX-License-Identifier: Apache-2.0
#include "db/stores/archive/readable.h"

#include <filesystem>
#include <utility>
#include <vector>

#include "db/sql/migrate.h"
#include "db/stores/archive.h"
#include "db/stores/archive/volumes/reader.h"

namespace db {

using archive::OpenVolume;
using compliance::ArchiveReader;

namespace archive {

base::Result<Target, std::string> readable(const std::string& url, const std::string& data_dir) {
  auto target = parse_target(url, data_dir);
  if (!target) return base::fail(target.error());
  const std::string name = "the archive " + target->name;
  const VolumeGate gate(*target, VolumeGate::Side::opening);
  if (target->dialect == Dialect::sqlite && !std::filesystem::exists(target->where))
    return base::fail(name +
                      " is not there: start the server once, or name another data directory");
  try {
    Session session(*target, Session::Use::reader);
    const auto& migrations = archive_migrations(target->dialect);
    const int version = schema_version(session), known = migrations.back().number;
    if (auto refusal = refuse_newer(version, migrations, target->name); !refusal.empty())
      return base::fail(std::move(refusal));
    if (version < known)
      return base::fail(name + " has schema " + std::to_string(version) +
                        ", this program reads schema " + std::to_string(known) +
                        ": start the server with it once");
  } catch (const DatabaseError& error) {
    return base::fail(name + " cannot be read: " + error.what());
  }
  return target;
}

}  // namespace archive

base::Result<std::unique_ptr<ArchiveReader>, std::string> read_archive(
    const std::string& url, const std::string& data_dir) {
  using Opened = base::Result<std::unique_ptr<ArchiveReader>, std::string>;
  auto target = archive::readable(url, data_dir);
  if (!target) return base::fail(target.error());
  try {
    auto growing = archive::open_volume(*target, {0, *target});
    if (target->dialect == Dialect::postgres) return Opened(std::move(growing.reader));
    std::vector<OpenVolume> volumes;
    std::vector<ArchiveReader::Amiss> amiss;
    for (const auto& volume : sealed_volumes(*target)) {
      const std::string& name = volume.target.name;
      if (volume.ordinal >= growing.extent.ordinal) {
        amiss.push_back(
            {std::nullopt, name, "it was sealed after what is " + target->name + " now"});
        continue;
      }
      try {
        volumes.push_back(archive::open_volume(*target, volume));
      } catch (const DatabaseError& error) {
        amiss.push_back({std::nullopt, name, std::string("it cannot be read: ") + error.what()});
      }
    }
    volumes.push_back(std::move(growing));
    return Opened(archive::join_volumes(std::move(volumes), std::move(amiss)));
  } catch (const DatabaseError& error) {
    return base::fail("the archive " + target->name + " cannot be read: " + error.what());
  }
}

}  // namespace db
