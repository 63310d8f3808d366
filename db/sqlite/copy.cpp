// SPDX-License-Identifier: Apache-2.0
// SQLite's online backup on a connection of its own, which holds one snapshot from beginning to
// end: in WAL mode the writer goes on meanwhile, and what it writes does not make the copy begin
// anew. Its log grows by that until the copy is done.
#include "db/keep/copy.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "db/sql/sql.h"

namespace db {
namespace {

constexpr int pages_a_step = 256;
constexpr int busy_ms = 1000;

struct Close {
  void operator()(sqlite3* db) const { sqlite3_close(db); }
};
using Database = std::unique_ptr<sqlite3, Close>;

Database open(const std::string& path) {
  sqlite3* raw = nullptr;
  const int result =
      sqlite3_open_v2(path.c_str(), &raw, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, nullptr);
  Database db(raw);
  if (result != SQLITE_OK)
    throw DatabaseError(path + " cannot be opened: " + sqlite3_errstr(result));
  sqlite3_busy_timeout(raw, busy_ms);
  return db;
}

void run(sqlite3* db, const char* sql) {
  if (sqlite3_exec(db, sql, nullptr, nullptr, nullptr) != SQLITE_OK)
    throw DatabaseError(sqlite3_errmsg(db));
}

std::string text(sqlite3* db, const char* sql) {
  sqlite3_stmt* raw = nullptr;
  if (sqlite3_prepare_v2(db, sql, -1, &raw, nullptr) != SQLITE_OK)
    throw DatabaseError(sqlite3_errmsg(db));
  const std::unique_ptr<sqlite3_stmt, decltype(&sqlite3_finalize)> statement(raw,
                                                                             &sqlite3_finalize);
  if (sqlite3_step(raw) != SQLITE_ROW) return {};
  const auto* bytes = sqlite3_column_text(raw, 0);
  return bytes == nullptr ? std::string() : reinterpret_cast<const char*>(bytes);
}

class SqliteCopy final : public Copy {
 public:
  SqliteCopy(const Target& target, Copied which) : source_(open(target.where)) {
    run(source_.get(), "PRAGMA cache_size=-2048; BEGIN");
    schema = std::stoi(text(source_.get(), "SELECT coalesce(max(version), 0) FROM schema_version"));
    head = text(source_.get(), head_query(which));
    page_ = std::stoll(text(source_.get(), "PRAGMA page_size"));
    bytes = page_ * std::stoll(text(source_.get(), "PRAGMA page_count"));
  }

  std::string file_name(const std::string& database) const override { return database + ".db"; }

  void write(const std::string& file, const GoOn& go_on) override {
    const int fd = ::open(file.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0) throw DatabaseError(file + " cannot be made: " + std::strerror(errno));
    ::close(fd);
    {
      const Database target = open(file);
      // Whatever happens to the copy before it is whole, it is thrown away.
      run(target.get(), "PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA cache_size=-2048");
      copy(target.get(), go_on);
    }
    sync_file(file);
  }

 private:
  void copy(sqlite3* target, const GoOn& go_on) {
    sqlite3_backup* backup = sqlite3_backup_init(target, "main", source_.get(), "main");
    if (backup == nullptr) throw DatabaseError(sqlite3_errmsg(target));
    int result = SQLITE_OK;
    bool given_up = false;
    while (result == SQLITE_OK && !given_up) {
      result = sqlite3_backup_step(backup, pages_a_step);
      const std::int64_t left = sqlite3_backup_remaining(backup);
      given_up = !go_on(bytes - left * page_);
    }
    (void)sqlite3_backup_finish(backup);
    if (given_up && result != SQLITE_DONE) throw DatabaseError("given up");
    if (result != SQLITE_DONE)
      throw DatabaseError(std::string("the copy failed: ") + sqlite3_errstr(result));
  }

  Database source_;
  std::int64_t page_ = 0;
};

}  // namespace

std::unique_ptr<Copy> open_sqlite_copy(const Target& target, Copied which) {
  return std::make_unique<SqliteCopy>(target, which);
}

}  // namespace db
