// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <filesystem>
#include <optional>

#include "db/content.h"
#include "db/sql/migrate.h"
#include "db/sql/ownership.h"
#include "db/sql/sql.h"
#include "db/sql/usable.h"
#include "db/stores/archive/volumes/volumes.h"

namespace db {
namespace {

namespace fs = std::filesystem;

std::int64_t size_of(const std::string& path) {
  std::error_code failed;
  const auto size = fs::file_size(path, failed);
  return failed ? -1 : static_cast<std::int64_t>(size);
}

// What cannot be read is shown without; `hansard check` says why.
constexpr auto unread = [](const char* /*reason*/) {};

FileState look_at_file(const Target& target, FileState state, Owned what) {
  state.bytes = size_of(target.where);
  if (state.bytes < 0) return state;
  state.bytes += std::max<std::int64_t>(0, size_of(target.where + "-wal"));
  if (what == Owned::archive)
    for (const auto& volume : sealed_volumes(target))
      state.bytes += std::max<std::int64_t>(0, size_of(volume.target.where));
  if (OwnerLock::is_held(target.where + ".lock")) {
    state.owner = holder_of(target, what);
    if (state.owner.empty()) state.owner = "in use";
  }
  (void)guard(
      0,
      [&] {
        std::optional<VolumeGate> gate;
        if (what == Owned::archive) gate.emplace(target, VolumeGate::Side::opening);
        Session session(target, Session::Use::reader);
        state.schema = schema_version(session);
        return 0;
      },
      unread);
  return state;
}

FileState look_at_server(const Target& target, FileState state, Owned what) {
  (void)guard(
      0,
      [&] {
        Session session(target, Session::Use::reader);
        state.schema = schema_version(session);
        state.owner = holder_of(target, what);
        Statement(session)
            .into(state.bytes)
            .prepare("SELECT pg_database_size(current_database())")
            .one();
        return 0;
      },
      unread);
  return state;
}

FileState look(const std::string& url, const std::string& data_dir,
               const Migrations& (*migrations)(Dialect), Owned what) {
  const auto target = parse_target(url, data_dir);
  if (!target) return {};
  FileState state{.schema_known = migrations(target->dialect).back().number};
  return target->dialect == Dialect::sqlite ? look_at_file(*target, state, what)
                                            : look_at_server(*target, state, what);
}

}  // namespace

FileState look_at_content(const std::string& url, const std::string& data_dir) {
  return look(url, data_dir, content_migrations, Owned::content);
}

FileState look_at_archive(const std::string& url, const std::string& data_dir) {
  return look(url, data_dir, archive_migrations, Owned::archive);
}

base::Result<int, std::string> check_archive(const std::string& url, const std::string& data_dir) {
  const auto target = parse_target(url, data_dir);
  if (!target) return base::fail(target.error());
  const VolumeGate gate(*target, VolumeGate::Side::opening);
  if (target->dialect == Dialect::sqlite && !fs::exists(target->where)) return 0;
  try {
    Session session(*target, Session::Use::reader);
    if (auto refusal = unusable(session, Owned::archive, target->name); !refusal.empty())
      return base::fail(std::move(refusal));
    return schema_version(session);
  } catch (const DatabaseError& error) {
    return base::fail("the archive " + target->name + " cannot be read: " + error.what());
  }
}

bool mean_one(const std::string& a, const std::string& b, const std::string& data_dir) {
  const auto one = parse_target(a, data_dir), other = parse_target(b, data_dir);
  return one && other && mean_one(*one, *other);
}

bool lead_to_one(const std::string& a, const std::string& b) {
  const auto identity = [](const std::string& url) {
    std::string text;
    const auto target = parse_target(url, "");
    if (!target || target->dialect == Dialect::sqlite) return text;
    try {
      Session session(*target, Session::Use::reader);
      Statement(session)
          .into(text)
          .prepare(
              "SELECT concat(system_identifier, ' ', oid) FROM pg_control_system(), pg_database"
              " WHERE datname = current_database()")
          .one();
    } catch (const DatabaseError&) {
      text.clear();
    }
    return text;
  };
  const std::string one = identity(a);
  return !one.empty() && one == identity(b);
}

std::string shown_url(const std::string& url) {
  const auto target = parse_target(url, "");
  if (!target || target->dialect == Dialect::sqlite) return url;
  return "postgresql://" + target->name;
}

}  // namespace db
