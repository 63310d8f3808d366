// SPDX-License-Identifier: Apache-2.0
#include "compliance/archivist.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

namespace compliance {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

constexpr std::size_t rows_a_step = 1000;
constexpr Clock::duration turn = 1s, back_off_min = 50ms, back_off_max = 1s;
constexpr Clock::duration closing_pause = 60s;

// How a row stands to what is archived of its source.
enum class Standing { next, archived, gap, fork, damaged, unknown };

const char* text(Standing standing) {
  switch (standing) {
    case Standing::gap:
      return "a number is missing";
    case Standing::fork:
      return "another leaf stands under this number, or before it";
    case Standing::damaged:
      return "leaf, hash and columns do not agree";
    default:
      return "";
  }
}

}  // namespace

struct Archivist::Impl {
  Impl(Outbox& o, ArchiveStore& a, base::Log& l, Sealer* s)
      : outbox(o), archive(a), log(l), sealer(s) {}

  StepResult step(std::size_t max_rows);
  StepResult copy(std::size_t max_rows);
  Standing standing(const OutboxRow& row);
  Standing standing_of_old(const OutboxRow& row, const SourceHead& head);
  StepResult store(const std::vector<OutboxRow>& fresh, std::int64_t last_position,
                   std::size_t rows);
  bool read_heads();
  void seal();
  bool clear_sealed();
  void close_month();
  StepResult alarm(const OutboxRow& row, const std::string& why);
  StepResult archive_fails();
  StepResult outbox_fails();
  void run();
  void note(StepResult result);
  void wait(Clock::duration for_at_most);
  void pause(Clock::duration for_at_most);

  Outbox& outbox;
  ArchiveStore& archive;
  base::Log& log;

  Sealer* const sealer;

  // Where each source goes on; empty: ask the archive.
  std::optional<std::map<std::string, SourceHead>> heads;
  std::int64_t leaves = 0;  // in the archive, as far as `heads` are known
  std::int64_t after = 0;   // outbox position up to which everything is archived
  // Rows up to a position may go when so many leaves are under a checkpoint.
  struct Clearable {
    std::int64_t position, leaves;
    std::size_t rows;
  };
  std::deque<Clearable> clearable;
  Clock::time_point close_after{};
  std::string trouble;  // why the last step that was `unavailable` was
  std::atomic<std::uint64_t> archived{0};
  std::atomic<std::uint64_t> awaiting{0};
  std::atomic<bool> gap{false}, troubled{false};
  std::atomic<Sealing> sealing{Sealing::ready};
  std::atomic<std::int64_t> sealed{0};

  std::mutex mutex;
  std::condition_variable changed;
  bool awake = false, stopping = false;
  Clock::time_point deadline = Clock::time_point::max();
  std::thread thread;
};

Standing Archivist::Impl::standing_of_old(const OutboxRow& row, const SourceHead& head) {
  if (row.sn == head.sn) return row.leaf_hash == head.hash ? Standing::archived : Standing::fork;
  const auto stored = archive.leaf_hash(row.source, row.sn);
  if (!stored) return Standing::unknown;
  return *stored == row.leaf_hash ? Standing::archived : Standing::fork;
}

Standing Archivist::Impl::standing(const OutboxRow& row) {
  const SourceHead& head = (*heads)[row.source];
  const auto link = record::read_link(row.leaf);
  if (!link || link->source != row.source || link->sn != row.sn ||
      record::leaf_hash(row.leaf) != row.leaf_hash)
    return Standing::damaged;
  if (row.sn <= head.sn) return standing_of_old(row, head);
  if (row.sn != head.sn + 1) return Standing::gap;
  return link->previous == head.hash ? Standing::next : Standing::fork;
}

StepResult Archivist::Impl::archive_fails() {
  trouble = archive.last_error();
  return StepResult::unavailable;
}

StepResult Archivist::Impl::outbox_fails() {
  trouble = "the outbox, which is in the content database, does not answer";
  return StepResult::unavailable;
}

