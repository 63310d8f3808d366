// SPDX-License-Identifier: Apache-2.0
#include "db/writer/chores.h"

#include <algorithm>
#include <utility>

#include "db/writer/derive/derive.h"

namespace db {
namespace {

constexpr std::chrono::microseconds slice_time{2000};
constexpr std::int64_t slice_rows_min = 20, slice_rows_max = 5000;
constexpr std::chrono::seconds rest_for{5};

// Keeps `rows` at what `act` does in slice_time.
template <class F>
void in_time(std::int64_t& rows, F&& act) {
  const auto began = std::chrono::steady_clock::now();
  act();
  const bool slow = std::chrono::steady_clock::now() - began > slice_time;
  rows = std::clamp(slow ? rows / 2 : rows + rows / 4, slice_rows_min, slice_rows_max);
}

// The last position of the next `max` rows that may go. What went before is not walked over again:
// PostgreSQL's index keeps it until there is a vacuum.
struct SliceEnd {
  std::int64_t after = 0, clear_to = 0, max = 0, end = 0;
  static constexpr const char* sql =
      "SELECT coalesce(max(position), 0) FROM (SELECT position FROM outbox"
      " WHERE position > :a AND position <= :b ORDER BY position LIMIT :c) AS slice";
  void bind(Statement& s) {
    s.use(after);
    s.use(clear_to);
    s.use(max);
    s.into(end);
  }
};

struct DeleteSlice {
  std::int64_t after = 0, end = 0;
  static constexpr const char* sql = "DELETE FROM outbox WHERE position > :a AND position <= :b";
  void bind(Statement& s) {
    s.use(after);
    s.use(end);
  }
};

}  // namespace

void OutboxLevel::may_go(std::int64_t up_to) {
  if (up_to > clear_to_) clear_to_ = up_to;
}

void OutboxLevel::keep(const std::vector<compliance::Positions>& kept) {
  const std::lock_guard lock(mutex_);
  kept_ = kept;
}

compliance::Positions OutboxLevel::next(std::int64_t after) const {
  compliance::Positions stretch{after, std::max(after, clear_to_.load())};
  const std::lock_guard lock(mutex_);
  for (const auto& kept : kept_) {
    if (kept.last <= stretch.first || kept.first > stretch.last) continue;
    if (kept.first > stretch.first + 1) {
      stretch.last = kept.first - 1;
      break;
    }
    stretch.first = std::min(kept.last, stretch.last);
  }
  return stretch;
}

std::int64_t count_outbox(Session& session) {
  std::int64_t first = 0, after = 0, end = 0, last = 0, rows = 0;
  Statement next(session), piece(session);
  next.use(after).into(first).prepare(
      "SELECT coalesce(min(position), 0) FROM outbox WHERE position > :a");
  piece.use(end).into(last).prepare("SELECT max(position) FROM outbox WHERE position < :a");
  for (next.one(); first != 0; next.one()) {
    end = outbox_position(outbox_incarnation(first) + 1, 0);
    piece.one();
    rows += last - first + 1;
    after = last;
  }
  return rows;
}

void clear_outbox(Session& session, OutboxLevel& level, std::chrono::milliseconds within) {
  const auto deadline = std::chrono::steady_clock::now() + within;
  Prepared<SliceEnd> slice(session);
  Prepared<DeleteSlice> remove(session);
  slice.row.max = slice_rows_max;
  auto stretch = level.next(0);
  do {
    if (stretch.first == stretch.last) return;
    slice.row.after = remove.row.after = stretch.first;
    slice.row.clear_to = stretch.last;
    slice.one();
    remove.row.end = slice.row.end;
    if (slice.row.end > 0) level.rows -= remove.run();
    stretch = level.next(slice.row.end > 0 ? slice.row.end : stretch.last);
  } while (std::chrono::steady_clock::now() < deadline);
}

struct ChoreWork::Statements::Impl {
  explicit Impl(Session& session) : slice_end(session), delete_slice(session), trims(session) {}
  Prepared<SliceEnd> slice_end;
  Prepared<DeleteSlice> delete_slice;
  TrimRows trims;
};

ChoreWork::Statements::Statements(Session& session) : impl_(std::make_unique<Impl>(session)) {}
ChoreWork::Statements::~Statements() = default;

bool ChoreWork::due() const {
  return std::chrono::steady_clock::now() >= again_ &&
         (clearing() || chores_.trims.front() != nullptr);
}

void ChoreWork::rest() { again_ = std::chrono::steady_clock::now() + rest_for; }

void ChoreWork::beside(Statements& statements, std::int64_t events) {
  slice(statements, std::max(clear_rows_, 2 * events), trim_rows_ / 4);
}

void ChoreWork::alone(Statements& statements) { slice(statements, clear_rows_, trim_rows_); }

void ChoreWork::slice(Statements& statements, std::int64_t clear_rows, std::int64_t trim_rows) {
  if (!due()) return;
  if (clearing() && !std::exchange(clear_failed_, false)) {
    clear_failed_ = true;
    clear(statements, clear_rows);
    clear_failed_ = false;
  }
  trimmed_.trim = chores_.trims.front();
  if (trimmed_.trim) trim(statements, trim_rows);
}

void ChoreWork::clear(Statements& statements, std::int64_t rows_max) {
  in_time(clear_rows_, [&] {
    const auto stretch = chores_.outbox.next(cleared_to_);
    auto& end = statements.impl_->slice_end;
    end.row.after = stretch.first;
    end.row.clear_to = stretch.last;
    end.row.max = rows_max;
    end.one();
    auto& remove = statements.impl_->delete_slice;
    remove.row.after = stretch.first;
    remove.row.end = end.row.end;
    cleared_.rows = remove.run();
    cleared_.to = cleared_.rows < rows_max ? end.row.clear_to : end.row.end;
  });
}

void ChoreWork::trim(Statements& statements, std::int64_t rows_max) {
  in_time(trim_rows_,
          [&] { trimmed_.slice = statements.impl_->trims.remove(*trimmed_.trim, rows_max); });
}

void ChoreWork::rolled_back() {
  cleared_ = {};
  trimmed_ = {};
}

void ChoreWork::committed() {
  chores_.outbox.rows -= cleared_.rows;
  cleared_to_ = std::max(cleared_to_, cleared_.to);
  settle_trim();
  rolled_back();
}

// Which outbox rows went is counted anew with a new connection.
void ChoreWork::committed_after_all(Trimmed trimmed) {
  trimmed_ = std::move(trimmed);
  settle_trim();
  rolled_back();
}

// A slice whose transaction failed is deleted again with the next.
void ChoreWork::settle_trim() {
  const auto& [trim, slice] = trimmed_;
  if (!trim) return;
  trim->after = slice.after;
  if (slice.last) chores_.trims.pop();
  trim->note(slice.rows, slice.last);
}

void ChoreWork::give_up() {
  if (!trimmed_.trim) return;  // it was not the trim that failed
  chores_.trims.pop();
  trimmed_.trim->give_up(Trim::State::failed);
}

}  // namespace db
