// SPDX-License-Identifier: Apache-2.0
// What comes back of an invitation, XEP-0045 7.8.2: a "no, thanks", or an error. Both reach the one
// who invited, and only if there was an invitation.
#include "base/utf8.h"
#include "muc/verbs/verbs.h"
#include "xmpp/ns.h"

namespace muc {
namespace {

using xmpp::Condition;
using xmpp::StanzaError;

// What the error says, without its words: those are not the room's.
StanzaError error_of(const xmpp::Element& stanza) {
  StanzaError found{Condition::service_unavailable, "The invitation could not be delivered."};
  const xmpp::Element* error = stanza.child("error", xmpp::ns::client);
  if (error == nullptr) return found;
  error->for_each_child([&](const xmpp::Element& child) {
    const auto condition = xmpp::parse_condition(child.name());
    if (child.ns() == xmpp::ns::stanza_errors && condition) found.condition = *condition;
  });
  found.type = xmpp::parse_error_type(error->attr("type")).value_or(usual_type(found.condition));
  return found;
}

}  // namespace

void decline(Turn& turn, const Incoming& in) {
  Room& room = turn.room;
  const xmpp::Element& said =
      *in.stanza.child("x", xmpp::ns::muc_user)->child("decline", xmpp::ns::muc_user);
  const std::string* to = said.find_attr("to");
  if (to == nullptr)
    return turn.refuse(in, {Condition::bad_request, "Say whose invitation you decline."});
  const auto inviter = xmpp::Jid::parse(*to);
  if (!inviter) return turn.refuse(in, {Condition::jid_malformed});
  Invitation* invitation = room.invitations.find(in.from, *inviter);
  if (invitation == nullptr) return;  // BI-MUC-31
  invitation->over = true;

  const std::string words = child_text(said, "reason", xmpp::ns::muc_user).value_or("");
  const std::string reason(base::cut_utf8(words, reason_bytes_max));
  turn.record(actor_of(room, in.from),
              record::InvitationAnswered{invitation->inviter.bare(), "declined", reason});
  xmpp::Element message("message", xmpp::ns::client);
  message.set_attr("from", room.jid.str());
  if (const auto id = in.stanza.attr("id"); !id.empty()) message.set_attr("id", id);
  if (!in.stanza.lang().empty()) message.set_lang(in.stanza.lang());
  xmpp::Element& answer = message.add("x", xmpp::ns::muc_user).add("decline", xmpp::ns::muc_user);
  answer.set_attr("from", in.from.bare_str());
  if (!reason.empty()) answer.add("reason", xmpp::ns::muc_user).set_text(reason);
  const bool inside = room.occupants.by_session(invitation->inviter) != nullptr;
  message.set_attr("to", inside ? invitation->inviter.str() : invitation->inviter.bare().str());
  turn.effects.emplace_back(Route{std::move(message), in.from, std::string(in.stanza.attr("id"))});
}

void invitation_bounced(Turn& turn, const Incoming& in) {
  Invitation* invitation = turn.room.invitations.find(in.from, in.stanza.attr("id"));
  if (invitation == nullptr) return;
  invitation->over = true;
  if (invitation->inviter_id.empty()) return;  // nobody waits for an answer
  xmpp::Element message("message", xmpp::ns::client);
  message.set_attr("from", turn.room.jid.str()).set_attr("type", "error");
  message.set_attr("id", invitation->inviter_id);
  message.add("x", xmpp::ns::muc_user)
      .add("invite", xmpp::ns::muc_user)
      .set_attr("to", invitation->invitee.str());
  message.add(to_element(error_of(in.stanza), xmpp::ns::client));
  turn.send(invitation->inviter, message);
}

}  // namespace muc
