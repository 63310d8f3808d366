// SPDX-License-Identifier: Apache-2.0
#include "muc/service.h"

#include <algorithm>
#include <unordered_map>
#include <utility>

#include "muc/rooms.h"
#include "muc/state/names.h"
#include "muc/state/restore.h"
#include "muc/verbs/verbs.h"
#include "xmpp/ns.h"
#include "xmpp/writer.h"

namespace muc {
namespace {

using xmpp::Condition;
using xmpp::StanzaError;

constexpr std::size_t waiting_max = 1000;  // stanzas for a room that is being read

void refuse(Effects& effects, const Incoming& in, const StanzaError& error) {
  if (const auto reply = xmpp::error_reply(in.stanza, error))
    effects.emplace_back(Send{in.from, {xmpp::to_payload(*reply, xmpp::ns::client)}});
}

std::optional<Incoming> read_addresses(xmpp::Element stanza) {
  auto from = xmpp::Jid::parse(stanza.attr("from"));
  auto to = xmpp::Jid::parse(stanza.attr("to"));
  if (!from || !to) return std::nullopt;
  return Incoming{std::move(stanza), std::move(*from), std::move(*to)};
}

// Means nothing to a room that nobody is in; not worth reading one for.
bool concerns_occupants_only(const xmpp::Element& stanza) {
  const auto type = stanza.attr("type");
  return type == "error" || type == "result" || type == "unavailable" || type == "probe";
}

}  // namespace

// Rooms in memory. While one is being read there is no room yet, only stanzas that wait for it.
struct Service::Impl {
  struct Slot {
    std::unique_ptr<Room> room;
    std::vector<Incoming> waiting;
    bool loading = false;
  };
  World world;
  std::unordered_map<xmpp::Jid, Slot> slots;

  Impl(ServiceConfig config, base::Random& random) : world{std::move(config), random} {}

