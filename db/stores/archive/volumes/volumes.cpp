// SPDX-License-Identifier: Apache-2.0
#include "db/stores/archive/volumes/volumes.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <string_view>

#include "db/keep/copy.h"

namespace db {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view shape = "0000-0000-00";

// "0012-2026-11" is 12; 0 if it is nothing of the kind.
std::int64_t ordinal_in(std::string_view text) {
  if (text.size() != shape.size()) return 0;
  for (std::size_t i = 0; i < shape.size(); ++i) {
    const bool digit = text[i] >= '0' && text[i] <= '9';
    if (shape[i] == '-' ? text[i] != '-' : !digit) return 0;
  }
  std::int64_t ordinal = 0;
  (void)std::from_chars(text.data(), text.data() + text.find('-'), ordinal);
  return ordinal;
}

std::chrono::year_month month_of(std::int64_t at_us) {
  const std::chrono::sys_time<std::chrono::microseconds> at{std::chrono::microseconds(at_us)};
  const std::chrono::year_month_day day{std::chrono::floor<std::chrono::days>(at)};
  return day.year() / day.month();
}

std::string sealed_name(const fs::path& archive, std::int64_t ordinal, std::int64_t first_us) {
  const auto month = month_of(first_us);
  char middle[32];
  (void)std::snprintf(middle, sizeof middle, ".%04d-%04d-%02u", static_cast<int>(ordinal),
                      static_cast<int>(month.year()), static_cast<unsigned>(month.month()));
  fs::path path = archive;
  path.replace_filename(archive.stem().string() + middle + archive.extension().string());
  return path.string();
}

Target at(const Target& archive, const std::string& path) {
  return {archive.dialect, path, path, {path}};
}

std::string next_file(const Target& archive) { return archive.where + ".next"; }

void remove_next(const Target& archive) {
  const std::string next = next_file(archive);
  for (const char* end : {"", "-wal", "-shm", "-journal"})
    if (::unlink((next + end).c_str()) != 0 && errno != ENOENT)
      throw DatabaseError(next + end + " cannot be removed: " + std::strerror(errno));
}

void rename_file(const std::string& from, const std::string& to) {
  if (::rename(from.c_str(), to.c_str()) != 0)
    throw DatabaseError(from + " cannot be called " + to + ": " + std::strerror(errno));
}

void sync_folder_of(const std::string& file) {
  const auto folder = fs::path(file).parent_path();
  sync_file(folder.empty() ? "." : folder.string());
}

// Out of its log, whole in one file, and nobody else has it open.
void take_alone(Session& session) {
  std::string mode;
  Statement(session).into(mode).prepare("PRAGMA past.journal_mode=DELETE").one();
  if (mode != "delete") throw DatabaseError("somebody is reading the archive");
}

// An archive before schema 4 has none, nor has what is no archive.
bool has_volumes(Session& session) {
  int found = 0;
  Statement(session)
      .into(found)
      .prepare("SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = 'volume'")
      .one();
  return found != 0;
}

std::vector<std::string> definitions(Session& session, const std::string& tables_only) {
  std::vector<std::string> all;
  std::string sql;
  Statement query(session);
  query.use(tables_only)
      .into(sql)
      .prepare(
          "SELECT sql FROM past.sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite%'"
          " AND (type = 'table') = (:a = 'tables') ORDER BY type, name");
  for (bool more = query.first(); more; more = query.next()) all.push_back(sql);
  return all;
}

// What the next volume begins with: the same tables, where each source goes on, and the stays that
// have not ended. Here `past` is the volume before.
void begin_next(Session& session) {
  Transaction transaction(session, Transaction::Kind::write);
  for (const auto& sql : definitions(session, "tables")) session.script(sql.c_str());
  session.script(
      "INSERT INTO schema_version SELECT * FROM past.schema_version;"
      "INSERT INTO archive_id SELECT * FROM past.archive_id;"
      "INSERT INTO head SELECT * FROM past.head;"
      "INSERT INTO stay SELECT * FROM past.stay WHERE leave_rn IS NULL;"
      "INSERT INTO derived SELECT one, end_seq FROM past.volume;"
      "INSERT INTO volume SELECT one, ordinal + 1, end_seq,"
      " (SELECT coalesce(max(number) + 1, past.volume.first_manifest) FROM past.manifest), NULL"
      " FROM past.volume");
  for (const auto& sql : definitions(session, "others")) session.script(sql.c_str());
  transaction.commit();
}

// Seals it and makes the next; gives the name that it is to have.
std::string seal_and_begin(const Target& archive) {
  Session session(at(archive, next_file(archive)), Session::Use::full);
  Statement(session).use(archive.where).prepare("ATTACH :a AS past").run();
  take_alone(session);
  session.script(
      "UPDATE past.volume SET end_seq = (SELECT max(seq) + 1 FROM past.event)"
      " WHERE end_seq IS NULL");
  begin_next(session);
  std::int64_t ordinal = 0, first_us = 0;
  Statement(session)
      .into(ordinal)
      .into(first_us)
      .prepare("SELECT ordinal, (SELECT ts FROM past.event ORDER BY seq LIMIT 1) FROM past.volume")
      .one();
  return sealed_name(archive.where, ordinal, first_us);
}

void turn(const Target& archive) {
  remove_next(archive);
  const std::string sealed = seal_and_begin(archive), next = next_file(archive);
  sync_file(next);
  if (::chmod(archive.where.c_str(), S_IRUSR | S_IRGRP) != 0)
    throw DatabaseError(archive.where + " cannot be made read-only: " + std::strerror(errno));
  rename_file(archive.where, sealed);
  rename_file(next, archive.where);
  sync_folder_of(archive.where);
}

}  // namespace

