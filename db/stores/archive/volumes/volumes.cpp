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
#include <memory>
#include <string_view>

#include "db/keep/copy.h"

namespace db {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view shape = "0000-0000-00";
constexpr mode_t read_only = S_IRUSR | S_IRGRP;  // says what it is; what keeps it is in the file
constexpr std::int64_t a_day = 86'400'000'000;   // µs

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

// Where it is, behind links.
std::string file_of(const Target& archive) {
  std::error_code failed;
  const auto path = fs::weakly_canonical(archive.where, failed);
  return failed ? archive.where : path.string();
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

bool exists(const std::string& file) {
  struct stat about {};
  if (::stat(file.c_str(), &about) == 0) return true;
  if (errno == ENOENT) return false;
  throw DatabaseError(file + " cannot be looked at: " + std::strerror(errno));
}

std::string next_file(const Target& archive) { return file_of(archive) + ".next"; }

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
void take_alone(Session& session, const char* pragma, const std::string& otherwise) {
  std::string mode;
  Statement(session).into(mode).prepare(pragma).one();
  if (mode != "delete") throw DatabaseError(otherwise);
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

Extent read_extent(Session& session, const std::string& table) {
  Extent extent;
  if (session.dialect() != Dialect::sqlite) return extent;
  const std::string sql =
      "SELECT ordinal, first_seq, first_manifest, coalesce(end_seq, 9223372036854775807) FROM " +
      table;  // rule: one of ours
  Statement(session)
      .into(extent.ordinal)
      .into(extent.first_seq)
      .into(extent.first_manifest)
      .into(extent.end_seq)
      .prepare(sql.c_str())
      .one();
  return extent;
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
// have not ended. Here `past` is the volume before, whether it is sealed yet or not.
void begin_next(Session& session) {
  {
    Transaction transaction(session, Transaction::Kind::write);
    for (const auto& sql : definitions(session, "tables")) session.script(sql.c_str());
    session.script(
        "INSERT INTO schema_version SELECT * FROM past.schema_version;"
        "INSERT INTO archive_id SELECT * FROM past.archive_id;"
        "INSERT INTO head SELECT * FROM past.head;"
        "INSERT INTO stay SELECT * FROM past.stay WHERE leave_rn IS NULL;"
        "INSERT INTO volume SELECT one, ordinal + 1, (SELECT max(seq) + 1 FROM past.event),"
        " (SELECT coalesce(max(number) + 1, past.volume.first_manifest) FROM past.manifest), NULL"
        " FROM past.volume;"
        "INSERT INTO derived SELECT one, first_seq FROM volume");
    for (const auto& sql : definitions(session, "others")) session.script(sql.c_str());
    transaction.commit();
  }
  // On a full disk what is committed may be in the log alone.
  take_alone(session, "PRAGMA main.journal_mode=DELETE", "the next file cannot be completed");
}

// What stands under the name of the next file is whole. `past` goes before it.
class Next {
 public:
  Next(const Target& archive, const std::string& past)
      : archive_(archive), file_(file_of(archive)), next_(next_file(archive)) {
    remove_next(archive);
    session_ = std::make_unique<Session>(at(archive, next_), Session::Use::full);
    Statement(*session_).use(past).prepare("ATTACH :a AS past").run();
  }
  ~Next() {
    session_.reset();
    if (done_) return;
    try {
      remove_next(archive_);
    } catch (const DatabaseError&) {
      // It is removed, or not, at the next try.
    }
  }
  Next(const Next&) = delete;
  Next& operator=(const Next&) = delete;

  Session& session() { return *session_; }
  void take_place() {
    session_.reset();
    rename_file(next_, file_);
    done_ = true;
    sync_folder_of(file_);
  }
  void sync() { sync_file(next_); }

 private:
  const Target& archive_;
  const std::string file_, next_;
  std::unique_ptr<Session> session_;
  bool done_ = false;
};

std::string name_when_sealed(const Target& archive, Session& session) {
  std::int64_t ordinal = 0, first_us = 0;
  Statement(session)
      .into(ordinal)
      .into(first_us)
      .prepare("SELECT ordinal, (SELECT ts FROM past.event ORDER BY seq LIMIT 1) FROM past.volume")
      .one();
  return sealed_name(file_of(archive), ordinal, first_us);
}

// The next is whole on the disk before the one before it is sealed: whatever fails until then
// leaves that one as it was.
void turn(const Target& archive) {
  const std::string file = file_of(archive);
  Next next(archive, archive.where);
  take_alone(next.session(), "PRAGMA past.journal_mode=DELETE", "somebody is reading the archive");
  begin_next(next.session());
  next.sync();
  const std::string sealed = name_when_sealed(archive, next.session());
  if (exists(sealed)) throw DatabaseError("there is a " + sealed + " already");
  next.session().script(
      "UPDATE past.volume SET end_seq = (SELECT max(seq) + 1 FROM past.event)"
      " WHERE end_seq IS NULL");
  rename_file(file, sealed);
  sync_folder_of(file);
  next.take_place();
  (void)::chmod(sealed.c_str(), read_only);
}

// There are months, and none that grows: the one after them begins anew.
void go_on_after(const Target& archive, const Volume& last) {
  Next next(archive, last.target.where);
  if (!read_extent(next.session(), "past.volume").sealed())
    throw DatabaseError(last.target.name + " is not sealed: it may be " + archive.name +
                        " under a wrong name");
  begin_next(next.session());
  next.sync();
  next.take_place();
}

}  // namespace

std::vector<Volume> sealed_volumes(const Target& archive) {
  std::vector<Volume> volumes;
  if (archive.dialect != Dialect::sqlite) return volumes;
  const fs::path path = file_of(archive);
  const std::string begin = path.stem().string() + ".", end = path.extension().string();
  std::error_code failed;
  const fs::path folder = path.parent_path().empty() ? fs::path(".") : path.parent_path();
  auto entry = fs::directory_iterator(folder, failed);
  for (; !failed && entry != fs::directory_iterator(); entry.increment(failed)) {
    const std::string name = entry->path().filename().string();
    if (name.size() != begin.size() + shape.size() + end.size() || !name.starts_with(begin) ||
        !name.ends_with(end))
      continue;
    const std::string label = name.substr(begin.size(), shape.size());
    if (const auto ordinal = ordinal_in(label); ordinal != 0)
      volumes.push_back({ordinal, at(archive, (path.parent_path() / name).string()), label});
  }
  if (failed)
    throw DatabaseError("the folder " + folder.string() + " cannot be read: " + failed.message());
  std::ranges::sort(volumes, {}, &Volume::ordinal);
  return volumes;
}

Extent extent_of(Session& session) { return read_extent(session, "volume"); }

VolumeGate::VolumeGate(const Target& archive, Side side) {
  if (archive.dialect != Dialect::sqlite) return;
  const std::string file = file_of(archive) + ".gate";
  const bool turns = side == Side::turning;
  fd_ = ::open(file.c_str(), O_RDONLY | O_CLOEXEC | (turns ? O_CREAT : 0), 0600);
  if (fd_ < 0 && turns) throw DatabaseError(file + " cannot be opened: " + std::strerror(errno));
  while (fd_ >= 0 && ::flock(fd_, turns ? LOCK_EX : LOCK_SH) != 0 && errno == EINTR)
    ;
}

VolumeGate::~VolumeGate() {
  if (fd_ >= 0) ::close(fd_);
}

// Events wait in a queue, so a little before the end of a month may come after it. A clock that was
// wrong by more, and was set back, does not keep the months of years from being closed.
bool month_is_over(Session& session) {
  if (session.dialect() != Dialect::sqlite) return false;
  std::int64_t first = 0, last = 0;
  const auto time_of = [&](const char* sql, std::int64_t& at_us) {
    return Statement(session).into(at_us).prepare(sql).one();
  };
  if (!time_of("SELECT ts FROM event ORDER BY seq LIMIT 1", first) ||
      !time_of("SELECT ts FROM event ORDER BY seq DESC LIMIT 1", last) ||
      month_of(first) == month_of(last))
    return false;
  return last > first || first - last > a_day;
}

void turn_volume(const Target& archive) {
  const VolumeGate gate(archive, VolumeGate::Side::turning);
  turn(archive);
}

void mend_volumes(const Target& archive) {
  if (archive.dialect != Dialect::sqlite) return;
  const VolumeGate gate(archive, VolumeGate::Side::turning);
  const auto sealed = sealed_volumes(archive);
  if (!exists(archive.where)) {
    if (!sealed.empty()) go_on_after(archive, sealed.back());
    return;
  }
  Extent extent;
  {
    Session session(archive, Session::Use::reader);
    if (has_volumes(session)) extent = extent_of(session);
  }
  if (!sealed.empty() && sealed.back().ordinal >= extent.ordinal)
    throw DatabaseError(sealed.back().target.name + " was sealed after the copy that is " +
                        archive.name + " now: put back the copy that belongs to it. Without one," +
                        " keep this one elsewhere, and the archive goes on after that file");
  // Where it had come back from a backup, say.
  for (const auto& volume : sealed) (void)::chmod(volume.target.where.c_str(), read_only);
  if (extent.sealed()) return turn(archive);
  remove_next(archive);
}

}  // namespace db
