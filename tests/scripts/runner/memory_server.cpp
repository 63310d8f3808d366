// SPDX-License-Identifier: Apache-2.0
#include "tests/scripts/runner/memory_server.h"

#include <stdexcept>

#include "muc/history/archive.h"
#include "muc/history/ids.h"
#include "muc/state/vcard.h"
#include "tests/scripts/runner/xml.h"
#include "xmpp/errors/stanza_error.h"
#include "xmpp/ns.h"
#include "xmpp/writer.h"

namespace tests {

MemoryServer::MemoryServer(std::uint64_t seed) : random_(seed) {
  config_.domain = "chat.localhost";
  config_.secrets.id_key = std::string(16, 'k');
  config_.secrets.occupant_id_key = std::string(32, 'o');
  restart();
}

void MemoryServer::restart() {
  service_ = std::make_unique<muc::Service>(config_, random_);
  audiences_.clear();
  inboxes_.clear();
  available_.clear();
  directed_.clear();
}

void MemoryServer::shut_down() {
  for (auto& [room, effects] : service_->shut_down(clock_.wall())) run(room, std::move(effects));
}

void MemoryServer::connect(const xmpp::Jid& full) { inboxes_[full]; }

void MemoryServer::disconnect(const xmpp::Jid& full) {
  const auto addresses = std::move(directed_[full]);
  directed_.erase(full);
  inboxes_.erase(full);
  available_.erase(full);
  for (const auto& [address, presence] : addresses) handle(presence);
}

void MemoryServer::handle(const xmpp::Element& stanza) {
  const auto from = xmpp::Jid::parse(stanza.attr("from"));
  const auto to = xmpp::Jid::parse(stanza.attr("to"));
  if (!from || !to) throw std::runtime_error("a stanza without addresses");
  if (stanza.name() == "presence" && stanza.attr("type").empty()) {
    xmpp::Element end("presence", xmpp::ns::client);
    end.set_attr("from", from->str()).set_attr("to", to->str()).set_attr("type", "unavailable");
    directed_[*from][to->str()] = end;
  }
  run(to->bare(), service_->handle(stanza, clock_.wall()));
}

void MemoryServer::advance(base::Micros delay) {
  clock_.advance(delay);
  for (auto& [room, effects] : service_->tick(clock_.wall())) run(room, std::move(effects));
}

void MemoryServer::drop(const xmpp::Jid& room) { run(room, service_->drop(room)); }

void MemoryServer::wake(const xmpp::Jid& room) { run(room, service_->wake(room)); }

base::Payload MemoryServer::next(const xmpp::Jid& full) {
  auto& inbox = inboxes_[full];
  if (inbox.empty()) return {};
  base::Payload payload = inbox.front();
  inbox.pop_front();
  return payload;
}

void MemoryServer::run(const xmpp::Jid& room, muc::Effects effects) {
  for (auto& effect : effects) queue_.emplace_back(room, std::move(effect));
  drain();
}

void MemoryServer::drain() {
  if (std::exchange(draining_, true)) return;
  while (!queue_.empty()) {
    auto [room, effect] = std::move(queue_.front());
    queue_.pop_front();
    std::visit([&, &at = room](auto& e) { act(at, e); }, effect);
  }
  draining_ = false;
}

void MemoryServer::act(const xmpp::Jid&, muc::Record& e) { store_.apply(e.event); }

void MemoryServer::act(const xmpp::Jid&, muc::Aside& e) { store_.apply(e.event); }

void MemoryServer::act(const xmpp::Jid&, muc::Send& e) {
  if (e.stanzas.empty()) throw std::runtime_error("a Send without stanzas");
  if (e.read) store_.apply(*e.read);
  for (const auto& payload : e.stanzas) deliver(e.to, payload);
}

// For an account that is not there the answer is that of RFC 6121 8.5.2.2.
void MemoryServer::act(const xmpp::Jid&, muc::Route& e) {
  const auto to = xmpp::Jid::parse(e.message.attr("to"));
  if (!to) throw std::runtime_error("a Route to nowhere");
  e.message.remove_attr("to");
  const auto payload = xmpp::to_payload(e.message, xmpp::ns::client);
  if (inboxes_.count(*to) != 0) return deliver(*to, payload);
  bool delivered = false;
  for (const auto& session : available_)
    if (to->is_bare() && session.bare() == *to) {
      deliver(session, payload);
      delivered = true;
    }
  if (delivered) return;
  e.message.set_attr("to", to->str());
  if (const auto reply = xmpp::error_reply(e.message, xmpp::Condition::service_unavailable))
    handle(*reply);
}

void MemoryServer::act(const xmpp::Jid& room, muc::Seat& e) {
  if (inboxes_.count(e.jid) == 0) return;  // gone meanwhile
  Place& place = audiences_[room][e.jid];
  place.occupant = e.occupant;
  place.sees_jids = e.sees_jids;
}

void MemoryServer::act(const xmpp::Jid& room, muc::Unseat& e) { audiences_[room].erase(e.jid); }

void MemoryServer::act(const xmpp::Jid& room, muc::Broadcast& e) {
  check_recorded(room, e.with_jids);
  for (auto& [jid, place] : audiences_[room]) {
    if (e.except && *e.except == place.occupant) continue;
    const base::Payload& payload = place.sees_jids ? e.with_jids : e.without_jids;
    if (payload.bytes == nullptr) continue;
    if (place.held)
      place.waiting.push_back(payload);
    else
      deliver(jid, payload);
  }
}

// From here to the answer the seat is held.
void MemoryServer::act(const xmpp::Jid& room, muc::HistoryQuery& e) {
  if (e.room != room) throw std::runtime_error("a HistoryQuery of another room");
  const auto place = audiences_[room].find(e.to);
  if (place == audiences_[room].end()) return;
  place->second.held = true;
  reads_.emplace_back(room, std::move(e));
  if (!reads_held_) finish_reads();
}

void MemoryServer::finish_reads() {
  for (auto& [room, query] : std::exchange(reads_, {})) answer(room, query);
  for (auto& query : std::exchange(archive_reads_, {})) answer(query);
}

void MemoryServer::answer(const xmpp::Jid& room, muc::HistoryQuery& query) {
  const auto items = store_.history(query.request);
  auto history = service_->render_history(query, items ? *items : std::vector<muc::HistoryItem>{});
  auto& viewed = std::get<record::HistoryViewed>(query.viewed.body);
  viewed.first = history.first;
  viewed.last = history.last;
  viewed.count = static_cast<std::int64_t>(history.stanzas.size());
  store_.apply(query.viewed);
  service_->history_given(room, query.to);
  const auto place = audiences_[room].find(query.to);
  if (place == audiences_[room].end() || !place->second.held) return;  // left meanwhile
  for (const auto& payload : history.stanzas) deliver(query.to, payload);
  for (const auto& payload : query.then) deliver(query.to, payload);
  place->second.held = false;
  for (const auto& payload : std::exchange(place->second.waiting, {})) deliver(query.to, payload);
}

void MemoryServer::act(const xmpp::Jid&, muc::ArchiveQuery& e) {
  archive_reads_.push_back(std::move(e));
  if (!reads_held_) finish_reads();
}

void MemoryServer::answer(muc::ArchiveQuery& query) {
  const auto to = xmpp::Jid::parse(query.iq.attr("from"));
  auto answer = muc::read_archive(store_, query, config_.secrets.id_key);
  if (!answer) throw std::runtime_error("the archive could not be read");
  if (query.viewed) {
    auto& viewed = std::get<record::HistoryViewed>(query.viewed->body);
    viewed.first = answer->first;
    viewed.last = answer->last;
    viewed.count = answer->count;
    store_.apply(*query.viewed);
  }
  for (const auto& payload : answer->stanzas) deliver(*to, payload);
}

void MemoryServer::act(const xmpp::Jid&, muc::VcardQuery& e) {
  const auto reply = muc::read_vcard(store_, e);
  if (!reply) throw std::runtime_error("the vCard could not be read");
  deliver(*xmpp::Jid::parse(e.iq.attr("from")), *reply);
}

void MemoryServer::act(const xmpp::Jid&, muc::RoomsQuery& e) {
  const auto rooms = muc::read_rooms(store_, config_.domain, e.iq);
  const auto to = xmpp::Jid::parse(e.iq.attr("from"));
  if (rooms && to)
    deliver(*to, xmpp::to_payload(service_->render_rooms(e.iq, *rooms), xmpp::ns::client));
}

void MemoryServer::act(const xmpp::Jid&, muc::Load& e) {
  const xmpp::Jid room = e.room;
  const auto recent_max = config_.limits.history_on_join;
  run(room, service_->loaded(room, muc::read_room(store_, e, recent_max), clock_.wall()));
}

void MemoryServer::act(const xmpp::Jid&, muc::Unload& e) { audiences_.erase(e.room); }

void MemoryServer::deliver(const xmpp::Jid& to, const base::Payload& payload) {
  if (const auto at = inboxes_.find(to); at != inboxes_.end()) at->second.push_back(payload);
}

// A broadcast message names its number.
void MemoryServer::check_recorded(const xmpp::Jid& room, const base::Payload& payload) const {
  const xmpp::Element stanza = received(payload, "somebody@localhost/x");
  if (const auto* id = stanza.child("stanza-id", xmpp::ns::stanza_id);
      id != nullptr && id->attr("by") == room.str()) {
    const auto read = muc::read_stanza_id(config_.secrets.id_key, id->attr("id"));
    if (!read || read->number > store_.last_number(read->room_id))
      throw std::runtime_error("a message was spoken before it was recorded");
  }
  if (stanza.name() == "presence" && !fits_record(room, stanza))
    throw std::runtime_error("a presence was spoken that is not on record: " + *payload.bytes);
}

// A broadcast presence must fit who is inside by the record, and which roles the room shows by the
// settings on record. One who is inside is unavailable only where those hide its role, and keeps
// it; one who has left has none, or goes on under another nick.
bool MemoryServer::fits_record(const xmpp::Jid& room, const xmpp::Element& presence) const {
  const auto from = xmpp::Jid::parse(presence.attr("from"));
  const xmpp::Element* x = presence.child("x", xmpp::ns::muc_user);
  const xmpp::Element* item = x == nullptr ? nullptr : x->child("item", xmpp::ns::muc_user);
  if (!from || item == nullptr) return false;
  bool present = false;
  if (const auto* inside = store_.inside(room))
    for (const auto& [session, open] : *inside) present = present || open.nick == from->resource();
  const std::string role(item->attr("role"));
  const bool has_role = role != "none";
  const bool hidden = has_role && store_.hides(room, role);
  const bool unavailable = presence.attr("type") == "unavailable";
  if (present) return has_role && unavailable == hidden;
  return unavailable && (!has_role || !item->attr("nick").empty());
}

}  // namespace tests
