// SPDX-License-Identifier: Apache-2.0
// Moderated retraction: a moderator takes back what somebody said. Everybody is told so by the
// room, history has a tombstone from then on, and the record keeps what was said. Stanza ids cannot
// be made up, so one that is ours names a message of this room. Its corrections are messages of
// their own, taken back one by one.
#include "muc/feature.h"
#include "muc/turn.h"
#include "muc/verbs/verbs.h"
#include "xmpp/datetime.h"
#include "xmpp/ns.h"
#include "xmpp/writer.h"

namespace muc {
namespace {

using xmpp::Condition;

struct Moderation {
  std::int64_t target = 0;
  std::string_view target_id;
  std::string reason;
};

// Who did it, and why, in either form: of the message that tells it and of the tombstone.
void say_who(const Room& room, const Occupant& moderator, const std::string& reason,
             xmpp::Element& retraction) {
  xmpp::Element& moderated = retraction.add("moderated", xmpp::ns::message_moderate);
  moderated.set_attr("by", moderator.jid.str());
  moderated.add("occupant-id", xmpp::ns::occupant_id).set_attr("id", room.occupant_id(moderator));
  if (!reason.empty()) retraction.add("reason", xmpp::ns::message_retract).set_text(reason);
}

void moderate(Turn& turn, const Incoming& in, const Occupant& moderator, const Moderation& what) {
  Room& room = turn.room;
  const std::string id = room.stanza_id(room.number + 1);
  xmpp::Element message("message", xmpp::ns::client);
  message.set_attr("type", "groupchat").set_attr("from", room.jid.str()).set_attr("id", id);
  xmpp::Element& retract = message.add("retract", xmpp::ns::message_retract);
  retract.set_attr("id", what.target_id);
  say_who(room, moderator, what.reason, retract);
  message.add("stanza-id", xmpp::ns::stanza_id).set_attr("id", id).set_attr("by", room.jid.str());

  xmpp::Element retracted("retracted", xmpp::ns::message_retract);
  retracted.set_attr("id", id).set_attr("stamp", xmpp::format_datetime(turn.now));
  say_who(room, moderator, what.reason, retracted);

  // Where the room remembers that it is gone there is nothing more to tell.
  if (room.ring.take_back(what.target, retracted, {}) == Ring::Found::gone_already)
    return turn.answer(in);
  const base::Payload payload = xmpp::to_payload(message, xmpp::ns::client);
  room.ring.push({room.number + 1, turn.now, replay(*payload.bytes, room.jid, turn.now)});
  turn.record(actor_of(moderator, *moderator.session(in.from)),
              record::MessageModerated{.target = what.target,
                                       .stanza = *payload.bytes,
                                       .stanza_id = id,
                                       .reason = what.reason,
                                       .retracted = xmpp::to_xml(retracted, xmpp::ns::client)});
  turn.answer(in);
  turn.broadcast(payload);
}

bool handle_iq(Turn& turn, const Incoming& in) {
  const xmpp::Element* asked = in.stanza.child("moderate", xmpp::ns::message_moderate);
  if (asked == nullptr) return false;
  const auto refuse = [&](const xmpp::StanzaError& error) {
    turn.refuse(in, error);
    return true;
  };
  const bool retracts = asked->child("retract", xmpp::ns::message_retract) != nullptr;
  if (in.stanza.attr("type") != "set" || !retracts)
    return refuse({Condition::bad_request, "Messages can be retracted, nothing else."});
  const Occupant* moderator = turn.room.occupants.by_session(in.from);
  if (moderator == nullptr || moderator->role != Role::moderator)
    return refuse({Condition::forbidden, "Only moderators take back what others said."});
  const auto target = turn.room.number_named(asked->attr("id"));
  if (!target) return refuse({Condition::item_not_found, "There is no such message."});
  if (turn.room.is_current_subject(*target))
    return refuse({Condition::not_acceptable, "Change the subject instead."});
  std::string reason = child_text(*asked, "reason", xmpp::ns::message_moderate).value_or("");
  if (reason.size() > reason_bytes_max)
    return refuse({Condition::policy_violation, "The reason is too long."});
  moderate(turn, in, *moderator, {*target, asked->attr("id"), std::move(reason)});
  return true;
}

// Without history messages have no ids to name them by.
void disco(const Room& room, DiscoInfo& info) {
  if (room.settings.get(keeps_history)) info.features.emplace_back(xmpp::ns::message_moderate);
}

}  // namespace

extern const Feature moderation_feature{
    .name = "moderation", .spec = "XEP-0425", .disco = disco, .handle_iq = handle_iq};

}  // namespace muc
