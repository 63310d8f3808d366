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

#include "compliance/standing.h"

namespace compliance {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

constexpr std::size_t rows_a_step = 1000;
constexpr Clock::duration turn = 1s, back_off_min = 50ms, back_off_max = 1s;
constexpr Clock::duration closing_pause = 60s;
constexpr std::size_t clearable_max = 1000;

}  // namespace

std::string text(const std::vector<StoppedSource>& stopped) {
  std::string all;
  for (const auto& [source, sn, why] : stopped)
    all += (all.empty() ? "" : "; ") + source + " at " + std::to_string(sn) + ": " + why;
  return all;
}

struct Archivist::Impl {
  Impl(Outbox& o, ArchiveStore& a, base::Log& l, Sealer* s)
      : outbox(o), archive(a), log(l), sealer(s) {}

  StepResult step(std::size_t max_rows);
  StepResult copy(std::size_t max_rows);
  // Rows that go into the archive together, of `rows` that have been looked at.
  struct Batch {
    std::vector<OutboxRow> fresh;
    std::int64_t last_position = 0;
    std::size_t rows = 0;
  };
  StepResult store(const Batch& batch);
  StepResult refused(const Batch& batch);
  bool is_stopped(const OutboxRow& row) const;
  bool read_heads();
  bool check_heads();
  void seal();
  void bound_clearable();
  bool clear_sealed();
  void close_month();
  StepResult stop(const OutboxRow& row, std::string why);
  bool alarm(StoppedSource what, std::int64_t from);
  void keep(std::int64_t position);
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
  std::vector<Positions> kept;  // of stopped sources: never cleared
  // After a refusal smaller batches are tried, until it is known which row it was; 0: as asked for.
  std::size_t rows_max = 0;
  std::string trouble;  // why the last step that was `unavailable` was
  std::atomic<std::uint64_t> archived{0};
  std::atomic<std::uint64_t> awaiting{0};
  std::atomic<bool> any_stopped{false}, held_up{false}, troubled{false};
  std::atomic<Sealing> sealing{Sealing::ready};
  std::atomic<std::int64_t> sealed{0};

  struct Stop {
    StoppedSource what;
    std::int64_t from;  // the first position of it that stays
  };
  std::map<std::string, Stop> stops;  // written by the archivist's thread under the mutex

  std::mutex mutex;
  std::condition_variable changed;
  bool awake = false, stopping = false;
  Clock::time_point deadline = Clock::time_point::max();
  std::thread thread;
};

StepResult Archivist::Impl::archive_fails() {
  trouble = archive.last_error();
  return StepResult::unavailable;
}

StepResult Archivist::Impl::outbox_fails() {
  trouble = "the outbox, which is in the content database, does not answer";
  return StepResult::unavailable;
}

bool Archivist::Impl::is_stopped(const OutboxRow& row) const {
  const auto found = stops.find(row.source);
  return found != stops.end() && row.position >= found->second.from;
}

// Called again when a stopped source is met again: the alarm has been given.
StepResult Archivist::Impl::stop(const OutboxRow& row, std::string reason) {
  const bool anew = alarm({row.source, row.sn, std::move(reason)}, row.position);
  keep(row.position);
  return anew ? StepResult::gap : StepResult::copied;
}

// Once for each source.
bool Archivist::Impl::alarm(StoppedSource what, std::int64_t from) {
  if (stops.contains(what.source)) return false;
  log.error("a source has stopped: it does not continue what is archived of it",
            {{"source", what.source}, {"sn", std::to_string(what.sn)}, {"why", what.why}});
  const std::lock_guard lock(mutex);
  const std::string source = what.source;
  stops.emplace(source, Stop{std::move(what), from});
  any_stopped = true;
  return true;
}

// The rest of its source stays where it is, and is not even looked at.
void Archivist::Impl::keep(std::int64_t position) {
  const std::int64_t end = outbox.end_of_source(position);
  const auto same = std::ranges::find(kept, end, &Positions::last);
  if (same == kept.end())
    kept.insert(std::ranges::upper_bound(kept, end, {}, &Positions::last), {position, end});
  else
    same->first = std::min(same->first, position);
  after = end;
  held_up = true;
}

bool Archivist::Impl::read_heads() {
  auto stored = archive.heads();
  const auto size = stored ? archive.size() : base::fail(StoreError::unavailable);
  if (!size) return false;
  heads = std::move(*stored);
  if (!check_heads()) {
    heads.reset();
    return false;
  }
  leaves = *size;
  // It may have less than before, as after a failover: what is not cleared yet is looked at again.
  after = 0;
  clearable.clear();
  awaiting = 0;
  return true;
}

