// SPDX-License-Identifier: Apache-2.0
#include "src/rooms/keeper.h"

#include <memory>
#include <utility>

#include "muc/state/vcard.h"
#include "src/rooms/lost_answer.h"
#include "xmpp/errors/stanza_error.h"
#include "xmpp/ns.h"
#include "xmpp/writer.h"

namespace server {
namespace {

constexpr base::Micros wake_dropped_after = base::seconds(30);

// Taken however full the room's line is: there are no more of these than people and questions that
// were let in.
bool only_ends_something(const xmpp::Element& stanza) {
  const auto type = stanza.attr("type");
  return type == "unavailable" || type == "error" || type == "result";
}

}  // namespace

Keeper::Keeper(muc::ServiceConfig config, base::Random& random, const Parts& parts)
    : parts_(parts),
      recent_max_(config.limits.history_on_join),
      domain_(config.domain),
      id_key_(config.secrets.id_key),
      service_(std::move(config), random),
      timer_(parts.loop) {}

Keeper::~Keeper() = default;

void Keeper::start() {
  timer_.repeat(base::seconds(1), [this] { tick(); });
}

void Keeper::handle(const xmpp::Jid& room, xmpp::Element stanza, base::Receipt receipt) {
  if (refuse_at_door(room, stanza)) return;
  run(room, service_.handle(std::move(stanza), parts_.clock.wall(), std::move(receipt)));
}

bool Keeper::refuse_at_door(const xmpp::Jid& room, const xmpp::Element& stanza) {
  if (shutting_down_) {
    if (!only_ends_something(stanza))
      answer(stanza, {xmpp::Condition::service_unavailable, "The server is shutting down."});
    return true;
  }
  if (backlog_full(room) && !only_ends_something(stanza)) {
    turn_away(room, stanza,
              {xmpp::ErrorType::wait, xmpp::Condition::resource_constraint,
               "Too much in this room waits for the record. Try again in a moment."});
    return true;
  }
  const Door::State state = parts_.door.state();
  const auto error = refusal(state);
  if (!error || !service_.needs_record(stanza)) return false;
  if (state == Door::State::outbox_full)  // of rows there are too many
    answer(stanza, *error);
  else
    turn_away(room, stanza, *error);
  return true;
}

void Keeper::turn_away(const xmpp::Jid& room, const xmpp::Element& stanza,
                       const xmpp::StanzaError& error) {
  answer(stanza, error);
  run(room, service_.refused(stanza, error.condition, parts_.clock.wall()));
}

bool Keeper::backlog_full(const xmpp::Jid& room) const {
  const auto line = lines_.find(room);
  if (line == lines_.end()) return false;
  return line->second.full(parts_.backlog) || waiting_bytes_ >= parts_.backlog.all_bytes;
}

void Keeper::answer(const xmpp::Element& stanza, const xmpp::StanzaError& error) {
  const auto reply = xmpp::error_reply(stanza, error);
  if (reply) parts_.meters.refused(error.condition);
  const auto to = xmpp::Jid::parse(stanza.attr("from"));
  if (reply && to) parts_.output.send(*to, {xmpp::to_payload(*reply, xmpp::ns::client)});
}

void Keeper::wake(const xmpp::Jid& room) {
  if (!shutting_down_) run(room, service_.wake(room));
}

void Keeper::run(const xmpp::Jid& room, muc::Effects effects) {
  if (effects.empty()) return;
  Line& line = lines_.try_emplace(room, waiting_bytes_).first->second;
  std::vector<record::Event> events, asides;
  for (auto& effect : effects) {
    if (auto* aside = std::get_if<muc::Aside>(&effect)) {
      asides.push_back(std::move(aside->event));
      continue;
    }
    if (auto* made = std::get_if<muc::Record>(&effect)) {
      events.push_back(std::move(made->event));
      continue;
    }
    if (auto* send = std::get_if<muc::Send>(&effect); send != nullptr && send->at_once) {
      act(room, *send);
      continue;
    }
    line.push(std::move(effect), events.empty() ? Line::Behind::submitted : Line::Behind::next);
  }
  if (!events.empty()) {
    const std::uint64_t ticket = line.submit(room, events);
    parts_.recorder.submit(std::move(events), [this, room, ticket](record::Outcome outcome) {
      parts_.loop.post([this, room, ticket, outcome] { settled(room, ticket, outcome); });
    });
  }
  if (!asides.empty()) record_aside(std::move(asides));
  release(room, line);
}

// What was refused has been answered whatever becomes of this.
void Keeper::record_aside(std::vector<record::Event> events) {
  if (!parts_.recorder.accepting()) {
    if (asides_lost_ == 0)
      parts_.log.warn("what is refused cannot be recorded; it is only counted");
    asides_lost_ += events.size();
    return;
  }
  if (asides_lost_ > 0)
    parts_.log.warn("refusals were not recorded",
                    {{"events", std::to_string(std::exchange(asides_lost_, 0))}});
  parts_.recorder.submit(std::move(events), [](record::Settlement) {});
}

void Keeper::settled(const xmpp::Jid& room, std::uint64_t ticket, record::Outcome outcome) {
  Line& line = lines_.at(room);
  if (outcome != record::Outcome::durable && !line.failing) refused(room, line, outcome);
  line.settle(ticket);
  release(room, line);
}

// What would have followed must not be said. The room is read again when next needed, after
// everything that is still under way has been settled (Load waits in the same line).
void Keeper::refused(const xmpp::Jid& room, Line& line, record::Outcome outcome) {
  parts_.log.error(
      "room dropped: its record was refused",
      {{"room", room.str()}, {"cause", outcome == record::Outcome::fenced ? "fenced" : "broken"}});
  line.failing = true;
  for (const auto& instead : line.drop())
    if (const auto to = xmpp::Jid::parse(instead.attr("to")))
      parts_.output.send(*to, {xmpp::to_payload(instead, xmpp::ns::client)});
  run(room, service_.drop(room));
  dropped_[room] = parts_.clock.monotonic();
}

// Acting never leads back here within the same call: whatever answers comes through the loop.
void Keeper::release(const xmpp::Jid& room, Line& line) {
  if (line.failing && line.all_settled()) line.failing = false;
  while (line.due()) {
    muc::Effect effect = line.pop();
    std::visit(
        [&](auto& e) {
          using E = std::decay_t<decltype(e)>;
          if constexpr (!std::is_same_v<E, muc::Record> && !std::is_same_v<E, muc::Aside>)
            act(room, e);
        },
        effect);
  }
  if (line.empty() && line.all_settled()) {
    lines_.erase(room);
    maybe_finished();
  }
}

void Keeper::act(const xmpp::Jid&, muc::Send& effect) {
  if (effect.refusal) parts_.meters.refused(*effect.refusal);
  if (effect.read) return send_read(std::move(effect));
  parts_.output.send(effect.to, std::move(effect.stanzas));
}

void Keeper::send_read(muc::Send effect) {
  const auto answer = std::make_shared<muc::Send>(std::move(effect));
  const auto settled = [this, answer](record::Outcome outcome) {
    if (outcome == record::Outcome::durable)
      return parts_.output.send(answer->to, std::move(answer->stanzas));
    std::vector<xmpp::Element> instead;  // unrecorded: not shown
    append_lost_answers(*answer, instead);
    for (const auto& error : instead)
      parts_.output.send(answer->to, {xmpp::to_payload(error, xmpp::ns::client)});
  };
  if (!parts_.recorder.accepting()) return settled(record::Outcome::broken);
  parts_.recorder.submit({*answer->read}, [this, settled](record::Outcome outcome) {
    parts_.loop.post([settled, outcome] { settled(outcome); });
  });
}
void Keeper::act(const xmpp::Jid&, muc::Route& effect) {
  parts_.output.route(std::move(effect.message));
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
      loaded(room, std::move(found));
    });
  });
  if (!taken)
    parts_.loop.post([this, room] { loaded(room, base::fail(muc::StoreError::unavailable)); });
}

