// SPDX-License-Identifier: Apache-2.0
#include "db/sql/engine.h"

#include <fcntl.h>
#include <soci/sqlite3/soci-sqlite3.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <optional>

#include "db/sqlite/checkpointer.h"

namespace db {
namespace {

constexpr int primary_code_mask = 0xff;
constexpr int log_pages_max = 4000;
constexpr std::chrono::seconds reader_gives_up_after{10};
constexpr int steps_between_looks = 10000;  // of SQLite's virtual machine: under a millisecond

bool refused_row(int result) { return (result & primary_code_mask) == SQLITE_CONSTRAINT; }

// SQLite gives its log and shared-memory files the permissions of the database.
void make_private_file(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0) throw DatabaseError(path + " cannot be opened: " + std::strerror(errno));
  ::close(fd);
}

// A session is used by one thread at a time: SQLite need not lock the connection for every column
// of every row, which is a tenth of what reading costs. SOCI opens without flags, hence for all.
void without_locks() {
  static const int done = sqlite_api::sqlite3_config(SQLITE_CONFIG_MULTITHREAD);
  (void)done;  // refused where SQLite is at work already: then it locks
}

class SqliteEngine final : public Engine {
 public:
  explicit SqliteEngine(const std::string& path)
      : session_(soci::sqlite3, "timeout=1 dbname=\"" + path + "\"") {}

  soci::session& soci() override { return session_; }

  void script(const char* sql) override {
    until_ = {};
    const int result = sqlite_api::sqlite3_exec(handle(), sql, nullptr, nullptr, nullptr);
    if (result != SQLITE_OK)
      throw DatabaseError(sqlite_api::sqlite3_errmsg(handle()), refused_row(result));
  }
  void begin(TransactionKind kind) override {
    script(kind == TransactionKind::write ? "BEGIN IMMEDIATE" : "BEGIN");
  }
  void commit() override { script("COMMIT"); }
  void rollback() noexcept override {
    (void)sqlite_api::sqlite3_exec(handle(), "ROLLBACK", nullptr, nullptr, nullptr);
  }
  void interrupt() noexcept override { sqlite_api::sqlite3_interrupt(handle()); }
  // The time counts from a statement's start to its last row: rows are read as they are fetched.
  void begin_wait() noexcept override {
    given_up_ = false;
    until_ = patient_ ? Clock::time_point{} : Clock::now() + reader_gives_up_after;
  }
  void be_patient() override {
    patient_ = true;
    until_ = {};
  }
  DatabaseError translate(const soci::soci_error& error) const override {
    if (given_up_) return DatabaseError("given up after ten seconds");
    const auto* own = dynamic_cast<const soci::sqlite3_soci_error*>(&error);
    return DatabaseError(error.get_error_message(), own != nullptr && refused_row(own->result()));
  }
  bool storable(const std::string&) const override { return true; }

  // From now on a statement that takes too long fails, as with PostgreSQL's statement_timeout.
  void give_up_in_time() {
    patient_ = false;
    sqlite_api::sqlite3_progress_handler(handle(), steps_between_looks, &SqliteEngine::look, this);
  }

  // From now on the log is brought into the database by a thread of its own, and here what is left
  // when the log has become long: without that it would never begin anew under steady load.
  void checkpoint_aside(const std::string& path) {
    checkpointer_.emplace(path);
    sqlite_api::sqlite3_wal_hook(handle(), &SqliteEngine::committed, this);
  }

 private:
  using Clock = std::chrono::steady_clock;
  static int look(void* self) {
    auto& engine = *static_cast<SqliteEngine*>(self);
    engine.given_up_ = engine.until_ != Clock::time_point{} && Clock::now() > engine.until_;
    return engine.given_up_ ? 1 : 0;
  }
  static int committed(void* self, sqlite_api::sqlite3* db, const char* name, int pages) {
    if (pages < log_pages_max)
      static_cast<SqliteEngine*>(self)->checkpointer_->note(pages);
    else
      (void)sqlite_api::sqlite3_wal_checkpoint_v2(db, name, SQLITE_CHECKPOINT_PASSIVE, nullptr,
                                                  nullptr);
    return SQLITE_OK;
  }
  sqlite_api::sqlite3* handle() {
    return static_cast<soci::sqlite3_session_backend*>(session_.get_backend())->conn_;
  }
  bool patient_ = true, given_up_ = false;
  Clock::time_point until_{};  // zero: as long as it takes
  soci::session session_;
  std::optional<Checkpointer> checkpointer_;
};

// The page size counts only before the first table is made; it, the cache and how often there is a
// checkpoint were chosen with hansard-storage-bench: docs/performance.md.
constexpr const char* full_settings =
    "PRAGMA page_size=8192; PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
    "PRAGMA journal_size_limit=67108864; PRAGMA cache_size=-16384;";
constexpr const char* reader_settings = "PRAGMA query_only=ON; PRAGMA cache_size=-4096;";

}  // namespace

std::unique_ptr<Engine> open_sqlite(const Target& target, Session::Use use) {
  const std::string& path = target.where;
  if (use == Session::Use::full)
    make_private_file(path);
  else if (::access(path.c_str(), R_OK) != 0)
    throw DatabaseError(path + " cannot be read: " + std::strerror(errno));
  without_locks();
  std::unique_ptr<SqliteEngine> engine;
  try {
    engine = std::make_unique<SqliteEngine>(path);
  } catch (const soci::soci_error& error) {
    throw DatabaseError(error.get_error_message());
  }
  engine->script(use == Session::Use::full ? full_settings : reader_settings);
  if (use == Session::Use::full)
    engine->checkpoint_aside(path);
  else
    engine->give_up_in_time();
  return engine;
}

}  // namespace db