// Where the word of a head would be taken for events that are not there, its source stops at once.
bool Archivist::Impl::check_heads() {
  for (const auto& [source, head] : *heads) {
    if (head.sn == 0 || stops.contains(source)) continue;
    const auto found = look_at(source, head, archive);
    if (!found) return false;
    if (*found == HeadIs::last) continue;
    // After a loss that is on record there is nothing at the head; the archive goes on behind it.
    const auto lost = *found == HeadIs::of_none ? outbox.lost_up_to(source) : 0;
    if (!lost) return false;
    if (*lost < head.sn)
      alarm({source, head.sn, "the archive's head of it is not its last event"}, 0);
  }
  return true;
}

// Heads are forgotten before the archive is written: if it is not known whether that succeeded,
// they are read again.
StepResult Archivist::Impl::store(const Batch& batch) {
  if (!batch.fresh.empty()) {
    auto moved = std::exchange(heads, std::nullopt);
    if (const auto stored = archive.append(batch.fresh); !stored) {
      if (sealer != nullptr) sealer->forget();
      return stored.error() == StoreError::refused ? refused(batch) : archive_fails();
    }
    heads = std::move(moved);
    leaves += static_cast<std::int64_t>(batch.fresh.size());
    archived += batch.fresh.size();
    if (rows_max != 0) rows_max = rows_max < rows_a_step ? 2 * rows_max : 0;
    if (sealer != nullptr) {
      std::vector<base::Sha256> hashes;
      for (const auto& row : batch.fresh) hashes.push_back(row.leaf_hash);
      sealer->appended(hashes);
    }
  }
  clearable.push_back({batch.last_position, leaves, batch.rows});
  awaiting += batch.rows;
  if (!clear_sealed()) {
    clearable.pop_back();  // these rows come again
    awaiting -= batch.rows;
    return outbox_fails();
  }
  bound_clearable();
  after = batch.last_position;
  held_up = false;
  return StepResult::copied;
}

// One row is why; what comes before it, and what is of other sources, is as good as ever.
StepResult Archivist::Impl::refused(const Batch& batch) {
  rows_max = batch.fresh.size() / 2;
  if (rows_max > 0) return StepResult::copied;  // heads are not known: it is begun again
  return stop(batch.fresh.front(), "the archive refused it: " + archive.last_error());
}

// However long no checkpoint is signed.
void Archivist::Impl::bound_clearable() {
  if (clearable.size() <= clearable_max) return;
  const Clearable last = clearable.back();
  clearable.pop_back();
  clearable.back() = {last.position, last.leaves, clearable.back().rows + last.rows};
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
  if (!outbox.clear(up_to, kept)) return false;
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
  StepResult result = copy(max_rows);
  while (result == StepResult::copied && !heads) result = copy(max_rows);  // which row was refused?
  note(result);
  if (sealer != nullptr && result != StepResult::unavailable && sealer->due()) seal();
  return result;
}

StepResult Archivist::Impl::copy(std::size_t max_rows) {
  if (!heads && !read_heads()) return archive_fails();
  const auto rows = outbox.next(after, rows_max == 0 ? max_rows : std::min(max_rows, rows_max));
  if (!rows) return outbox_fails();
  if (rows->empty()) return StepResult::idle;

  Batch batch{{}, after, 0};
  for (const auto& row : *rows) {
    const Standing found =
        is_stopped(row) ? Standing::gap : standing(row, (*heads)[row.source], archive);
    if (found == Standing::unknown) {
      heads.reset();
      return archive_fails();
    }
    if (found != Standing::next && found != Standing::archived) {
      // What came before is sound and goes in; from here on nothing of this source does.
      const StepResult stored = batch.rows == 0 ? StepResult::copied : store(batch);
      return stored == StepResult::copied && heads ? stop(row, why(found)) : stored;
    }
    if (found == Standing::next) {
      (*heads)[row.source] = {row.sn, row.leaf_hash};
      batch.fresh.push_back(row);
    }
    batch.last_position = row.position;
    ++batch.rows;
  }
  return store(batch);
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
  if (!in_trouble && before) log.info("the archive can be written again");
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
    const bool last = ending && (result == StepResult::idle || late);
    if (last && sealer != nullptr) seal();
    if (last) return;
    if (result == StepResult::copied || result == StepResult::gap) {
      back_off = back_off_min;
    } else if (result == StepResult::idle) {
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
std::vector<StoppedSource> Archivist::stopped() const {
  const std::lock_guard lock(impl_->mutex);
  std::vector<StoppedSource> found;
  for (const auto& [source, stop] : impl_->stops) found.push_back(stop.what);
  return found;
}
bool Archivist::any_stopped() const { return impl_->any_stopped; }
bool Archivist::is_unavailable() const { return impl_->troubled; }
bool Archivist::is_behind() const { return impl_->troubled || impl_->held_up; }
Sealing Archivist::sealing() const { return impl_->sealing; }
std::uint64_t Archivist::awaiting_checkpoint() const { return impl_->awaiting; }
std::int64_t Archivist::sealed() const { return impl_->sealed; }

}  // namespace compliance
