// SPDX-License-Identifier: Apache-2.0
// Chores: what the writer does besides recording, in slices of about two milliseconds: outbox rows
// that are in the archive go, and history that is too old. After a failure of whatever kind they
// rest for a while, so that what cannot be deleted keeps nobody from talking.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

#include "compliance/outbox.h"
#include "db/keep/trim.h"
#include "db/sql/sql.h"

namespace db {

// Rows that wait in the outbox, up to which position they may go, and what of that stays: rows of
// sources that the archive does not take. Any thread.
class OutboxLevel {
 public:
  std::atomic<std::int64_t> rows{0};

  std::int64_t clear_to() const { return clear_to_; }
  void may_go(std::int64_t up_to);  // further than before, or nothing
  // In order; before anything behind them may go.
  void keep(const std::vector<compliance::Positions>& kept);
  // The next stretch that may go, of what lies behind a position: from after `first` to `last`.
  // Nothing does if the two are the same.
  compliance::Positions next(std::int64_t after) const;

 private:
  std::atomic<std::int64_t> clear_to_{0};
  mutable std::mutex mutex_;
  std::vector<compliance::Positions> kept_;
};
// What is to be done; outlives the writer.
struct Chores {
  OutboxLevel outbox;
  TrimQueue trims;
};
// Without reading them: see derive.h on positions. Throws DatabaseError.
std::int64_t count_outbox(Session& session);
// Without a writer: what may go goes, in slices, as far as it does `within` that time. Throws
// DatabaseError.
void clear_outbox(Session& session, OutboxLevel& level, std::chrono::milliseconds within);

// The doing. Writer's thread; what takes statements is within the writer's transaction and throws
// DatabaseError.
class ChoreWork {
 public:
  // On one connection.
  class Statements {
   public:
    explicit Statements(Session& session);
    ~Statements();

   private:
    friend class ChoreWork;
    struct Impl;
    std::unique_ptr<Impl> impl_;
  };
  // A slice of history that was deleted within a transaction.
  struct Trimmed {
    std::shared_ptr<Trim> trim;
    TrimRows::Slice slice;
  };

  explicit ChoreWork(Chores& chores) : chores_(chores) {}

  bool due() const;  // something waits, and they do not rest
  void rest();
  // While a batch of so many events is written, which people wait for; or when there is nothing
  // else.
  void beside(Statements& statements, std::int64_t events);
  void alone(Statements& statements);

  // How the transaction ended.
  void rolled_back();
  void committed();
  // Nobody knows yet; what committed() will need if it was.
  const Trimmed& trimmed() const { return trimmed_; }
  void committed_after_all(Trimmed trimmed);
  // It cannot be done: whoever asked for it is told, and the next comes.
  void give_up();

 private:
  bool clearing() const { return cleared_to_ < chores_.outbox.clear_to(); }
  void slice(Statements& statements, std::int64_t clear_rows, std::int64_t trim_rows);
  void clear(Statements& statements, std::int64_t rows_max);
  void trim(Statements& statements, std::int64_t rows_max);
  void settle_trim();

  Chores& chores_;
  std::chrono::steady_clock::time_point again_{};
  std::int64_t clear_rows_ = 200, trim_rows_ = 200;  // that take about two milliseconds
  std::int64_t cleared_to_ = 0;
  bool clear_failed_ = false;  // then the next turn is the trims'
  // Within the transaction:
  struct Cleared {
    std::int64_t rows = 0, to = 0;
  };
  Cleared cleared_;
  Trimmed trimmed_;
};

}  // namespace db