void Keeper::loaded(const xmpp::Jid& room, muc::Reading found) {
  if (!found)
    parts_.log.error("room cannot be read", {{"room", room.str()},
                                             {"cause", found.error() == muc::StoreError::corrupt
                                                           ? "what is stored of it is damaged"
                                                           : "the database does not answer"}});
  run(room, service_.loaded(room, std::move(found), parts_.clock.wall()));
}

void Keeper::act(const xmpp::Jid& room, muc::HistoryQuery& effect) {
  const std::uint64_t hold = ++holds_;
  parts_.output.hold(room, effect.to, hold);
  auto query = std::make_shared<muc::HistoryQuery>(std::move(effect));
  const bool taken = parts_.workers.submit([this, room, hold, query] {
    parts_.loop.post([this, room, hold, query, items = parts_.store.history(query->request)] {
      history_read(room, hold, std::move(*query), items);
    });
  });
  if (!taken) history_read(room, hold, std::move(*query), base::fail(muc::StoreError::unavailable));
}

void Keeper::history_read(
    const xmpp::Jid& room, std::uint64_t hold, muc::HistoryQuery query,
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
                         [this, room, hold, to = query.to, stanzas, then](record::Outcome outcome) {
                           parts_.loop.post([this, room, hold, to, stanzas, then, outcome] {
                             if (outcome != record::Outcome::durable)
                               stanzas->clear();  // unrecorded: not shown
                             stanzas->insert(stanzas->end(), then->begin(), then->end());
                             service_.history_given(room, to);
                             parts_.output.release(room, to, hold, std::move(*stanzas));
                           });
                         });
}

