// SPDX-License-Identifier: Apache-2.0
#include "src/rooms/keeper.h"

#include <algorithm>
#include <utility>

#include "xmpp/errors/stanza_error.h"
#include "xmpp/ns.h"
#include "xmpp/writer.h"

namespace server {
namespace {

constexpr std::size_t rooms_listed_max = 10000;

// The room a stanza is about: the key of its line. Stanzas to the service itself share one.
xmpp::Jid room_of(const xmpp::Element& stanza) {
  const auto to = xmpp::Jid::parse(stanza.attr("to"));
  return to ? to->bare() : xmpp::Jid{};
}

}  // namespace

Keeper::Keeper(muc::ServiceConfig config, base::Random& random, const Parts& parts)
    : parts_(parts),
      recent_max_(config.limits.history_on_join),
      domain_(config.domain),
      service_(std::move(config), random),
      timer_(parts.loop) {}

Keeper::~Keeper() = default;

void Keeper::start() {
  timer_.repeat(base::seconds(1), [this] { tick(); });
}

void Keeper::handle(xmpp::Element stanza) {
  if (refuse_at_door(stanza)) return;
  const xmpp::Jid room = room_of(stanza);
  run(room, service_.handle(std::move(stanza), parts_.clock.wall()));
}

bool Keeper::refuse_at_door(const xmpp::Element& stanza) {
  if (shutting_down_) {
    answer(stanza, {xmpp::Condition::service_unavailable, "The server is shutting down."});
    return true;
  }
  if (parts_.recorder.accepting() || !service_.needs_record(stanza)) return false;
  answer(stanza, {xmpp::ErrorType::wait, xmpp::Condition::resource_constraint,
                  "The record cannot be written right now. Try again in a moment."});
  return true;
}

void Keeper::answer(const xmpp::Element& stanza, const xmpp::StanzaError& error) {
  const auto reply = xmpp::error_reply(stanza, error);
  const auto to = xmpp::Jid::parse(stanza.attr("from"));
  if (reply && to) parts_.output.send(*to, {xmpp::to_payload(*reply, xmpp::ns::client)});
}

void Keeper::wake(const xmpp::Jid& room) { run(room, service_.wake(room)); }

void Keeper::run(const xmpp::Jid& room, muc::Effects effects) {
  if (effects.empty()) return;
  Line& line = lines_[room];
  std::vector<record::Event> events;
  for (auto& effect : effects) {
    if (auto* made = std::get_if<muc::Record>(&effect)) {
      events.push_back(std::move(made->event));
      continue;
    }
    if (auto* send = std::get_if<muc::Send>(&effect); send != nullptr && send->at_once) {
      act(room, *send);
      continue;
    }
    const std::uint64_t ticket = line.submitted + (events.empty() ? 0 : 1);
    line.waiting.push_back({ticket, std::move(effect)});
  }
  if (!events.empty()) {
    const std::uint64_t ticket = ++line.submitted;
    parts_.recorder.submit(std::move(events), [this, room, ticket](record::Outcome outcome) {
      parts_.loop.post([this, room, ticket, outcome] { settled(room, ticket, outcome); });
    });
  }
  release(room, line);
}

void Keeper::settled(const xmpp::Jid& room, std::uint64_t ticket, record::Outcome outcome) {
  Line& line = lines_[room];
  line.durable = std::max(line.durable, ticket);
  if (outcome != record::Outcome::durable && !line.failing) {
    // What would have followed must not be said. The room is read again when next needed, after
    // everything that is still under way has been settled (Load waits in the same line).
    parts_.log.error("room dropped: its record was refused",
                     {{"room", room.str()},
                      {"cause", outcome == record::Outcome::fenced ? "fenced" : "broken"}});
    line.failing = true;
    line.waiting.clear();
    run(room, service_.drop(room));
    return;
  }
  release(room, line);
}

// Acting never leads back here within the same call: whatever answers comes through the loop.
void Keeper::release(const xmpp::Jid& room, Line& line) {
  if (line.failing && line.durable == line.submitted) line.failing = false;
  while (!line.waiting.empty() && line.waiting.front().ticket <= line.durable) {
    muc::Effect effect = std::move(line.waiting.front().effect);
    line.waiting.pop_front();
    std::visit(
        [&](auto& e) {
          if constexpr (!std::is_same_v<std::decay_t<decltype(e)>, muc::Record>) act(room, e);
        },
        effect);
  }
  if (line.waiting.empty() && line.durable == line.submitted) {
    lines_.erase(room);
    maybe_finished();
  }
}

void Keeper::act(const xmpp::Jid&, muc::Send& effect) {
  parts_.output.send(effect.to, std::move(effect.stanzas));
}
void Keeper::act(const xmpp::Jid& room, muc::Seat& effect) {
  parts_.output.seat(room, std::move(effect));
}
void Keeper::act(const xmpp::Jid& room, muc::Unseat& effect) {
  parts_.output.unseat(room, effect.jid);
}
void Keeper::act(const xmpp::Jid& room, muc::Broadcast& effect) {
  parts_.output.broadcast(room, std::move(effect));
}
void Keeper::act(const xmpp::Jid&, muc::Unload& effect) { parts_.output.forget(effect.room); }

void Keeper::act(const xmpp::Jid&, muc::Load& effect) {
  const xmpp::Jid room = effect.room;
  const bool taken = parts_.workers.submit([this, load = effect] {
    parts_.loop.post([this, room = load.room,
                      found = muc::read_room(parts_.store, load, recent_max_)]() mutable {
      run(room, service_.loaded(room, std::move(found), parts_.clock.wall()));
    });
  });
  if (taken) return;
  parts_.loop.post([this, room] {
    run(room, service_.loaded(room, base::fail(muc::StoreError::unavailable), parts_.clock.wall()));
  });
}

void Keeper::act(const xmpp::Jid& room, muc::HistoryQuery& effect) {
  parts_.output.hold(room, effect.to);
  auto query = std::make_shared<muc::HistoryQuery>(std::move(effect));
  const bool taken = parts_.workers.submit([this, room, query] {
    parts_.loop.post([this, room, query, items = parts_.store.history(query->request)] {
      history_read(room, std::move(*query), items);
    });
  });
  if (!taken) history_read(room, std::move(*query), base::fail(muc::StoreError::unavailable));
}

void Keeper::history_read(
    const xmpp::Jid& room, muc::HistoryQuery query,
    const base::Result<std::vector<muc::HistoryItem>, muc::StoreError>& items) {
  // Without the store the newcomer gets no history rather than none of the room.
  muc::Service::RenderedHistory history;
  if (items)
    history = service_.render_history(query, *items);
  else
    parts_.log.warn("history not read", {{"room", room.str()}});

  auto& viewed = std::get<record::HistoryViewed>(query.viewed.body);
  viewed.first = history.first;
  viewed.last = history.last;
  viewed.count = static_cast<std::int64_t>(history.stanzas.size());
  auto stanzas = std::make_shared<std::vector<base::Payload>>(std::move(history.stanzas));
  auto then = std::make_shared<std::vector<base::Payload>>(std::move(query.then));
  parts_.recorder.submit({query.viewed},
                         [this, room, to = query.to, stanzas, then](record::Outcome outcome) {
                           parts_.loop.post([this, room, to, stanzas, then, outcome] {
                             if (outcome != record::Outcome::durable)
                               stanzas->clear();  // unrecorded: not shown
                             stanzas->insert(stanzas->end(), then->begin(), then->end());
                             service_.history_given(room, to);
                             parts_.output.release(room, to, std::move(*stanzas));
                           });
                         });
}

void Keeper::act(const xmpp::Jid&, muc::RoomsQuery& effect) {
  auto iq = std::make_shared<xmpp::Element>(std::move(effect.iq));
  const bool taken = parts_.workers.submit([this, iq] {
    parts_.loop.post([this, iq, rooms = parts_.store.list_public(domain_, "", rooms_listed_max)] {
      const auto to = xmpp::Jid::parse(iq->attr("from"));
      if (!rooms || !to)
        answer(*iq, {xmpp::ErrorType::wait, xmpp::Condition::internal_server_error});
      else
        parts_.output.send(
            *to, {xmpp::to_payload(service_.render_rooms(*iq, *rooms), xmpp::ns::client)});
    });
  });
  if (!taken) answer(*iq, {xmpp::ErrorType::wait, xmpp::Condition::resource_constraint});
}

void Keeper::tick() {
  if (shutting_down_) return;
  for (auto& [room, effects] : service_.tick(parts_.clock.wall())) run(room, std::move(effects));
}

void Keeper::shut_down(std::function<void()> done) {
  shutting_down_ = true;
  for (auto& [room, effects] : service_.shut_down(parts_.clock.wall()))
    run(room, std::move(effects));
  on_finished_ = std::move(done);
  maybe_finished();
}

void Keeper::maybe_finished() {
  if (shutting_down_ && lines_.empty() && on_finished_) std::exchange(on_finished_, nullptr)();
}

}  // namespace server
