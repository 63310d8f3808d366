// SPDX-License-Identifier: Apache-2.0
#include "db/sqlite/checkpointer.h"

#include <sqlite3.h>

#include <memory>
#include <system_error>
#include <utility>

namespace db {
namespace {

constexpr int pages_a_time = 1000;

}  // namespace

Checkpointer::Checkpointer(std::string path) : path_(std::move(path)) {}

Checkpointer::~Checkpointer() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void Checkpointer::note(int pages) noexcept {
  const std::lock_guard lock(mutex_);
  if (pages < begun_at_) begun_at_ = 0;  // the log has begun anew
  if (pages - begun_at_ < pages_a_time) return;
  begun_at_ = pages;
  asked_ = true;
  if (!thread_.joinable()) try {
      thread_ = std::thread([this] { run(); });
    } catch (const std::system_error&) {
      return;
    }
  changed_.notify_all();
}

void Checkpointer::run() {
  sqlite3* raw = nullptr;
  const int opened =
      sqlite3_open_v2(path_.c_str(), &raw, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, nullptr);
  const std::unique_ptr<sqlite3, decltype(&sqlite3_close)> db(raw, &sqlite3_close);
  if (opened != SQLITE_OK) return;
  // Until it has read something, a connection does not know that there is a log.
  (void)sqlite3_exec(raw, "SELECT count(*) FROM sqlite_schema", nullptr, nullptr, nullptr);
  std::unique_lock lock(mutex_);
  for (;;) {
    changed_.wait(lock, [this] { return asked_ || ending_; });
    if (ending_) return;
    asked_ = false;
    lock.unlock();
    (void)sqlite3_wal_checkpoint_v2(raw, nullptr, SQLITE_CHECKPOINT_PASSIVE, nullptr, nullptr);
    lock.lock();
  }
}

}  // namespace db
