// SPDX-License-Identifier: Apache-2.0
#include "db/writer/record_writer.h"

#include <algorithm>
#include <chrono>

namespace db {
namespace {

using record::Outcome;

constexpr std::size_t batch_events_max = 4096;
constexpr std::size_t batch_bytes_max = 16 * 1024 * 1024;
constexpr base::Micros back_off_min = base::milliseconds(50), back_off_max = base::seconds(1);
constexpr base::Micros idle_turn = base::seconds(1);
constexpr base::Micros stall_after = base::seconds(2);
constexpr base::Micros clock_step = base::seconds(1);

// The texts that peers choose the length of; the rest is small.
struct TextSize {
  std::size_t operator()(const record::MessagePosted& e) const {
    return e.stanza.size() + e.body.size() + e.origin_id.size();
  }
  std::size_t operator()(const record::DirectMessage& e) const {
    return e.stanza.size() + e.body.size() + e.origin_id.size();
  }
  std::size_t operator()(const record::SubjectChanged& e) const {
    return e.stanza.size() + e.subject.size();
  }
  std::size_t operator()(const record::ConfigChanged& e) const {
    std::size_t bytes = 0;
    for (const auto& c : e.changes) bytes += sizeof c + c.old_value.size() + c.new_value.size();
    return bytes;
  }
  std::size_t operator()(const record::AdminCommand& e) const { return e.arguments.size(); }
  std::size_t operator()(const record::MessageRejected& e) const { return e.stanza.size(); }
  std::size_t operator()(const record::RosterChanged& e) const {
    std::size_t bytes = e.name.size();
    for (const auto& group : e.groups) bytes += group.size();
    return bytes;
  }
  template <class Body>
  std::size_t operator()(const Body& e) const {
    if constexpr (std::is_base_of_v<record::MessagePosted, Body>)
      return (*this)(static_cast<const record::MessagePosted&>(e));
    if constexpr (requires { e.xml.size(); }) return e.xml.size();
    if constexpr (requires { e.reason.size(); }) return e.reason.size();
    return 0;
  }
};

std::size_t size_of(const std::vector<record::Event>& events) {
  std::size_t bytes = events.size() * sizeof(record::Event);
  for (const auto& event : events) bytes += std::visit(TextSize{}, event.body);
  return bytes;
}

base::Micros since(base::Time begin, const base::Clock& clock) { return clock.monotonic() - begin; }

}  // namespace

RecordWriter::RecordWriter(Parts parts) : parts_(std::move(parts)) {}

RecordWriter::~RecordWriter() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = abandoned_ = true;
  }
  changed_.notify_all();
  end_thread();
}

// It may be waiting for a database that does not answer.
void RecordWriter::end_thread() {
  if (!thread_.joinable()) return;
  {
    std::unique_lock lock(mutex_);
    while (!ended_.wait_for(lock, std::chrono::seconds(1), [this] { return !running_; }))
      parts_.committer->interrupt();
  }
  thread_.join();
}

void RecordWriter::start() {
  running_ = true;
  thread_ = std::thread([this] { run(); });
}

void RecordWriter::submit(std::vector<record::Event> events,
                          std::function<void(record::Settlement)> done) {
  const std::size_t count = events.size(), bytes = size_of(events);
  {
    const std::lock_guard lock(mutex_);
    if (stopping_) return;
    queued_ += count;
    queued_bytes_ += bytes;
    // Read here, so that it does not go back from one event of the source to the next.
    queue_.push_back({std::move(events), std::move(done), parts_.clock.monotonic(), bytes});
  }
  changed_.notify_one();
}

bool RecordWriter::accepting() const {
  return !trouble_ && !fenced_ && queued_ < parts_.queue_max &&
         queued_bytes_ < parts_.queue_bytes_max && !stalled();
}

// A database that has not answered for so long is as good as away, whatever it will say in the end.
bool RecordWriter::stalled() const {
  const std::int64_t began = commit_began_us_;
  return began != 0 && parts_.clock.monotonic().us - began > stall_after;
}

bool RecordWriter::stop(base::Micros timeout) {
  std::unique_lock lock(mutex_);
  stopping_ = true;
  changed_.notify_all();
  ended_.wait_for(lock, std::chrono::microseconds(timeout), [this] { return !running_; });
  abandoned_ = true;
  lock.unlock();
  changed_.notify_all();
  end_thread();
  if (queued_ == 0) return true;
  parts_.log.error("events given up at the end", {{"events", std::to_string(queued_.load())}});
  return false;
}

void RecordWriter::wake() { changed_.notify_one(); }

WriterStats RecordWriter::stats() const {
  return {events_, commits_, largest_batch_, queued_, queued_bytes_, last_commit_us_, failures_};
}

void RecordWriter::run() {
  for (;;) {
    const bool chores = parts_.committer->has_chores() && !fenced_ && !trouble_;
    std::unique_lock lock(mutex_);
    if (queue_.empty() && !stopping_ && !chores)
      changed_.wait_for(lock, std::chrono::microseconds(idle_turn));
    if (!abandoned_) note_clock();
    // What may go from the outbox is found again at the next start.
    if (abandoned_ || (stopping_ && queue_.empty())) break;
    if (queue_.empty()) {
      lock.unlock();
      work_while_idle();
      continue;
    }
    take_batch();
    lock.unlock();
    if (!commit_batch()) break;
    answer_batch();
  }
  const std::lock_guard lock(mutex_);
  running_ = false;
  ended_.notify_all();
}

