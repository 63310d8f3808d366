// SPDX-License-Identifier: Apache-2.0
// Committer: makes one batch of submissions durable in one transaction. It builds the leaves in
// commit order, chains them, derives the rows, compares and sets the heads. It has no thread, no
// queue and no patience: what to do after a failure is its caller's affair. One thread at a time.
//
//   committed     every submission has its outcome; what is `durable` is on disk
//   unavailable   nothing was acknowledged; call commit again with the same batch
//   fenced        another writer owns this source: stop for good
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_set>
#include <vector>

#include "base/log.h"
#include "base/random.h"
#include "base/time.h"
#include "db/writer/chores.h"
#include "db/writer/heads.h"
#include "record/leaf.h"
#include "record/recorder.h"

namespace db {

struct Submission {
  std::vector<record::Event> events;
  std::function<void(record::Settlement)> done;
  base::Time mono;  // when it was submitted
  std::size_t bytes = 0;
};

struct SourceIdentity {
  std::string source;  // "n1.7"
  std::int64_t incarnation = 0;
  std::string boot;
  std::string local_domain;
  std::string pseudonym_key;
  bool outbox = true;  // copies for the archive are kept
};

class Committer {
 public:
  enum class Try { committed, unavailable, fenced };

  // Opens the database when first needed. The head is where the source stands. `random`,
  // `chores` must outlive it.
  Committer(Target target, SourceIdentity identity, Head head, base::Random& random,
            Chores& chores);
  ~Committer();

  // On committed, `outcomes` has one entry for each submission.
  Try commit(const std::vector<Submission>& batch, std::vector<record::Settlement>& outcomes,
             base::Time now);
  // Without events: the heartbeat, then a slice of each chore in a transaction of its own.
  Try idle(base::Time now);
  bool has_chores() const { return chores_.due(); }
  const std::string& last_error() const { return last_error_; }
  // Why the chores of the last idle() failed, "" if they did not.
  const std::string& chores_error() const { return chores_error_; }
  // Any thread: what waits for the database gets an error soon.
  void interrupt() noexcept;

 private:
  struct Connection;
  enum class Mode { fast, careful };  // careful: each submission in a savepoint of its own
  enum class Attempt { committed, refused_row, fenced_rooms, fenced };

  template <class F>
  Try guarded(F&& act);
  Attempt attempt(const std::vector<Submission>& batch, std::vector<record::Settlement>& outcomes,
                  Mode mode, base::Time now);
  bool write_all(const std::vector<Submission>& batch, std::vector<record::Settlement>& outcomes,
                 Mode mode);
  record::Settlement write_careful(const Submission& submission);
  record::Settlement write(const Submission& submission);
  void write_event(const record::Event& event, base::Time mono);
  bool in_order(const Submission& submission);
  void heartbeat(base::Time now);
  void do_chores();
  void connect();
  void disconnect() noexcept;
  void rolled_back();

  const Target target_;
  const SourceIdentity identity_;
  base::Random& random_;
  OutboxLevel& level_;
  ChoreWork chores_;
  record::Pseudonyms pseudonyms_;
  std::unique_ptr<Connection> connection_;
  std::mutex connection_mutex_;  // over its coming and going, for interrupt()

  Head head_;  // committed
  Head next_;  // within the transaction
  // After a COMMIT whose outcome is not known: where it would have led.
  struct Unknown {
    Head head;
    std::vector<record::Settlement> outcomes;
    ChoreWork::Trimmed trimmed;
  };
  std::optional<Unknown> unknown_;
  std::unordered_set<std::int64_t> fenced_rooms_;  // within one commit()
  base::Time last_heartbeat_{};
  std::string last_error_, chores_error_;
};

}  // namespace db
