// SPDX-License-Identifier: Apache-2.0
// IQs from one occupant to another, XEP-0045 17.4 and 6.6: handed on under an id of ours, so that
// only the one who was asked can answer and nobody learns a real JID (BI-MUC-18).
#include <algorithm>

#include "muc/verbs/verbs.h"
#include "xmpp/ns.h"

namespace muc {
namespace {

using xmpp::Condition;
using xmpp::StanzaError;

constexpr std::size_t relays_each = 100;  // unanswered questions of one session
constexpr base::Micros relay_timeout = base::minutes(2);

Refusal gate(const Room& room, const Incoming& in, const Occupant* target) {
  if (room.occupants.by_session(in.from) == nullptr) return outsider_error(in.stanza);
  if (target == nullptr) return StanzaError{Condition::item_not_found};
  const auto asked_by = [&](const auto& relay) { return relay.second.asker == in.from; };
  if (room.relays.size() >= relays_each &&
      std::count_if(room.relays.begin(), room.relays.end(), asked_by) >=
          static_cast<std::ptrdiff_t>(relays_each))
    return StanzaError{xmpp::ErrorType::wait, Condition::resource_constraint};
  return std::nullopt;
}

void tell_unanswered(Turn& turn, const Relay& relay, Condition why) {
  xmpp::Element iq("iq", xmpp::ns::client);
  iq.set_attr("type", "error").set_attr("id", relay.asker_id);
  iq.set_attr("from", relay.target_seen.str());
  iq.add(to_element(StanzaError{xmpp::ErrorType::wait, why}, xmpp::ns::client));
  turn.send(relay.asker, iq);
}

void tell_gone(Turn& turn, const Relay& relay) {
  tell_unanswered(turn, relay, Condition::recipient_unavailable);
}

}  // namespace

StanzaError outsider_error(const xmpp::Element& iq) {
  if (iq.child("query", xmpp::ns::disco_info) != nullptr ||
      iq.child("query", xmpp::ns::disco_items) != nullptr)
    return {Condition::bad_request};
  return {xmpp::ErrorType::cancel, Condition::not_acceptable, "You are not in this room."};
}

void relay_request(Turn& turn, const Incoming& in) {
  Room& room = turn.room;
  const Occupant* target = room.occupants.by_nick(in.to.resource());
  if (const auto refusal = gate(room, in, target)) return turn.refuse(in, *refusal);

  const Occupant& asker = *room.occupants.by_session(in.from);
  const xmpp::Jid& to = target->sessions[target->primary].jid;
  const std::string id = base::random_token(room.world.random, 12);
  const auto asked = xmpp::Jid::parse(in.stanza.attr("to"));  // where the answer is awaited from
  room.relays[id] = {in.from, asker.jid, std::string(in.stanza.attr("id")), to, *asked, turn.now};
  xmpp::Element iq = relayed(room, asker, in.stanza);
  iq.set_attr("id", id);
  turn.send(to, iq);
}

void relay_answer(Turn& turn, const Incoming& in) {
  Room& room = turn.room;
  const auto at = room.relays.find(std::string(in.stanza.attr("id")));
  if (at == room.relays.end()) return;
  const Relay relay = at->second;
  if (relay.target != in.from || relay.asker_seen != in.to) return;  // not the one who was asked
  room.relays.erase(at);
  xmpp::Element iq = in.stanza;
  iq.remove_attr("to");
  iq.set_attr("from", relay.target_seen.str());
  iq.set_attr("id", relay.asker_id);
  turn.send(relay.asker, iq);
}

void forget_relays(Turn& turn, const xmpp::Jid& real) {
  for (auto at = turn.room.relays.begin(); at != turn.room.relays.end();) {
    const bool gone = at->second.target == real || at->second.asker == real;
    if (gone) tell_gone(turn, at->second);
    at = gone ? turn.room.relays.erase(at) : std::next(at);
  }
}

void time_out_relays(Turn& turn) {
  auto& relays = turn.room.relays;
  for (auto at = relays.begin(); at != relays.end();) {
    const bool late = turn.now - at->second.at >= relay_timeout;
    if (late) tell_unanswered(turn, at->second, Condition::remote_server_timeout);
    at = late ? relays.erase(at) : std::next(at);
  }
}

void give_up_relays(Turn& turn) {
  for (const auto& [id, relay] : turn.room.relays) tell_gone(turn, relay);
  turn.room.relays.clear();
}

}  // namespace muc
