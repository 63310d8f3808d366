// SPDX-License-Identifier: Apache-2.0
#include "muc/service.h"

#include <algorithm>
#include <unordered_map>
#include <utility>

#include "muc/creation.h"
#include "muc/rooms.h"
#include "muc/state/restore.h"
#include "muc/state/waiting.h"
#include "muc/verbs/verbs.h"
#include "xmpp/ns.h"
#include "xmpp/writer.h"

namespace muc {
namespace {

using xmpp::Condition;
using xmpp::StanzaError;

// Stanzas for a room that is being read: as many as may be inside, within reason.
constexpr std::size_t waiting_min = 1000, waiting_max = 1'000'000;

void handled(Effects& effects, base::Receipt receipt) {
  if (receipt) effects.emplace_back(Handled{std::move(receipt)});
}

// When and where to.
struct Turns {
  base::Time now;
  Effects& effects;
};

void fail(Effects& effects, const Incoming& in, const StanzaError& error) {  // ours: not noted
  if (const auto reply = xmpp::error_reply(in.stanza, error))
    effects.emplace_back(as_refusal(in.from, *reply));
}

void refuse(Turns out, const Incoming& in, const StanzaError& error, Refusals& refusals) {
  fail(out.effects, in, error);
  refusals.note(nullptr, in, error.condition, out.now, out.effects);
}

}  // namespace

// Rooms in memory. While one is being read there is no room yet, only stanzas that wait for it.
struct Service::Impl {
  struct Slot {
    std::unique_ptr<Room> room;
    std::unique_ptr<Waiting> waiting;  // not null: it is being read
  };
  World world;
  std::unordered_map<xmpp::Jid, Slot> slots;
  Creation creation;
  base::TimeOrderedIds ids;  // of rooms

  Impl(ServiceConfig config, base::Random& random)
      : world{std::move(config), random}, creation(world), ids(random, world.config.lane) {}

