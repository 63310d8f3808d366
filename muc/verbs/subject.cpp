// SPDX-License-Identifier: Apache-2.0
// The subject, XEP-0045 8.1: a groupchat message with a subject and neither body nor thread.
#include "muc/verbs/verbs.h"
#include "xmpp/ns.h"
#include "xmpp/writer.h"

namespace muc {

bool is_subject_change(const xmpp::Element& message) {
  return message.child("subject", xmpp::ns::client) != nullptr &&
         message.child("body", xmpp::ns::client) == nullptr &&
         message.child("thread", xmpp::ns::client) == nullptr;
}

void change_subject(Turn& turn, const Incoming& in, const Occupant& occupant) {
  Room& room = turn.room;
  if (occupant.role != Role::moderator)
    if (const auto refusal = first_refusal<&Feature::gate_subject>(room, occupant))
      return turn.refuse(in, *refusal);

  xmpp::Element message = relayed(room, occupant, in.stanza);
  const Stamp stamp{room.stanza_id(room.number + 1)};
  for_each_hook<&Feature::decorate_message>(room, occupant, stamp, message);
  const base::Payload payload = xmpp::to_payload(message, xmpp::ns::client);
  record::SubjectChanged event;
  event.nick = occupant.nick();
  event.stanza = *payload.bytes;
  event.subject = child_text(message, "subject", xmpp::ns::client).value_or("");
  event.stanza_id = stamp.id;
  room.subject = {event.stanza, turn.now};
  turn.record(actor_of(occupant, *occupant.session(in.from)), std::move(event));
  make_seen(turn, occupant);
  turn.broadcast(payload);
}

}  // namespace muc