StepResult Archivist::Impl::alarm(const OutboxRow& row, const std::string& why) {
  gap = true;
  log.error("the archivist has stopped: a source does not continue what is archived of it",
            {{"source", row.source}, {"sn", std::to_string(row.sn)}, {"why", why}});
  return StepResult::gap;
}

bool Archivist::Impl::read_heads() {
  auto stored = archive.heads();
  const auto size = stored ? archive.size() : base::fail(StoreError::unavailable);
  if (!size) return false;
  heads = std::move(*stored);
  leaves = *size;
  // It may have less than before, as after a failover: what is not cleared yet is looked at again.
  after = 0;
  clearable.clear();
  awaiting = 0;
  return true;
}

// Heads are forgotten before the archive is written: if it is not known whether that succeeded,
// they are read again.
StepResult Archivist::Impl::store(const std::vector<OutboxRow>& fresh, std::int64_t last_position,
                                  std::size_t rows) {
  if (!fresh.empty()) {
    auto moved = std::exchange(heads, std::nullopt);
    if (const auto stored = archive.append(fresh); !stored) {
      if (sealer != nullptr) sealer->forget();
      if (stored.error() == StoreError::refused)
        return alarm(fresh.front(), "the archive refused the rows: " + archive.last_error());
      return archive_fails();
    }
    heads = std::move(moved);
    leaves += static_cast<std::int64_t>(fresh.size());
    archived += fresh.size();
    if (sealer != nullptr) {
      std::vector<base::Sha256> hashes;
      for (const auto& row : fresh) hashes.push_back(row.leaf_hash);
      sealer->appended(hashes);
    }
  }
  clearable.push_back({last_position, leaves, rows});
  awaiting += rows;
  if (!clear_sealed()) {
    clearable.pop_back();  // these rows come again
    awaiting -= rows;
    return outbox_fails();
  }
  after = last_position;
  return StepResult::copied;
}

bool Archivist::Impl::clear_sealed() {
  std::int64_t up_to = 0;
  std::size_t rows = 0;
  for (const auto& done : clearable)
    if (sealer == nullptr || done.leaves <= sealer->sealed()) {
      up_to = done.position;
      rows += done.rows;
    }
  if (up_to == 0) return true;
  if (!outbox.clear(up_to)) return false;
  std::erase_if(clearable, [up_to](const Clearable& c) { return c.position <= up_to; });
  awaiting -= rows;
  return true;
}

// That no checkpoint can be signed stops nothing but the clearing of the outbox.
void Archivist::Impl::seal() {
  const Sealing state = sealer->seal();
  sealed = sealer->sealed();
  if (state == Sealing::unavailable && sealing != state)
    log.warn("no checkpoint can be signed; trying again", {{"reason", sealer->trouble()}});
  sealing = state;
  if (state != Sealing::ready) return;
  clear_sealed();
  if (heads && sealer->sealed() == leaves) close_month();
}

// Somebody who reads keeps the file of the month from being closed; it can wait.
void Archivist::Impl::close_month() {
  if (Clock::now() < close_after) return;
  const auto closed = archive.close_month();
  if (closed && *closed) log.info("the archive goes on in a new file, and the last is sealed");
  if (closed) return;
  close_after = Clock::now() + closing_pause;
  log.warn("the archive's file of the month cannot be sealed yet; trying again",
           {{"reason", archive.last_error()}});
}

StepResult Archivist::Impl::step(std::size_t max_rows) {
  const StepResult result = copy(max_rows);
  note(result);
  if (sealer != nullptr && result != StepResult::unavailable && sealer->due()) seal();
  return result;
}