  Slot* find(const xmpp::Jid& room) {
    const auto at = slots.find(room);
    return at == slots.end() ? nullptr : &at->second;
  }
  const Room* room_at(const xmpp::Jid& name) {
    const Slot* slot = find(name);
    return slot == nullptr ? nullptr : slot->room.get();
  }
  std::unique_ptr<Waiting> queue() const;
  Load load(const xmpp::Jid& name, const Slot& slot) const;
  std::unique_ptr<Room> create_or_refuse(const xmpp::Jid& name, const Incoming& in,
                                         const std::vector<xmpp::Jid>& owned, Turns& out);
  bool serve_first(const xmpp::Jid& name, Slot& slot, const Found& found, Turns& out);
  void serve_waiting(const xmpp::Jid& name, const Found& found, Turns& out);
  void bury(const xmpp::Jid& name, Effects& effects);
  void nobody_inside(Turn& turn);
  bool time_out(Turn& turn);
  std::optional<base::Time> deadline_of(const Room& room) const;
};

std::unique_ptr<Waiting> Service::Impl::queue() const {
  return std::make_unique<Waiting>(
      std::clamp(world.config.limits.room_occupants, waiting_min, waiting_max));
}

// Reads the room and, if one who waits might make it, what that one owns.
Load Service::Impl::load(const xmpp::Jid& name, const Slot& slot) const {
  for (const auto& in : *slot.waiting)
    if (const auto creator = creation.must_know(in))
      return {name, *creator, world.config.limits.rooms_per_owner};
  return {name};
}

// A stanza to a room that does not exist; null if it makes none.
std::unique_ptr<Room> Service::Impl::create_or_refuse(const xmpp::Jid& name, const Incoming& in,
                                                      const std::vector<xmpp::Jid>& owned,
                                                      Turns& out) {
  if (!asks_to_enter(in)) {
    if (const auto reply = answer_without_room(in)) {
      out.effects.emplace_back(as_refusal(in.from, *reply));
      if (const auto why = xmpp::condition_of(*reply))
        world.refusals->note(nullptr, in, *why, out.now, out.effects);
    }
    return nullptr;
  }
  const auto in_memory = [this](const xmpp::Jid& jid) { return room_at(jid); };
  if (const auto refusal = creation.gate(in, owned, in_memory)) {
    refuse(out, in, *refusal, *world.refusals);
    return nullptr;
  }
  auto room = std::make_unique<Room>(world, name, ids.next(out.now), out.now);
  room->empty_since = out.now;
  Turn turn(*room, out.now, out.effects);
  create(turn, in);
  creation.made(in.from, name, out.now);
  return room;
}

// The first that waits, to a room that is there or known not to be. False if more must be read
// before: the room has ended, or what its creator owns is not known.
bool Service::Impl::serve_first(const xmpp::Jid& name, Slot& slot, const Found& found, Turns& out) {
  if (slot.room == nullptr) {
    const auto creator = creation.must_know(*slot.waiting->begin());
    if (creator && *creator != found.creator) return false;
    const Incoming in = slot.waiting->pop();
    slot.room = create_or_refuse(name, in, found.owned, out);
    handled(out.effects, in.receipt);
    return true;
  }
  Incoming in = slot.waiting->pop();
  base::Receipt receipt = std::move(in.receipt);
  Turn turn(*slot.room, out.now, out.effects);
  dispatch(turn, std::move(in));
  handled(out.effects, std::move(receipt));
  return !slot.room->destroyed;
}

// Those that waited, in order.
void Service::Impl::serve_waiting(const xmpp::Jid& name, const Found& found, Turns& out) {
  Slot& slot = *find(name);
  bool goes_on = slot.room == nullptr || !slot.room->destroyed;
  while (goes_on && !slot.waiting->empty()) goes_on = serve_first(name, slot, found, out);
  if (slot.room != nullptr && slot.room->destroyed) {
    out.effects.emplace_back(Unload{name});
    slot.room.reset();
  }
  if (!slot.waiting->empty()) {
    out.effects.emplace_back(load(name, slot));
    return;
  }
  slot.waiting.reset();
  if (slot.room == nullptr) slots.erase(name);
}

// Forgets the room if it has ended.
void Service::Impl::bury(const xmpp::Jid& name, Effects& effects) {
  const Slot* slot = find(name);
  if (slot == nullptr || slot->room == nullptr || !slot->room->destroyed) return;
  effects.emplace_back(Unload{name});
  slots.erase(name);
}

Service::Service(ServiceConfig config, base::Random& random)
    : impl_(std::make_unique<Impl>(std::move(config), random)) {}

Service::~Service() = default;

Effects Service::handle(xmpp::Element stanza, base::Time now, base::Receipt receipt) {
  auto in = read_incoming(std::move(stanza));
  if (!in) return {};
  Effects effects;
  if (!in->to.has_local()) {
    effects = service_request(impl_->world, *in);
    handled(effects, std::move(receipt));
    return effects;
  }
  const xmpp::Jid name = in->to.bare();
  if (impl_->find(name) == nullptr && concerns_occupants_only(in->stanza)) return {};
  Impl::Slot& slot = impl_->slots[name];
  if (slot.room != nullptr) {
    Turn turn(*slot.room, now, effects);
    dispatch(turn, std::move(*in));
    impl_->bury(name, effects);
    handled(effects, std::move(receipt));
    return effects;
  }
  in->receipt = std::move(receipt);
  const bool first = slot.waiting == nullptr;
  if (first) slot.waiting = impl_->queue();
  if (!slot.waiting->add(*in)) {
    refuse({now, effects}, *in, {xmpp::ErrorType::wait, Condition::resource_constraint},
           *impl_->world.refusals);
    handled(effects, std::move(in->receipt));
  }
  if (first) effects.emplace_back(impl_->load(name, slot));
  return effects;
}

bool Service::needs_record(const xmpp::Element& stanza) const {
  const auto type = stanza.attr("type");
  if (type == "error") return false;
  if (stanza.name() == "message") return true;
  if (stanza.name() == "iq") return type == "set" && set_needs_record(stanza);
  if (!type.empty()) return false;
  // Presence: a mere change of availability of one who is inside needs none.
  const auto from = xmpp::Jid::parse(stanza.attr("from"));
  const auto to = xmpp::Jid::parse(stanza.attr("to"));
  if (!from || !to) return false;
  const Impl::Slot* slot = impl_->find(to->bare());
  const Occupant* occupant =
      slot == nullptr || slot->room == nullptr ? nullptr : slot->room->occupants.by_session(*from);
  return occupant == nullptr || occupant->jid != *to || stanza.child("x", xmpp::ns::muc) != nullptr;
}

Effects Service::refused(xmpp::Element stanza, Condition why, base::Time now) {
  Effects effects;
  const auto in = read_incoming(std::move(stanza));
  if (!in || !in->to.has_local()) return effects;
  impl_->world.refusals->note(impl_->room_at(in->to.bare()), *in, why, now, effects);
  return effects;
}

Effects Service::wake(const xmpp::Jid& room) {
  const xmpp::Jid name = room.bare();
  if (!name.has_local() || impl_->find(name) != nullptr) return {};
  impl_->slots[name].waiting = impl_->queue();
  return {Load{name}};
}

Effects Service::loaded(const xmpp::Jid& room, Reading result, base::Time now) {
  Effects effects;
  Impl::Slot* slot = impl_->find(room);
  if (slot == nullptr || slot->waiting == nullptr) return effects;
  if (!result) {  // broken until it can be read: never an empty room in its place
    for (const auto& in : *slot->waiting) {
      fail(effects, in,
           {xmpp::ErrorType::wait, Condition::internal_server_error,
            "The room cannot be read right now."});
      handled(effects, in.receipt);
    }
    impl_->slots.erase(room);
    return effects;
  }
  if (const auto& stored = result->room) {
    slot->room = restore(impl_->world, *stored);
    slot->room->empty_since = now;
    for (const auto& gone : slot->waiting->forgotten)
      slot->room->ring.forget(gone.up_to, gone.before);
    Turn turn(*slot->room, now, effects);
    close_open_occupancies(turn, stored->open_occupancies);
    impl_->nobody_inside(turn);
  }
  Turns out{now, effects};
  impl_->serve_waiting(room, *result, out);
  return effects;
}

// What becomes of a room that the last has left while it was not looked at.
void Service::Impl::nobody_inside(Turn& turn) {
  after_leaving(turn);
  Room& room = turn.room;
  if (room.destroyed || !room.settings.get(locked)) return;
  if (turn.now >= room.created_at + world.config.lock_timeout) destroy(turn, {}, {});
}

// Unconfigured rooms end, empty ones leave memory, relays are answered for who did not. Whether the
// room is to be forgotten.
bool Service::Impl::time_out(Turn& turn) {
  Room& room = turn.room;
  const auto deadline = deadline_of(room);
  time_out_relays(turn);
  note_size(turn);  // the limit may be another
  settle_sight(turn);
  if (!deadline || turn.now < *deadline) return false;
  if (room.settings.get(locked)) destroy(turn, {}, {});
  return true;
}

std::optional<base::Time> Service::Impl::deadline_of(const Room& room) const {
  std::optional<base::Time> deadline;
  if (room.empty_since) deadline = *room.empty_since + world.config.unload_after;
  if (room.settings.get(locked)) {
    const base::Time lock_ends = room.created_at + world.config.lock_timeout;
    deadline = deadline ? std::min(*deadline, lock_ends) : lock_ends;
  }
  return deadline;
}

std::vector<RoomEffects> Service::tick(base::Time now) {
  std::vector<RoomEffects> all;
  impl_->creation.tick(now);
  for (auto at = impl_->slots.begin(); at != impl_->slots.end();) {
    const auto& [name, slot] = *at;
    RoomEffects due{name, {}};
    bool ends = false;
    if (slot.room != nullptr) {
      Turn turn(*slot.room, now, due.effects);
      ends = impl_->time_out(turn);
    }
    if (ends) due.effects.emplace_back(Unload{name});
    if (!due.effects.empty()) all.push_back(std::move(due));
    at = ends ? impl_->slots.erase(at) : std::next(at);
  }
  if (RoomEffects noted{service_jid(impl_->world), impl_->world.refusals->due(now)};
      !noted.effects.empty())
    all.push_back(std::move(noted));
  return all;
}

Effects Service::drop(const xmpp::Jid& room) {
  Effects effects;
  Impl::Slot* slot = impl_->find(room);
  if (slot != nullptr && slot->room != nullptr) {
    Turn turn(*slot->room, {}, effects);
    give_up_relays(turn);
    tell_all_out(turn, Status::technical_error);
    impl_->slots.erase(room);
  }
  effects.emplace_back(Unload{room});
  // A read that had been asked for was dropped with all else that waited.
  if (slot != nullptr && impl_->find(room) != nullptr)
    effects.emplace_back(impl_->load(room, *slot));
  return effects;
}

std::vector<RoomEffects> Service::shut_down(base::Time now) {
  std::vector<RoomEffects> all;
  for (auto& [name, slot] : impl_->slots) {
    RoomEffects last{name, {}};
    if (slot.waiting != nullptr)
      for (const auto& in : *slot.waiting) {
        fail(last.effects, in, {Condition::service_unavailable, "The server is shutting down."});
        handled(last.effects, in.receipt);
      }
    if (slot.room != nullptr) {
      Turn turn(*slot.room, now, last.effects);
      all_leave(turn);
      last.effects.emplace_back(Unload{name});
    }
    all.push_back(std::move(last));
  }
  impl_->slots.clear();
  all.push_back({service_jid(impl_->world), impl_->world.refusals->all()});
  return all;
}

void Service::forget_history(const xmpp::Jid& room, std::int64_t up_to, base::Time before) {
  Impl::Slot* slot = impl_->find(room);
  if (slot == nullptr) return;
  if (slot->room != nullptr) slot->room->ring.forget(up_to, before);
  // What is being read may have been read before.
  if (slot->waiting != nullptr) slot->waiting->forgotten.push_back({up_to, before});
}

void Service::history_given(const xmpp::Jid& room, const xmpp::Jid& to) {
  const Impl::Slot* slot = impl_->find(room);
  if (slot != nullptr && slot->room != nullptr) slot->room->reading_history.erase(to);
}

Service::RenderedHistory Service::render_history(const HistoryQuery& query,
                                                 const std::vector<HistoryItem>& items) const {
  return select_history(query, items);
}

xmpp::Element Service::render_rooms(const xmpp::Element& iq, const RoomsPage& page) const {
  return room_list(iq, page);
}

void Service::set_limits(const Limits& limits) {
  Limits& own = impl_->world.config.limits;
  own.nick_bytes = limits.nick_bytes;
  own.room_occupants = limits.room_occupants;
  own.room_affiliations = limits.room_affiliations;
  own.large_room_occupants = limits.large_room_occupants;
  own.rooms_per_owner = limits.rooms_per_owner;
  own.archive_page = limits.archive_page;
  own.stanza_bytes = limits.stanza_bytes;
  own.stanza_elements = limits.stanza_elements;
}

void Service::set_admins(std::vector<xmpp::Jid> admins) {
  impl_->world.config.admins = std::move(admins);
}

bool Service::in_memory(const xmpp::Jid& room) const {
  const Impl::Slot* slot = impl_->find(room);
  return slot != nullptr && slot->room != nullptr;
}

Service::Counts Service::counts() const {
  Counts counts;
  for (const auto& [name, slot] : impl_->slots) {
    if (slot.room == nullptr) continue;
    ++counts.rooms;
    counts.occupants += slot.room->occupants.size();
  }
  return counts;
}

}  // namespace muc
