// SPDX-License-Identifier: Apache-2.0
// Entering a room, XEP-0045 7.2.
#include "muc/people/names.h"
#include "muc/verbs/verbs.h"
#include "xmpp/ns.h"

namespace muc {
namespace {

// Of one account, whatever the number of its clients (14.6, BI-MUC-22).
constexpr Pace entries{.burst = 10, .each = base::seconds(1)};

Refusal gate(const Room& room, const Join& join) {
  if (!acceptable_nick(join.nick, room.world.config.limits.nick_bytes))
    return xmpp::StanzaError{xmpp::Condition::jid_malformed, "This nickname cannot be used."};
  if (auto refusal = first_refusal<&Feature::gate_access>(room, join.real, join.affiliation))
    return refusal;
  if (auto refusal = first_refusal<&Feature::gate_join>(room, join)) return refusal;
  if (auto refusal =
          first_refusal<&Feature::gate_nick>(room, join.real, std::string_view(join.nick)))
    return refusal;
  // The same bare JID may hold its nick from several clients (7.2.8).
  const Occupant* holder = room.occupants.by_nick(join.nick);
  if (holder != nullptr && holder->real() != join.real.bare())
    return xmpp::StanzaError{xmpp::Condition::conflict, "This nickname is in use."};
  return std::nullopt;
}

// The place that somebody who enters is given; its nick need not be the one asked for.
xmpp::Jid place_of(const Room& room, const Incoming& in) {
  for (const Feature* feature : all_features())
    if (feature->assign_nick != nullptr)
      if (const auto nick = feature->assign_nick(room, in.from, in.to.resource()))
        if (auto place = room.jid.with_resource(*nick)) return std::move(*place);
  return in.to;
}

Session session_from(Turn& turn, const Incoming& in) {
  return {in.from, base::random_token(turn.room.world.random, 9),
          relayed_presence(turn.room, in.stanza), std::string(in.stanza.lang())};
}

void record_entry(Turn& turn, const Occupant& occupant, const Session& session,
                  const HistoryPlan& plan) {
  turn.record(actor_of(occupant, session),
              record::OccupantJoined{occupant.nick(), plan.first, plan.last,
                                     static_cast<std::int64_t>(plan.stanzas.size())});
}

Occupant& take_in(Turn& turn, const Incoming& in, const Join& join, xmpp::Jid place) {
  Room& room = turn.room;
  Occupant fresh;
  fresh.number = room.next_occupant++;
  fresh.jid = std::move(place);
  fresh.affiliation = join.affiliation;
  fresh.role = role_on_entry(room, join.real, join.affiliation);
  Occupant& occupant = room.occupants.add(std::move(fresh), session_from(turn, in));
  refresh(room, occupant);
  return occupant;
}

}  // namespace

Role role_on_entry(const Room& room, const xmpp::Jid& real, Affiliation affiliation) {
  Role role = affiliation >= Affiliation::admin ? Role::moderator : Role::participant;
  for (const Feature* feature : all_features())
    if (feature->initial_role != nullptr)
      role = feature->initial_role(room, real, affiliation, role);
  return role;
}

xmpp::Element desync_kick(const Incoming& in) {
  xmpp::Element kick = outsider_presence(
      in.to, Affiliation::none, {Status::self_presence, Status::kicked, Status::technical_error});
  if (const auto id = in.stanza.attr("id"); !id.empty()) kick.set_attr("id", id);
  return kick;
}

void enter(Turn& turn, const Incoming& in, Codes codes) {
  Room& room = turn.room;
  const xmpp::Element* x = in.stanza.child("x", xmpp::ns::muc);
  const xmpp::Jid place = place_of(room, in);
  if (place != in.to || nick_was_put_right(in)) codes.push_back(Status::nick_assigned);
  const Join join{in.from, std::string(place.resource()), room.affiliation_of(in.from),
                  child_text(*x, "password", xmpp::ns::muc).value_or("")};
  if (const auto refusal = gate(room, join)) return turn.refuse(in, *refusal);
  if (!room.entries.take_turn(in.from.bare(), entries, turn.now))
    return turn.refuse(in, {xmpp::ErrorType::wait, xmpp::Condition::resource_constraint,
                            "You enter this room too often; wait a second."});

  room.empty_since.reset();
  Occupant* present = room.occupants.by_nick(join.nick);
  const bool further = present != nullptr;
  if (further) room.occupants.add_session(*present, session_from(turn, in));
  Occupant& occupant = further ? *present : take_in(turn, in, join, place);
  const Session& session = occupant.sessions.back();

  HistoryPlan plan = plan_history(room, in.from, parse_history(*x), turn.now);
  record_entry(turn, occupant, session, plan);
  const Entry entry{occupant, session, std::move(codes), in.stanza.attr("id")};
  tell_occupants(turn, entry);
  if (!further) {
    note_size(turn);
    tell_presence(turn, occupant);
  }
  turn.seat(occupant, session);
  tell_history(turn, entry, std::move(plan));
  for_each_hook<&Feature::on_joined>(turn, occupant);
}

}  // namespace muc
