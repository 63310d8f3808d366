// SPDX-License-Identifier: Apache-2.0
#include "muc/state/restore.h"

namespace muc {

Reading read_room(RoomStore& store, const Load& load, std::size_t recent_max) {
  auto room = store.load(load.room, recent_max);
  if (!room) return base::fail(room.error());
  Found found{.room = std::move(*room)};
  if (found.room || load.creator.empty()) return found;
  auto owned = store.owned_rooms(load.creator, load.owned_max);
  if (!owned) return base::fail(owned.error());
  found.creator = load.creator;
  found.owned = std::move(*owned);
  return found;
}

std::unique_ptr<Room> restore(const World& world, const StoredRoom& stored) {
  auto room = std::make_unique<Room>(world, stored.jid, stored.id, stored.created_at);
  room->number = stored.last_number;
  for (const auto& [key, value] : stored.settings) room->settings.restore(key, value);
  room->refresh_settings();
  for (const auto& a : stored.affiliations)
    room->affiliations.set(a.jid, a.affiliation, a.reserved_nick);
  for (const auto& p : stored.people) room->people.set(p.jid, p.key, p.value);
  if (replayable(stored.subject_stanza)) room->subject = {stored.subject_stanza, stored.subject_at};
  for (const auto& item : stored.recent)
    if (replayable(item.stanza))
      room->ring.push({item.number, item.at, replay(item.stanza, stored.jid, item.at)});
  if (stored.recent.size() >= world.config.limits.history_on_join) room->ring.set_complete(false);
  return room;
}

void close_open_occupancies(Turn& turn, const std::vector<OpenOccupancy>& open) {
  for (const auto& o : open)
    turn.record({o.jid, o.session, o.affiliation, o.role},
                record::OccupantLeft{.nick = o.nick,
                                     .cause = record::LeaveCause::crash,
                                     .synthesised = true,
                                     .last_seen = o.last_seen});
}

}  // namespace muc
