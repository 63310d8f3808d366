// SPDX-License-Identifier: Apache-2.0
#include "src/rooms/audience.h"

#include <utility>

namespace server {

Audience::Place* Audience::find(const xmpp::Jid& room, const xmpp::Jid& jid) {
  const auto hall = halls_.find(room);
  if (hall == halls_.end()) return nullptr;
  const auto at = hall->second.index.find(jid);
  return at == hall->second.index.end() ? nullptr : &hall->second.places[at->second];
}

void Audience::seat(const xmpp::Jid& room, const muc::Seat& seat) {
  Place* place = find(room, seat.jid);
  if (place == nullptr) {
    auto session = router_.find(seat.jid);
    if (session == nullptr) return;
    Hall& hall = halls_[room];
    hall.index.emplace(seat.jid, hall.places.size());
    place = &hall.places.emplace_back();
    place->session = std::move(session);
  }
  place->occupant = seat.occupant;
  place->sees_jids = seat.sees_jids;
}

void Audience::unseat(const xmpp::Jid& room, const xmpp::Jid& jid) {
  const auto hall_at = halls_.find(room);
  if (hall_at == halls_.end()) return;
  Hall& hall = hall_at->second;
  const auto at = hall.index.find(jid);
  if (at == hall.index.end()) return;

  const std::size_t hole = at->second;
  hall.index.erase(at);
  if (hole + 1 != hall.places.size()) {
    hall.places[hole] = std::move(hall.places.back());
    hall.index[hall.places[hole].session->jid()] = hole;
  }
  hall.places.pop_back();
  if (hall.places.empty()) halls_.erase(hall_at);
}

void Audience::forget(const xmpp::Jid& room) { halls_.erase(room); }

void Audience::broadcast(const xmpp::Jid& room, const muc::Broadcast& broadcast) {
  const auto hall = halls_.find(room);
  if (hall == halls_.end()) return;
  for (Place& place : hall->second.places) {
    if (broadcast.except && *broadcast.except == place.occupant) continue;
    const base::Payload& payload = place.sees_jids ? broadcast.with_jids : broadcast.without_jids;
    if (payload.bytes == nullptr) continue;
    if (place.waiting != nullptr)
      place.waiting->push_back(payload);
    else
      place.session->send(payload);
  }
}

void Audience::send(const xmpp::Jid& to, const std::vector<base::Payload>& stanzas) {
  const auto session = router_.find(to);
  if (session == nullptr) return;  // its unavailable presence is on the way to the room
  for (const auto& stanza : stanzas) session->send(stanza);
}

void Audience::hold(const xmpp::Jid& room, const xmpp::Jid& jid) {
  if (Place* place = find(room, jid); place != nullptr && place->waiting == nullptr)
    place->waiting = std::make_unique<std::vector<base::Payload>>();
}

void Audience::release(const xmpp::Jid& room, const xmpp::Jid& jid,
                       const std::vector<base::Payload>& first) {
  Place* place = find(room, jid);
  if (place == nullptr || place->waiting == nullptr) return;  // left meanwhile
  for (const auto& payload : first) place->session->send(payload);
  for (const auto& payload : *place->waiting) place->session->send(payload);
  place->waiting.reset();
}

}  // namespace server
