// SPDX-License-Identifier: Apache-2.0
#include "src/rooms/door.h"

#include <string>
#include <utility>

namespace server {

Door::Door(const record::Recorder& recorder, Archive archive, base::Log& log)
    : recorder_(recorder), archive_(std::move(archive)), log_(log) {}

Door::State Door::state() const {
  if (!recorder_.accepting()) return State::record_in_trouble;
  const std::uint64_t rows = archive_.outbox_rows ? archive_.outbox_rows() : 0;
  State state = State::open;
  if (rows >= archive_.outbox_limit)
    state = State::outbox_full;
  else if (archive_.refuse_in_trouble && archive_.in_trouble && archive_.in_trouble())
    state = State::archive_in_trouble;
  note(state, rows);
  return state;
}

std::optional<xmpp::StanzaError> refusal(Door::State state) {
  if (state == Door::State::open) return std::nullopt;
  return xmpp::StanzaError{xmpp::ErrorType::wait, xmpp::Condition::resource_constraint,
                           state == Door::State::record_in_trouble
                               ? "The record cannot be written right now. Try again in a moment."
                               : "The archive cannot be written right now. Try again in a moment."};
}

// Once when it closes, once when it is open again: around the limit it would go to and fro.
void Door::note(State state, std::uint64_t rows) const {
  if (state != State::open) {
    if (closed_for_.exchange(state) != State::open) return;
    last_closed_for_ = state;
    ++closings_;
    log_.error(state == State::outbox_full
                   ? "new messages are refused: too many rows wait for the archive"
                   : "new messages are refused: the archive cannot be written",
               {{"rows", std::to_string(rows)}});
  } else if (closed_for_.load(std::memory_order_relaxed) != State::open &&
             rows <= archive_.outbox_limit - archive_.outbox_limit / 10) {
    if (closed_for_.exchange(State::open) != State::open)
      log_.info("new messages are taken again", {{"rows", std::to_string(rows)}});
  }
}

}  // namespace server