std::vector<Volume> sealed_volumes(const Target& archive) {
  std::vector<Volume> volumes;
  if (archive.dialect != Dialect::sqlite) return volumes;
  const fs::path path = archive.where;
  const std::string begin = path.stem().string() + ".", end = path.extension().string();
  std::error_code failed;
  const fs::path folder = path.parent_path().empty() ? fs::path(".") : path.parent_path();
  for (const auto& entry : fs::directory_iterator(folder, failed)) {
    const std::string name = entry.path().filename().string();
    if (name.size() != begin.size() + shape.size() + end.size() || !name.starts_with(begin) ||
        !name.ends_with(end))
      continue;
    const std::string label = name.substr(begin.size(), shape.size());
    if (const auto ordinal = ordinal_in(label); ordinal != 0)
      volumes.push_back({ordinal, at(archive, (path.parent_path() / name).string()), label});
  }
  std::ranges::sort(volumes, {}, &Volume::ordinal);
  return volumes;
}

Extent extent_of(Session& session) {
  Extent extent;
  if (session.dialect() != Dialect::sqlite) return extent;
  Statement(session)
      .into(extent.ordinal)
      .into(extent.first_seq)
      .into(extent.first_manifest)
      .into(extent.end_seq)
      .prepare(
          "SELECT ordinal, first_seq, first_manifest, coalesce(end_seq, 9223372036854775807)"
          " FROM volume")
      .one();
  return extent;
}

VolumeGate::VolumeGate(const Target& archive, Side side) {
  if (archive.dialect != Dialect::sqlite) return;
  fd_ = ::open((archive.where + ".gate").c_str(), O_RDONLY | O_CREAT | O_CLOEXEC, 0600);
  if (fd_ < 0 && side == Side::turning)
    throw DatabaseError(archive.where + ".gate cannot be opened: " + std::strerror(errno));
  while (fd_ >= 0 && ::flock(fd_, side == Side::turning ? LOCK_EX : LOCK_SH) != 0 && errno == EINTR)
    ;
}

VolumeGate::~VolumeGate() {
  if (fd_ >= 0) ::close(fd_);
}

bool month_is_over(Session& session) {
  if (session.dialect() != Dialect::sqlite) return false;
  std::int64_t first = 0, last = 0;
  const auto time_of = [&](const char* sql, std::int64_t& at_us) {
    return Statement(session).into(at_us).prepare(sql).one();
  };
  return time_of("SELECT ts FROM event ORDER BY seq LIMIT 1", first) &&
         time_of("SELECT ts FROM event ORDER BY seq DESC LIMIT 1", last) &&
         month_of(first) < month_of(last);
}

void turn_volume(const Target& archive) {
  const VolumeGate gate(archive, VolumeGate::Side::turning);
  turn(archive);
}

void mend_volumes(const Target& archive) {
  if (archive.dialect != Dialect::sqlite) return;
  const VolumeGate gate(archive, VolumeGate::Side::turning);
  const std::string next = next_file(archive);
  if (!fs::exists(archive.where)) {
    // Between the two renames: the next was whole before the first.
    if (fs::exists(next) && !sealed_volumes(archive).empty()) {
      rename_file(next, archive.where);
      sync_folder_of(archive.where);
    }
    return;
  }
  Extent extent;
  {
    Session session(archive, Session::Use::reader);
    if (has_volumes(session)) extent = extent_of(session);
  }
  if (const auto sealed = sealed_volumes(archive);
      !sealed.empty() && sealed.back().ordinal >= extent.ordinal)
    throw DatabaseError(sealed.back().target.name + " was sealed after the copy that is " +
                        archive.name + " now: put back the copy that belongs to it, or keep that" +
                        " file elsewhere");
  if (extent.sealed()) return turn(archive);
  remove_next(archive);
}

}  // namespace db
