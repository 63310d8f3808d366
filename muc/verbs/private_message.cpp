// SPDX-License-Identifier: Apache-2.0
// Messages from one occupant to another, XEP-0045 7.5: recorded, never part of the room's history.
#include "muc/verbs/verbs.h"
#include "xmpp/ns.h"
#include "xmpp/writer.h"

namespace muc {
namespace {

Refusal gate(const Room& room, const Incoming& in, const Occupant* from, const Occupant* to) {
  if (in.stanza.attr("type") == "groupchat")
    return xmpp::StanzaError{xmpp::Condition::bad_request,
                             "Messages to everybody go to the room's own address."};
  if (from == nullptr)
    return xmpp::StanzaError{xmpp::ErrorType::cancel, xmpp::Condition::not_acceptable,
                             "You are not in this room."};
  if (to == nullptr)
    return xmpp::StanzaError{xmpp::Condition::item_not_found, "Nobody here has that nickname."};
  return first_refusal<&Feature::gate_private_message>(room, *from, *to);
}

}  // namespace

void private_message(Turn& turn, const Incoming& in) {
  Room& room = turn.room;
  const Occupant* from = room.occupants.by_session(in.from);
  const Occupant* to = room.occupants.by_nick(in.to.resource());
  if (const auto refusal = gate(room, in, from, to)) return turn.refuse(in, *refusal);

  xmpp::Element message = relayed(room, *from, in.stanza);
  message.add("x", xmpp::ns::muc_user);
  for_each_hook<&Feature::decorate_private_message>(room, *from, message);
  const base::Payload payload = xmpp::to_payload(message, xmpp::ns::client);
  record::MessagePosted event;
  event.nick = from->nick();
  event.stanza = *payload.bytes;
  event.body = child_text(message, "body", xmpp::ns::client).value_or("");
  event.stanza_id = room.stanza_id(room.number + 1);
  event.origin_id = message.attr("id");
  event.is_private = true;
  event.to_nick = to->nick();
  event.keep = false;
  turn.record(actor_of(*from, *from->session(in.from)),
              said(room, *from, message, std::move(event)));
  for (const auto& session : to->sessions) turn.send(session.jid, payload);
}

}  // namespace muc
