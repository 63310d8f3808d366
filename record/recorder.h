// SPDX-License-Identifier: Apache-2.0
// Recorder: where events go to become durable. One per node; db::RecordWriter is the real one.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "record/event.h"

namespace record {

enum class Outcome {
  durable,  // committed, outbox row included
  broken,  // the database refused a row of this room for its own sake: drop the room, read it again
  fenced,  // somebody else owns the source or the room: drop it
};

// What became of a submission. An Outcome for whoever wants no more of it.
struct Settlement {
  Outcome outcome = Outcome::durable;
  // durable, and a leaf among its events: where the first of them stands in the order of commits,
  // as the outbox counts (db/writer/derive.h). Never used again, and what is committed later has a
  // greater one.
  std::int64_t position = 0;
  Settlement() = default;
  Settlement(Outcome o, std::int64_t p = 0) : outcome(o), position(p) {}
  operator Outcome() const { return outcome; }
};

class Recorder {
 public:
  virtual ~Recorder() = default;

  // Any thread. The events are committed together, in order, after everything submitted before.
  // `done` runs exactly once, on the recorder's thread, in the order of submission: hand it on to
  // your loop with Loop::post and do nothing else there. Never runs after stop().
  virtual void submit(std::vector<Event> events, std::function<void(Settlement)> done) = 0;

  // False when the database is known to be in trouble or the queue is at its limit: refuse new
  // input at the door with a `wait` error (leaves and ends of sessions are still submitted).
  // Any thread.
  virtual bool accepting() const = 0;
};

}  // namespace record
