// SPDX-License-Identifier: Apache-2.0
// Which verb a stanza is. Only that: the rules are in the verbs and in the features.
#include "muc/refusals.h"
#include "muc/verbs/verbs.h"
#include "xmpp/ns.h"

namespace muc {
namespace {

using xmpp::Condition;

constexpr Pace changes{.burst = 5, .each = base::seconds(1)};  // of one session

bool to_occupant(const Incoming& in) { return !in.to.is_bare(); }

void available(Turn& turn, const Incoming& in) {
  if (!to_occupant(in))
    return turn.refuse(in, {Condition::jid_malformed, "A nickname is missing."});
  if (in.from.is_bare()) return turn.refuse(in, {Condition::bad_request});
  const bool with_x = in.stanza.child("x", xmpp::ns::muc) != nullptr;
  Occupant* occupant = turn.room.occupants.by_session(in.from);
  if (occupant == nullptr && with_x) return enter(turn, in);
  if (occupant == nullptr) return turn.send(in.from, desync_kick(in));
  // Everybody here hears of each change (14.6, BI-MUC-21).
  if (!take_turn(occupant->session(in.from)->paced, changes, turn.now))
    return turn.refuse(in, {xmpp::ErrorType::wait, Condition::policy_violation,
                            "Too many changes of presence; wait a second."});
  if (occupant->jid != in.to) return change_nick(turn, in, *occupant);
  if (with_x) return resync(turn, in, *occupant);
  update_presence(turn, in, *occupant);
}

void presence(Turn& turn, const Incoming& in) {
  const auto type = in.stanza.attr("type");
  if (type.empty()) return available(turn, in);
  if (type == "unavailable") return leave(turn, in);
  if (type == "error") return bounce(turn, in);
  if (type == "probe" || type == "subscribed" || type == "unsubscribe" || type == "unsubscribed")
    return;
  turn.refuse(in, {Condition::bad_request});
}

void message(Turn& turn, Incoming in) {
  const auto type = in.stanza.attr("type");
  if (type == "error") {
    invitation_bounced(turn, in);
    return bounce(turn, in);
  }
  if (to_occupant(in)) return private_message(turn, in);
  if (type == "groupchat") return groupchat(turn, std::move(in));
  const bool normal = type != "chat" && type != "headline";  // RFC 6121 5.2.2
  if (normal && has_invitation_part(in.stanza, "invite")) return invite(turn, in);
  if (normal && has_invitation_part(in.stanza, "decline")) return decline(turn, in);
  for (const Feature* feature : all_features())
    if (feature->handle_message != nullptr && feature->handle_message(turn, in)) return;
  turn.refuse(in, {Condition::bad_request, "Only messages to everybody go to a room."});
}

void room_iq(Turn& turn, const Incoming& in) {
  const bool get = in.stanza.attr("type") == "get";
  if (get && in.stanza.child("query", xmpp::ns::disco_info)) return room_info(turn, in);
  if (get && in.stanza.child("query", xmpp::ns::disco_items)) return room_items(turn, in);
  if (in.stanza.child("query", xmpp::ns::muc_admin)) return admin_request(turn, in);
  if (in.stanza.child("query", xmpp::ns::muc_owner)) return owner_request(turn, in);
  for (const Feature* feature : all_features())
    if (feature->handle_iq != nullptr && feature->handle_iq(turn, in)) return;
  turn.refuse(in, {Condition::service_unavailable});
}

void occupant_iq(Turn& turn, const Incoming& in) {
  const Occupant* asker = turn.room.occupants.by_session(in.from);
  if (asker != nullptr && asker->jid == in.to)
    for (const Feature* feature : all_features())
      if (feature->handle_own_iq != nullptr && feature->handle_own_iq(turn, in)) return;
  relay_request(turn, in);
}

void iq(Turn& turn, const Incoming& in) {
  const auto type = in.stanza.attr("type");
  const bool request = type == "get" || type == "set";
  if (!request && to_occupant(in)) return relay_answer(turn, in);
  if (!request) return;
  if (to_occupant(in)) return occupant_iq(turn, in);
  room_iq(turn, in);
}

bool is_iq_request(const xmpp::Element& stanza) {
  return stanza.name() == "iq" && (stanza.attr("type") == "get" || stanza.attr("type") == "set");
}

// As if there were no room: locked ones and, to questions, hidden ones (7.2.10, BI-MUC-32).
bool looks_absent(const Room& room, const Incoming& in) {
  if (room.occupants.by_session(in.from) != nullptr) return false;
  if (room.settings.get(locked) && room.affiliation_of(in.from) != Affiliation::owner) return true;
  return is_iq_request(in.stanza) && !may_know_of(room, in.from);
}

}  // namespace

bool may_know_of(const Room& room, const xmpp::Jid& real) {
  for (const Feature* feature : all_features())
    if (feature->hides != nullptr && feature->hides(room))
      return !first_refusal<&Feature::gate_access>(room, real, room.affiliation_of(real));
  return true;
}

bool asks_to_enter(const Incoming& in) {
  return in.stanza.name() == "presence" && in.stanza.attr("type").empty() && !in.to.is_bare() &&
         !in.from.is_bare() && in.stanza.child("x", xmpp::ns::muc) != nullptr;
}

std::optional<xmpp::Element> answer_without_room(const Incoming& in) {
  const auto type = in.stanza.attr("type");
  if (in.stanza.name() == "presence") {
    if (type == "subscribe") return error_reply(in.stanza, {Condition::item_not_found});
    if (!type.empty()) return std::nullopt;
    if (in.to.is_bare()) return error_reply(in.stanza, {Condition::jid_malformed});
    if (!asks_to_enter(in)) return desync_kick(in);
    return error_reply(in.stanza, {Condition::item_not_found});
  }
  if (in.stanza.name() == "message" || in.to.is_bare())
    return error_reply(in.stanza, {Condition::item_not_found});
  return error_reply(in.stanza, outsider_error(in.stanza));
}

bool concerns_occupants_only(const xmpp::Element& stanza) {
  const auto type = stanza.attr("type");
  return type == "error" || type == "result" || type == "unavailable" || type == "probe";
}

bool set_needs_record(const xmpp::Element& iq) {
  return iq.child("query", xmpp::ns::muc_owner) != nullptr ||
         iq.child("query", xmpp::ns::muc_admin) != nullptr ||
         iq.child("query", xmpp::ns::mam) != nullptr ||
         iq.child("vCard", xmpp::ns::vcard) != nullptr ||
         iq.child("query", xmpp::ns::registration) != nullptr ||
         iq.child("command", xmpp::ns::commands) != nullptr ||
         iq.child("moderate", xmpp::ns::message_moderate) != nullptr;
}

void dispatch(Turn& turn, Incoming in) {
  if (looks_absent(turn.room, in)) {
    if (const auto reply = answer_without_room(in)) {
      turn.effects.emplace_back(as_refusal(in.from, *reply));
      if (const auto why = xmpp::condition_of(*reply)) note_refusal(turn, in, *why);
    }
    return;
  }
  if (in.stanza.name() == "presence") return presence(turn, in);
  if (in.stanza.name() == "message") return message(turn, std::move(in));
  if (in.stanza.name() == "iq") return iq(turn, in);
}

}  // namespace muc