void Keeper::act(const xmpp::Jid&, muc::ArchiveQuery& effect) {
  auto query = std::make_shared<muc::ArchiveQuery>(std::move(effect));
  net::Workers& workers = parts_.archive_workers ? *parts_.archive_workers : parts_.workers;
  const bool taken = workers.submit([this, query] {
    parts_.loop.post(
        [this, query, read = muc::read_archive(parts_.store, *query, id_key_)]() mutable {
          archive_read(std::move(query), std::move(read));
        });
  });
  if (!taken) answer(query->iq, {xmpp::ErrorType::wait, xmpp::Condition::resource_constraint});
}

void Keeper::archive_read(std::shared_ptr<muc::ArchiveQuery> query,
                          base::Result<muc::ArchiveAnswer, muc::StoreError> read) {
  const auto to = xmpp::Jid::parse(query->iq.attr("from"));
  if (!read || !to)
    return answer(query->iq, {xmpp::ErrorType::wait, xmpp::Condition::internal_server_error,
                              "The archive cannot be read right now."});
  if (!query->viewed) return parts_.output.send(*to, std::move(read->stanzas));
  auto& viewed = std::get<record::HistoryViewed>(query->viewed->body);
  viewed.first = read->first;
  viewed.last = read->last;
  viewed.count = read->count;
  auto stanzas = std::make_shared<std::vector<base::Payload>>(std::move(read->stanzas));
  parts_.recorder.submit(
      {*query->viewed}, [this, query, to = *to, stanzas](record::Outcome outcome) {
        parts_.loop.post([this, query, to, stanzas, outcome] {
          if (outcome == record::Outcome::durable)
            parts_.output.send(to, std::move(*stanzas));
          else  // unrecorded: not shown
            answer(query->iq, {xmpp::ErrorType::wait, xmpp::Condition::internal_server_error,
                               "This could not be recorded."});
        });
      });
}

void Keeper::act(const xmpp::Jid&, muc::VcardQuery& effect) {
  auto query = std::make_shared<muc::VcardQuery>(std::move(effect));
  net::Workers& workers = parts_.archive_workers ? *parts_.archive_workers : parts_.workers;
  const bool taken = workers.submit([this, query] {
    parts_.loop.post([this, query, reply = muc::read_vcard(parts_.store, *query)] {
      const auto to = xmpp::Jid::parse(query->iq.attr("from"));
      if (reply && to) return parts_.output.send(*to, {*reply});
      parts_.log.warn("vCard not read", {{"room", std::string(query->iq.attr("to"))}});
      answer(query->iq, {xmpp::ErrorType::wait, xmpp::Condition::internal_server_error,
                         "The vCard cannot be read right now."});
    });
  });
  if (!taken) answer(query->iq, {xmpp::ErrorType::wait, xmpp::Condition::resource_constraint});
}

void Keeper::act(const xmpp::Jid&, muc::RoomsQuery& effect) {
  auto iq = std::make_shared<xmpp::Element>(std::move(effect.iq));
  const bool taken = parts_.workers.submit([this, iq] {
    parts_.loop.post([this, iq, rooms = muc::read_rooms(parts_.store, domain_, *iq)] {
      const auto to = xmpp::Jid::parse(iq->attr("from"));
      if (!rooms || !to)
        answer(*iq, {xmpp::ErrorType::wait, xmpp::Condition::internal_server_error});
      else
        send_read(rooms_read(*to, *iq, *rooms));
    });
  });
  if (!taken) answer(*iq, {xmpp::ErrorType::wait, xmpp::Condition::resource_constraint});
}

muc::Send Keeper::rooms_read(const xmpp::Jid& to, const xmpp::Element& iq,
                             const muc::RoomsPage& rooms) const {
  muc::Send answer{to, {xmpp::to_payload(service_.render_rooms(iq, rooms), xmpp::ns::client)}};
  answer.read = std::make_shared<const record::Event>(
      record::Event{parts_.clock.wall(),
                    0,
                    0,
                    {.jid = to},
                    record::ListRead{"rooms", static_cast<std::int64_t>(rooms.rooms.size())}});
  return answer;
}

void Keeper::tick() {
  if (shutting_down_) return;
  publish();
  wake_dropped();
  for (auto& [room, effects] : service_.tick(parts_.clock.wall())) run(room, std::move(effects));
}

void Keeper::wake_dropped() {
  std::vector<xmpp::Jid> due;
  const base::Time now = parts_.clock.monotonic();
  std::erase_if(dropped_, [&](const auto& entry) {
    if (now - entry.second < wake_dropped_after) return false;
    due.push_back(entry.first);
    return true;
  });
  for (const auto& room : due) wake(room);
}

void Keeper::publish() {
  const auto counts = service_.counts();
  parts_.meters.rooms.set(counts.rooms);
  parts_.meters.occupants.set(counts.occupants);
  parts_.meters.lines.set(lines_.size());
  parts_.meters.line_bytes.set(waiting_bytes_);
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
