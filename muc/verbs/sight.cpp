// SPDX-License-Identifier: Apache-2.0
// Who is seen. An occupant's presence goes to the others only if the room shows it; each of them
// knows those who are shown, and itself. The features say who that is. Everybody who was shown is
// shown as gone when it goes, also from a large room: nobody is left with people who are not there.
#include <algorithm>

#include "muc/verbs/verbs.h"

namespace muc {
namespace {

// What one room sends at once when a rule shows or hides people: each goes to everybody.
constexpr std::size_t presences_at_once = 20'000;
constexpr Pace batches{.burst = 1, .each = base::milliseconds(500)};

void show(Turn& turn, Occupant& occupant) {
  occupant.shown = true;
  turn.broadcast(kept(turn.room, occupant), occupant.number);
}

void hide(Turn& turn, Occupant& occupant) {
  occupant.shown = false;
  turn.broadcast(out_of_sight(turn.room, occupant), occupant.number);
}

}  // namespace

Sight sight_of(const Room& room, const Occupant& occupant) {
  Sight sight = Sight::shown;
  for (const Feature* feature : all_features())
    if (feature->sight != nullptr) sight = std::max(sight, feature->sight(room, occupant));
  return sight;
}

bool is_to_be_shown(const Room& room, const Occupant& occupant) {
  const Sight sight = sight_of(room, occupant);
  return sight == Sight::shown || (sight == Sight::when_it_speaks && occupant.shown);
}

// Without its real address, which the room may have begun to show by the same change.
Variants out_of_sight(const Room& room, const Occupant& occupant) {
  const auto payload = render(room, occupant, {.unavailable = true, .inside = true}, false);
  return {payload, payload};
}

void tell_presence(Turn& turn, Occupant& occupant) {
  if (is_to_be_shown(turn.room, occupant)) return show(turn, occupant);
  if (occupant.shown) hide(turn, occupant);
}

void make_seen(Turn& turn, const Occupant& occupant) {
  if (occupant.shown || sight_of(turn.room, occupant) == Sight::hidden) return;
  show(turn, *turn.room.occupants.by_nick(occupant.jid.resource()));
}

void note_size(Turn& turn) {
  Room& room = turn.room;
  const std::size_t large = room.world.config.limits.large_room_occupants;
  const std::size_t size = room.occupants.size();
  if (size > large) {
    room.crowded = true;
  } else if (room.crowded && size < large - large / 5) {
    room.crowded = false;
    room.unsettled = true;
  }
}

void settle_sight(Turn& turn) {
  Room& room = turn.room;
  if (!room.unsettled || !take_turn(room.settling, batches, turn.now)) return;
  std::size_t left = 1 + presences_at_once / (room.occupants.size() + 1);
  for (const auto& occupant : room.occupants) {
    if (occupant->shown == is_to_be_shown(room, *occupant)) continue;
    if (left-- == 0) return;  // goes on at one of the next ticks
    tell_presence(turn, *occupant);
  }
  room.unsettled = false;
}

}  // namespace muc