  Slot* find(const xmpp::Jid& room) {
    const auto at = slots.find(room);
    return at == slots.end() ? nullptr : &at->second;
  }
  void act(Slot& slot, const xmpp::Jid& name, Incoming in, base::Time now, Effects& effects);
  void create_or_refuse(Slot& slot, const xmpp::Jid& name, const Incoming& in, base::Time now,
                        Effects& effects);
  void serve_waiting(const xmpp::Jid& name, base::Time now, Effects& effects);
  void bury(const xmpp::Jid& name, Effects& effects);
  bool time_out(Turn& turn);
  std::optional<base::Time> deadline_of(const Room& room) const;
  bool may_create(const xmpp::Jid& who) const;
};

bool Service::Impl::may_create(const xmpp::Jid& who) const {
  const auto& admins = world.config.admins;
  return world.config.anyone_may_create || std::any_of(admins.begin(), admins.end(), [&](auto& a) {
           return a.str() == who.bare_str();
         });
}

// One stanza to a room that is known to be there or known not to be.
void Service::Impl::act(Slot& slot, const xmpp::Jid& name, Incoming in, base::Time now,
                        Effects& effects) {
  if (slot.room == nullptr) return create_or_refuse(slot, name, in, now, effects);
  Turn turn(*slot.room, now, effects);
  dispatch(turn, std::move(in));
}

void Service::Impl::create_or_refuse(Slot& slot, const xmpp::Jid& name, const Incoming& in,
                                     base::Time now, Effects& effects) {
  if (!asks_to_enter(in)) {
    if (const auto reply = answer_without_room(in))
      effects.emplace_back(Send{in.from, {xmpp::to_payload(*reply, xmpp::ns::client)}});
    return;
  }
  if (!acceptable_nick(in.to.resource(), world.config.limits.nick_bytes))
    return refuse(effects, in, {Condition::jid_malformed, "This nickname cannot be used."});
  if (!may_create(in.from))
    return refuse(effects, in, {Condition::not_allowed, "You may not create rooms here."});
  slot.room = std::make_unique<Room>(world, name, base::time_ordered_id(world.random, now), now);
  slot.room->empty_since = now;
  Turn turn(*slot.room, now, effects);
  create(turn, in);
}

// The stanzas that waited, in order. A room that ends on the way is read again for the rest:
// whether it may be made anew shows only then.
void Service::Impl::serve_waiting(const xmpp::Jid& name, base::Time now, Effects& effects) {
  Slot& slot = slots[name];
  std::vector<Incoming> waiting = std::exchange(slot.waiting, {});
  auto next = waiting.begin();
  while (next != waiting.end() && !slot.loading) {
    act(slot, name, std::move(*next++), now, effects);
    if (slot.room == nullptr || !slot.room->destroyed) continue;
    effects.emplace_back(Unload{name});
    slot.room.reset();
    slot.loading = next != waiting.end();
  }
  std::move(next, waiting.end(), std::back_inserter(slot.waiting));
  if (slot.loading) effects.emplace_back(Load{name});
  if (slot.room == nullptr && !slot.loading) slots.erase(name);
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

Effects Service::handle(xmpp::Element stanza, base::Time now) {
  auto in = read_addresses(std::move(stanza));
  if (!in) return {};
  if (!in->to.has_local()) return service_request(impl_->world, *in);

  Effects effects;
  const xmpp::Jid name = in->to.bare();
  if (impl_->find(name) == nullptr && concerns_occupants_only(in->stanza)) return {};
  Impl::Slot& slot = impl_->slots[name];
  if (slot.room != nullptr) {
    impl_->act(slot, name, std::move(*in), now, effects);
    impl_->bury(name, effects);
    return effects;
  }
  if (slot.waiting.size() >= waiting_max) {
    refuse(effects, *in, {xmpp::ErrorType::wait, Condition::resource_constraint});
    return effects;
  }
  slot.waiting.push_back(std::move(*in));
  if (!std::exchange(slot.loading, true)) effects.emplace_back(Load{name});
  return effects;
}

bool Service::needs_record(const xmpp::Element& stanza) const {
  const auto type = stanza.attr("type");
  if (type == "error") return false;
  if (stanza.name() == "message") return true;
  if (stanza.name() == "iq")
    return type == "set" && (stanza.child("query", xmpp::ns::muc_owner) != nullptr ||
                             stanza.child("query", xmpp::ns::muc_admin) != nullptr);
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

Effects Service::wake(const xmpp::Jid& room) {
  const xmpp::Jid name = room.bare();
  if (!name.has_local() || impl_->find(name) != nullptr) return {};
  impl_->slots[name].loading = true;
  return {Load{name}};
}

Effects Service::loaded(const xmpp::Jid& room,
                        base::Result<std::optional<StoredRoom>, StoreError> result,
                        base::Time now) {
  Effects effects;
  Impl::Slot* slot = impl_->find(room);
  if (slot == nullptr || !slot->loading) return effects;
  if (!result) {  // broken until it can be read: never an empty room in its place
    for (const auto& in : slot->waiting)
      refuse(effects, in,
             {xmpp::ErrorType::wait, Condition::internal_server_error,
              "The room cannot be read right now."});
    impl_->slots.erase(room);
    return effects;
  }
  slot->loading = false;
  if (const auto& stored = *result) {
    slot->room = restore(impl_->world, *stored);
    slot->room->empty_since = now;
    Turn turn(*slot->room, now, effects);
    close_open_occupancies(turn, stored->open_occupancies);
  }
  impl_->serve_waiting(room, now, effects);
  return effects;
}

// Unconfigured rooms end, empty ones leave memory, relays are answered for who did not. Whether the
// room is to be forgotten.
bool Service::Impl::time_out(Turn& turn) {
  Room& room = turn.room;
  const auto deadline = deadline_of(room);
  time_out_relays(turn);
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
  return all;
}

namespace {

// One presence to each session: it is out, and why. Nobody else is told about it.
void tell_all_out(Turn& turn, Status why) {
  for (const auto& occupant : turn.room.occupants) {
    xmpp::Element presence =
        outsider_presence(occupant->jid, occupant->affiliation, {Status::self_presence, why});
    for_each_hook<&Feature::decorate_presence>(std::as_const(turn.room), *occupant, presence);
    const auto payload = xmpp::to_payload(presence, xmpp::ns::client);
    for (const auto& session : occupant->sessions) turn.send(session.jid, payload);
  }
}

}  // namespace

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
  if (slot != nullptr && impl_->find(room) != nullptr) effects.emplace_back(Load{room});
  return effects;
}

std::vector<RoomEffects> Service::shut_down(base::Time now) {
  std::vector<RoomEffects> all;
  for (auto& [name, slot] : impl_->slots) {
    RoomEffects last{name, {}};
    for (const auto& in : slot.waiting)
      refuse(last.effects, in, {Condition::service_unavailable, "The server is shutting down."});
    if (slot.room != nullptr) {
      Turn turn(*slot.room, now, last.effects);
      for (const auto& occupant : slot.room->occupants)
        for (const auto& session : occupant->sessions)
          turn.record(actor_of(*occupant, session),
                      record::OccupantLeft{.nick = occupant->nick(),
                                           .cause = record::LeaveCause::shutdown});
      tell_all_out(turn, Status::service_shutdown);
      last.effects.emplace_back(Unload{name});
    }
    all.push_back(std::move(last));
  }
  impl_->slots.clear();
  return all;
}

Service::RenderedHistory Service::render_history(const HistoryQuery& query,
                                                 const std::vector<HistoryItem>& items) const {
  return select_history(query, items);
}

xmpp::Element Service::render_rooms(const xmpp::Element& iq,
                                    const std::vector<RoomListing>& rooms) const {
  return room_list(iq, rooms);
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
