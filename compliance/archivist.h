// SPDX-License-Identifier: Apache-2.0
// Archivist: copies outbox rows into the archive, in order, exactly once, has them sealed, and
// clears what is under a checkpoint. The archive's own heads say where to go on, so a crash between
// any two steps is harmless. A gap or a fork of a source stops that source with an alarm: what
// follows in it stays in the outbox until the next start looks again. The others go on.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/log.h"
#include "base/time.h"
#include "compliance/archive_store.h"
#include "compliance/outbox.h"
#include "compliance/tree/sealer.h"

namespace compliance {

// One step of the copying, without a thread: what tests drive. gap: a source has stopped.
enum class StepResult { idle, copied, unavailable, gap };

// A source of which nothing goes into the archive from this number on.
struct StoppedSource {
  std::string source;
  std::int64_t sn = 0;
  std::string why;
};
std::string text(const std::vector<StoppedSource>& stopped);  // "n1.7 at 13: …; n1.8 at …"

class Archivist {
 public:
  // All must outlive it. Without a sealer nothing is signed and rows go as soon as they are
  // archived.
  Archivist(Outbox& outbox, ArchiveStore& archive, base::Log& log, Sealer* sealer = nullptr);
  ~Archivist();  // stop()

  StepResult step(std::size_t max_rows = 1000);

  void start();  // own thread: steps while there is work, then waits for wake() or a second
  void wake();   // any thread; cheap
  // Copies what is there, then ends the thread; gives up after `timeout`.
  void stop(base::Micros timeout = base::seconds(10));

  std::uint64_t archived() const;              // rows since start; any thread
  std::vector<StoppedSource> stopped() const;  // any thread
  bool any_stopped() const;                    // any thread; cheap
  // The archive could not be written (or the outbox not read) at the last try; any thread.
  bool is_unavailable() const;
  // What is recorded now does not get into the archive: the same, or the source that is written to
  // has stopped. Any thread; cheap.
  bool is_behind() const;
  Sealing sealing() const;  // any thread
  // Rows that are archived and stay in the outbox until a checkpoint is over them; any thread.
  std::uint64_t awaiting_checkpoint() const;
  std::int64_t sealed() const;  // leaves under the last checkpoint; any thread

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace compliance
