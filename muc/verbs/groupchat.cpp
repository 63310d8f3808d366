// SPDX-License-Identifier: Apache-2.0
// Messages to everybody, XEP-0045 7.4. One serialisation goes to all occupants and into the record.
#include <utility>

#include "muc/verbs/verbs.h"
#include "xmpp/ns.h"
#include "xmpp/sanitise.h"
#include "xmpp/writer.h"

namespace muc {
namespace {

record::MessagePosted posted(const Occupant& from, const xmpp::Element& message,
                             const Stamp& stamp) {
  record::MessagePosted event;
  event.nick = from.nick();
  event.body = child_text(message, "body", xmpp::ns::client).value_or("");
  event.stanza_id = stamp.id;
  event.origin_id = message.attr("id");
  event.keep = stamp.kept;
  return event;
}

// Whether the message says something to one who reads it later, and may be kept for that.
// Its sender's wish counts even if the room does not hand that on.
bool belongs_in_history(const Room& room, const xmpp::Element& said, const xmpp::Element& message) {
  if (!room.settings.get(keeps_history)) return false;
  if (said.child("no-store", xmpp::ns::hints) != nullptr ||
      said.child("no-permanent-store", xmpp::ns::hints) != nullptr)
    return false;
  bool says_something = false;
  message.for_each_child([&](const xmpp::Element& child) {
    says_something =
        says_something || (!child.is("thread", xmpp::ns::client) && worth_keeping(child));
  });
  return says_something;
}

}  // namespace

xmpp::Element relayed(const Room& room, const Occupant& from, const xmpp::Element& stanza) {
  xmpp::Element out = stanza;
  xmpp::strip_forged(out, room.jid);
  for_each_hook<&Feature::filter>(room, out);
  out.remove_attr("to");
  out.set_attr("from", from.jid.str());
  return out;
}

void groupchat(Turn& turn, Incoming in) {
  Room& room = turn.room;
  const Occupant* from = room.occupants.by_session(in.from);
  if (from == nullptr)
    return turn.refuse(in, {xmpp::ErrorType::cancel, xmpp::Condition::not_acceptable,
                            "You are not in this room."});
  if (is_subject_change(in.stanza)) return change_subject(turn, in, *from);
  if (const auto refusal = first_refusal<&Feature::gate_message>(room, *from, in.stanza))
    return turn.refuse(in, *refusal);

  xmpp::Element message = relayed(room, *from, in.stanza);
  for_each_hook<&Feature::amend_message>(std::as_const(room), *from, message);
  const std::int64_t number = room.number + 1;
  const Stamp stamp{room.stanza_id(number), belongs_in_history(room, in.stanza, message)};
  for_each_hook<&Feature::decorate_message>(room, *from, stamp, message);
  record::MessagePosted event = posted(*from, message, stamp);
  if (event.origin_id.empty()) message.set_attr("id", stamp.id);  // 7.4: a room may give one
  const base::Payload payload = xmpp::to_payload(message, xmpp::ns::client);
  event.stanza = *payload.bytes;
  base::Payload replayed;
  if (stamp.kept) replayed = replay(event.stanza, room.jid, turn.now);
  turn.record(actor_of(*from, *from->session(in.from)),
              said(room, *from, message, std::move(event)));
  if (stamp.kept) room.ring.push({number, turn.now, std::move(replayed)});
  for_each_hook<&Feature::on_message>(turn, std::as_const(in), *from, std::as_const(message));
  make_seen(turn, *from);
  turn.broadcast(payload);
}

}  // namespace muc
