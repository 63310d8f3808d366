// SPDX-License-Identifier: Apache-2.0
// Archivist: copies outbox rows into the archive, in order, exactly once, has them sealed, and
// clears what is under a checkpoint. The archive's own heads say where to go on, so a crash between
// any two steps is harmless. A gap or a fork of a source stops it with an alarm; it never skips.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/log.h"
#include "base/time.h"
#include "compliance/archive_store.h"
#include "compliance/outbox.h"
#include "compliance/tree/sealer.h"

namespace compliance {

// One step of the copying, without a thread: what tests drive.
enum class StepResult { idle, copied, unavailable, gap };

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

  std::uint64_t archived() const;  // rows since start; any thread
  bool stopped_by_gap() const;     // any thread
  // The archive could not be written (or the outbox not read) at the last try, no checkpoint could
  // be signed, or a gap has stopped the copying: what is recorded now is not on its way to being
  // provable. Any thread; cheap.
  bool in_trouble() const;
  bool is_unavailable() const;  // the first of these; any thread
  Sealing sealing() const;      // any thread
  // Rows that are archived and stay in the outbox until a checkpoint is over them; any thread.
  std::uint64_t awaiting_checkpoint() const;
  std::int64_t sealed() const;  // leaves under the last checkpoint; any thread

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace compliance
