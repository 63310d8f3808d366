// SPDX-License-Identifier: Apache-2.0
// Readers: a few connections that only read, each lent to one thread at a time. They see what was
// committed before they were lent (SQLite's WAL: readers and the writer do not wait for each
// other). For db/'s own files.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/log.h"
#include "db/sql/sql.h"
#include "db/stores/history/page_rows.h"
#include "db/stores/people/message_archive_rows.h"
#include "db/stores/people/personal_rows.h"
#include "db/stores/reader_rows.h"

namespace db {

struct ReaderConnection {
  explicit ReaderConnection(const Target& target)
      : session(target, Session::Use::reader),
        rows(session),
        personal(session),
        archive(session),
        pages(session) {}
  ~ReaderConnection() { session.interrupt(); }  // as the committer's
  Session session;
  ReaderRows rows;
  PersonalRows personal;
  MessageArchiveRows archive;
  HistoryPageRows pages;
};

class Readers {
 public:
  explicit Readers(Target target, std::size_t max = 4) : target_(std::move(target)), max_(max) {}

  // From here on it says why reads fail, once a minute at most. The log outlives this.
  void say_in(base::Log& log) { log_ = &log; }

  // Runs `act(ReaderConnection&)` within one snapshot; waits for a connection if all are lent. Any
  // thread. Failures of the database become `error`; their connection is not used again.
  template <class E, class F>
  auto read(E error, F&& act) -> base::Result<std::invoke_result_t<F, ReaderConnection&>, E> {
    Lease lease(*this);
    auto out = guard(
        error,
        [&] {
          if (!lease.connection) lease.connection = std::make_unique<ReaderConnection>(target_);
          Transaction snapshot(lease.connection->session, Transaction::Kind::read);
          return act(*lease.connection);
        },
        [this](const char* reason) { note_failure(reason); });
    lease.sound = out.has_value();
    return out;
  }

 private:
  struct Lease {
    explicit Lease(Readers& from) : readers(from), connection(from.take()) {}
    ~Lease() {
      if (!sound) connection.reset();
      readers.give_back(std::move(connection));
    }
    Lease(const Lease&) = delete;
    Lease& operator=(const Lease&) = delete;
    Readers& readers;
    std::unique_ptr<ReaderConnection> connection;
    bool sound = false;  // nothing failed or was thrown: may be used again
  };

  void note_failure(const char* reason) {
    base::Log* const log = log_;
    if (log == nullptr) return;
    {
      const std::lock_guard lock(mutex_);
      const auto now = std::chrono::steady_clock::now();
      if (now < silent_until_) return;
      silent_until_ = now + std::chrono::minutes(1);
    }
    log->warn("the database cannot be read", {{"reason", reason}});
  }

  std::unique_ptr<ReaderConnection> take() {
    std::unique_lock lock(mutex_);
    free_.wait(lock, [this] { return lent_ < max_; });
    ++lent_;
    if (idle_.empty()) return nullptr;
    auto connection = std::move(idle_.back());
    idle_.pop_back();
    return connection;
  }
  void give_back(std::unique_ptr<ReaderConnection> connection) {
    {
      const std::lock_guard lock(mutex_);
      --lent_;
      if (connection) idle_.push_back(std::move(connection));
    }
    free_.notify_one();
  }

  const Target target_;
  const std::size_t max_;
  std::atomic<base::Log*> log_{nullptr};
  std::mutex mutex_;
  std::chrono::steady_clock::time_point silent_until_{};
  std::condition_variable free_;
  std::size_t lent_ = 0;
  std::vector<std::unique_ptr<ReaderConnection>> idle_;
};

}  // namespace db