StepResult Archivist::Impl::copy(std::size_t max_rows) {
  if (gap) return StepResult::gap;
  if (!heads && !read_heads()) return archive_fails();
  const auto rows = outbox.next(after, max_rows);
  if (!rows) return outbox_fails();
  if (rows->empty()) return StepResult::idle;

  std::vector<OutboxRow> fresh;
  std::int64_t last_position = after;
  std::size_t taken = 0;
  for (const auto& row : *rows) {
    const Standing found = standing(row);
    if (found == Standing::unknown) {
      heads.reset();
      return archive_fails();
    }
    if (found != Standing::next && found != Standing::archived) {
      // What came before is sound and goes in; from here on nothing does.
      const StepResult stored =
          last_position == after ? StepResult::copied : store(fresh, last_position, taken);
      return stored == StepResult::unavailable ? stored : alarm(row, text(found));
    }
    if (found == Standing::next) {
      (*heads)[row.source] = {row.sn, row.leaf_hash};
      fresh.push_back(row);
    }
    last_position = row.position;
    ++taken;
  }
  return store(fresh, last_position, taken);
}

void Archivist::Impl::wait(Clock::duration for_at_most) {
  std::unique_lock lock(mutex);
  changed.wait_for(lock, for_at_most, [this] { return awake || stopping; });
  awake = false;
}

// Commits go on while the archive is away; they must not make it be tried more often.
void Archivist::Impl::pause(Clock::duration for_at_most) {
  std::unique_lock lock(mutex);
  changed.wait_until(lock, std::min(deadline, Clock::now() + for_at_most),
                     [this, was = stopping] { return stopping != was; });
}

void Archivist::Impl::note(StepResult result) {
  const bool in_trouble = result == StepResult::unavailable;
  const bool before = troubled.exchange(in_trouble);
  if (in_trouble && !before)
    log.warn("the archive cannot be written; trying again", {{"reason", trouble}});
  if (!in_trouble && before && result != StepResult::gap)
    log.info("the archive can be written again");
}

void Archivist::Impl::run() {
  Clock::duration back_off = back_off_min;
  if (sealer != nullptr) seal();  // what the last run left without a checkpoint
  for (;;) {
    // Asked before the step: what was recorded last is there for a step that begins after that.
    std::unique_lock lock(mutex);
    const bool ending = stopping;
    lock.unlock();
    const StepResult result = step(rows_a_step);
    lock.lock();
    const bool late = Clock::now() >= deadline;
    lock.unlock();
    const bool last = ending && (result == StepResult::idle || result == StepResult::gap || late);
    if (last && sealer != nullptr) seal();
    if (last) return;
    if (result == StepResult::copied) {
      back_off = back_off_min;
    } else if (result == StepResult::idle || result == StepResult::gap) {
      wait(turn);
    } else {
      pause(back_off);
      back_off = std::min(2 * back_off, back_off_max);
    }
  }
}

Archivist::Archivist(Outbox& outbox, ArchiveStore& archive, base::Log& log, Sealer* sealer)
    : impl_(std::make_unique<Impl>(outbox, archive, log, sealer)) {}

Archivist::~Archivist() { stop(); }

StepResult Archivist::step(std::size_t max_rows) { return impl_->step(max_rows); }

void Archivist::start() {
  impl_->thread = std::thread([this] { impl_->run(); });
}

void Archivist::wake() {
  {
    const std::lock_guard lock(impl_->mutex);
    impl_->awake = true;
  }
  impl_->changed.notify_one();
}

void Archivist::stop(base::Micros timeout) {
  {
    const std::lock_guard lock(impl_->mutex);
    impl_->stopping = true;
    impl_->deadline = Clock::now() + std::chrono::microseconds(timeout);
  }
  impl_->changed.notify_one();
  if (impl_->thread.joinable()) impl_->thread.join();
}

std::uint64_t Archivist::archived() const { return impl_->archived; }
bool Archivist::stopped_by_gap() const { return impl_->gap; }
bool Archivist::in_trouble() const {
  return impl_->gap || impl_->troubled || impl_->sealing != Sealing::ready;
}
bool Archivist::is_unavailable() const { return impl_->troubled; }
Sealing Archivist::sealing() const { return impl_->sealing; }
std::uint64_t Archivist::awaiting_checkpoint() const { return impl_->awaiting; }
std::int64_t Archivist::sealed() const { return impl_->sealed; }

}  // namespace compliance