// Before what is recorded next, so that everybody sees from where on the wall clock is another.
void RecordWriter::note_clock() {
  const base::Time mono = parts_.clock.monotonic(), wall = parts_.clock.wall();
  const base::Micros offset = wall.us - mono.us;
  const base::Micros delta = offset - clock_offset_.value_or(offset);
  clock_offset_ = offset;
  if (delta <= clock_step && delta >= -clock_step) return;
  parts_.log.warn("the wall clock was set", {{"us", std::to_string(delta)}});
  record::Event event{.at = wall};
  event.body = record::ClockStepped{delta};
  ++queued_;
  // The monotonic clock does not go back from one event of the source to the next.
  const base::Time before = queue_.empty() ? mono : queue_.front().mono;
  queue_.push_front({{std::move(event)}, {}, before, 0});
}

void RecordWriter::take_batch() {
  batch_.clear();
  std::size_t events = 0, bytes = 0;
  while (!queue_.empty()) {
    const auto& next = queue_.front();
    if (!batch_.empty() &&
        (events + next.events.size() > batch_events_max || bytes > batch_bytes_max))
      break;
    events += next.events.size();
    bytes += next.bytes;
    batch_.push_back(std::move(queue_.front()));
    queue_.pop_front();
  }
}

// Until the batch has its outcomes. False if it was given up.
bool RecordWriter::commit_batch() {
  base::Micros back_off = back_off_min;
  while (!fenced_) {
    const base::Time begin = parts_.clock.monotonic();
    commit_began_us_ = begin.us;
    const auto result = parts_.committer->commit(batch_, outcomes_, parts_.clock.wall());
    commit_began_us_ = 0;
    note_stall(since(begin, parts_.clock));
    last_commit_us_ = static_cast<std::uint64_t>(since(begin, parts_.clock));
    if (result == Committer::Try::committed) {
      if (parts_.meters != nullptr)
        parts_.meters->seconds.observe(static_cast<double>(last_commit_us_) / 1e6);
      note_recovery();
      return true;
    }
    if (result == Committer::Try::fenced) {
      fenced_ = true;
      parts_.log.error("another writer has taken this source over; nothing more is recorded here");
      break;
    }
    note_trouble();
    if (!pause(back_off)) return false;
    back_off = std::min(2 * back_off, back_off_max);
  }
  outcomes_.assign(batch_.size(), Outcome::fenced);
  return true;
}

void RecordWriter::answer_batch() {
  std::size_t count = 0, bytes = 0, durable = 0;
  for (std::size_t i = 0; i < batch_.size(); ++i) {
    count += batch_[i].events.size();
    bytes += batch_[i].bytes;
    if (outcomes_[i] == Outcome::durable) durable += batch_[i].events.size();
  }
  queued_ -= count;
  queued_bytes_ -= bytes;
  events_ += durable;
  if (durable > 0) ++commits_;
  if (durable > 0 && parts_.meters != nullptr)
    parts_.meters->events.observe(static_cast<double>(durable));
  largest_batch_ = std::max<std::uint64_t>(largest_batch_, durable);
  if (std::ranges::find(outcomes_, Outcome::broken, &record::Settlement::outcome) !=
      outcomes_.end())
    parts_.log.warn(
        "events refused by the database",
        {{"reason", parts_.committer->last_error()},
         {"submissions", std::to_string(std::ranges::count(outcomes_, Outcome::broken,
                                                           &record::Settlement::outcome))}});
  for (std::size_t i = 0; i < batch_.size(); ++i)
    if (batch_[i].done) batch_[i].done(outcomes_[i]);
  batch_.clear();
  if (durable > 0 && parts_.on_commit) parts_.on_commit();
}

// False if the writer is to end instead.
bool RecordWriter::pause(base::Micros for_at_most) {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, std::chrono::microseconds(for_at_most), [this] { return abandoned_; });
  return !abandoned_;
}

void RecordWriter::work_while_idle() {
  if (fenced_) return;
  const base::Time begin = parts_.clock.monotonic();
  commit_began_us_ = begin.us;
  const auto result = parts_.committer->idle(parts_.clock.wall());
  commit_began_us_ = 0;
  note_stall(since(begin, parts_.clock));
  if (const auto& reason = parts_.committer->chores_error(); !reason.empty())
    parts_.log.warn("what is old or archived cannot be deleted; trying again later",
                    {{"reason", reason}});
  if (result == Committer::Try::committed) return note_recovery();
  note_trouble();
  (void)pause(back_off_max);
}

void RecordWriter::note_stall(base::Micros took) {
  if (took > stall_after)
    parts_.log.warn("the database did not answer for long; what came meanwhile was refused",
                    {{"seconds", std::to_string(took / base::seconds(1))}});
}

void RecordWriter::note_trouble() {
  ++failures_;
  if (!trouble_.exchange(true))
    parts_.log.error("the record cannot be written; trying again",
                     {{"reason", parts_.committer->last_error()}});
}

void RecordWriter::note_recovery() {
  if (trouble_.exchange(false)) parts_.log.info("the record can be written again");
}

}  // namespace db
