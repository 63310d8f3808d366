// SPDX-License-Identifier: Apache-2.0
// Refusals: what people tried and were not let do goes on record (message.rejected, join.refused),
// aggregated by rate (record/by_rate.h) for each person in each room, and gates nothing. Rooms that
// are not there count as one.
#pragma once

#include <cstddef>

#include "base/time.h"
#include "muc/effect.h"
#include "record/by_rate.h"
#include "xmpp/errors/stanza_error.h"

namespace muc {

class Room;
class Turn;
struct Incoming;

class Refusals {
 public:
  static constexpr std::size_t stanza_bytes = 64 * 1024;  // of a refused stanza are kept

  // `room`: null if it is not there, or not in memory. Not all that is refused is worth noting: not
  // questions about what a room is, or answers to others.
  void note(const Room* room, const Incoming& in, xmpp::Condition why, base::Time now,
            Effects& effects);
  Effects due(base::Time now);
  Effects all();  // the server stops

 private:
  record::ByRate by_rate_;
};

// In a room, by one who may be inside.
void note_refusal(Turn& turn, const Incoming& in, xmpp::Condition why);

}  // namespace muc
