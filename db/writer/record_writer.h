// SPDX-License-Identifier: Apache-2.0
// RecordWriter: the node's one writer. A thread takes everything that is queued, has the Committer
// make it durable in one transaction (group commit: the longer a commit takes, the more the next
// one carries), then runs the callbacks in the order of submission.
//
//   running ──(commit unavailable)──► in trouble ──(committed)──► running
//   running ──(another writer owns the source)──► fenced        everything is answered `fenced`
//   running ──(stop)──► draining ──(queue empty, or time over)──► ended
#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "base/log.h"
#include "base/time.h"
#include "db/content.h"
#include "db/writer/committer.h"
#include "record/recorder.h"

namespace db {

class RecordWriter final : public record::Recorder {
 public:
  struct Parts {
    std::unique_ptr<Committer> committer;
    const base::Clock& clock;  // outlives the writer, as does the log
    base::Log& log;
    std::size_t queue_max, queue_bytes_max;
    std::function<void()> on_commit;
    CommitMeters* meters = nullptr;  // may be null
  };
  explicit RecordWriter(Parts parts);
  ~RecordWriter() override;  // ends the thread after the batch under way

  void start();
  void submit(std::vector<record::Event> events,
              std::function<void(record::Settlement)> done) override;
  bool accepting() const override;
  // Drains the queue and ends the thread. False if that took longer: what is left is given up.
  bool stop(base::Micros timeout);
  void wake();  // outbox rows may go; any thread
  WriterStats stats() const;

 private:
  void run();
  void end_thread();
  bool stalled() const;
  void note_clock();  // with mutex_ held
  void take_batch();  // the same
  bool commit_batch();
  void answer_batch();
  bool pause(base::Micros for_at_most);
  void work_while_idle();
  void note_stall(base::Micros took);
  void note_trouble();
  void note_recovery();

  Parts parts_;
  mutable std::mutex mutex_;
  std::condition_variable changed_, ended_;
  std::deque<Submission> queue_;
  bool stopping_ = false, abandoned_ = false, running_ = false;

  std::optional<base::Micros> clock_offset_;  // wall over monotonic when looked at; writer's thread
  std::vector<Submission> batch_;             // writer's thread
  std::vector<record::Settlement> outcomes_;

  std::atomic<bool> trouble_{false}, fenced_{false};
  std::atomic<std::int64_t> commit_began_us_{0};  // of the transaction under way, monotonic
  std::atomic<std::uint64_t> queued_{0}, queued_bytes_{0}, events_{0}, commits_{0},
      largest_batch_{0}, last_commit_us_{0}, failures_{0};
  std::thread thread_;
};

}  // namespace db
