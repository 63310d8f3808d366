// SPDX-License-Identifier: Apache-2.0
#include "src/rooms/audience.h"

#include <algorithm>
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
  std::uint64_t given = 0;
  for (Place& place : hall->second.places) {
    if (broadcast.except && *broadcast.except == place.occupant) continue;
    const base::Payload& payload = place.sees_jids ? broadcast.with_jids : broadcast.without_jids;
    if (payload.bytes == nullptr || place.given_up) continue;
    if (place.held != nullptr) {
      keep(place, payload);
      continue;
    }
    place.session->send(payload);
    ++given;
  }
  deliveries_.add(given);  // once, however many hear it
}

void Audience::send(const xmpp::Jid& to, const std::vector<base::Payload>& stanzas) {
  const auto session = router_.find(to);
  if (session == nullptr) return;  // its unavailable presence is on the way to the room
  for (const auto& stanza : stanzas) session->send(stanza);
  deliveries_.add(stanzas.size());
}

void Audience::hold(const xmpp::Jid& room, const xmpp::Jid& jid, std::uint64_t number) {
  Place* place = find(room, jid);
  if (place == nullptr || place->given_up) return;
  if (place->held == nullptr) place->held = std::make_unique<Held>();
  place->held->holds.push_back({number});
}

void Audience::keep(Place& place, const base::Payload& payload) {
  Held& held = *place.held;
  if (held.stanzas < limits_.held_stanzas && held.bytes + payload.size() <= limits_.held_bytes) {
    ++held.stanzas;
    held.bytes += payload.size();
    held.holds.back().waiting.push_back(payload);
    return;
  }
  // By the loop: the end of a session leads back to its rooms.
  place.given_up = true;
  place.held.reset();
  loop_.post([session = place.session] {
    session->end({xmpp::StreamCondition::resource_constraint,
                  "Too much happened before the history of a room could be read."});
  });
}

void Audience::release(const xmpp::Jid& room, const xmpp::Jid& jid, std::uint64_t number,
                       const std::vector<base::Payload>& first) {
  Place* place = find(room, jid);
  if (place == nullptr || place->held == nullptr) return;
  auto& holds = place->held->holds;
  const auto hold = std::find_if(holds.begin(), holds.end(),
                                 [number](const Hold& h) { return h.number == number; });
  if (hold == holds.end()) return;  // of an earlier stay
  hold->first = first;
  while (!holds.empty() && holds.front().first) {
    const Hold done = std::move(holds.front());
    holds.erase(holds.begin());
    for (const auto& payload : *done.first) place->session->send(payload);
    deliveries_.add(done.first->size() + done.waiting.size());
    for (const auto& payload : done.waiting) {
      place->session->send(payload);
      --place->held->stanzas;
      place->held->bytes -= payload.size();
    }
  }
  if (holds.empty()) place->held.reset();
}

}  // namespace server
