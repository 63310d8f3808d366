// SPDX-License-Identifier: Apache-2.0
// Door: whether new input that needs a record may come in. Closed while the record cannot be
// written, and, by the operator's choice (archive.on_outage, archive.outbox_limit), while the
// archive cannot follow. Leaves and ends of sessions never ask.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <limits>
#include <optional>

#include "base/log.h"
#include "record/recorder.h"
#include "xmpp/errors/stanza_error.h"

namespace server {

class Door {
 public:
  // How the archive stands; the functions are called on any thread and must be cheap. Without them
  // there is no archive, and only the recorder is asked.
  struct Archive {
    bool refuse_in_trouble = false;  // on_outage = "refuse"
    // This many rows may wait for the archive; while so many do, nothing new is taken.
    std::uint64_t outbox_limit = std::numeric_limits<std::uint64_t>::max();
    std::function<bool()> in_trouble = {};
    std::function<std::uint64_t()> outbox_rows = {};
  };
  enum class State { open, record_in_trouble, archive_in_trouble, outbox_full };

  // `recorder` and `log` must outlive this.
  Door(const record::Recorder& recorder, Archive archive, base::Log& log);

  State state() const;  // any thread
  // What state() has last closed it for on behalf of the archive; open: for nothing, or it is open
  // again and has been for a while. Any thread.
  State closed_for() const { return closed_for_.load(); }
  // How often it closed so, and for what the last time. Any thread.
  std::uint64_t closings() const { return closings_.load(); }
  State last_closed_for() const { return last_closed_for_.load(); }

 private:
  void note(State state, std::uint64_t rows) const;

  const record::Recorder& recorder_;
  const Archive archive_;
  base::Log& log_;
  mutable std::atomic<State> closed_for_ = State::open, last_closed_for_ = State::open;
  mutable std::atomic<std::uint64_t> closings_ = 0;
};

// What somebody is told whose input may not come in; nothing if it may.
std::optional<xmpp::StanzaError> refusal(Door::State state);

}  // namespace server
