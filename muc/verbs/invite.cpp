// SPDX-License-Identifier: Apache-2.0
// Mediated invitations, XEP-0045 7.8.2, 7.9 and 9.5: an occupant asks the room to invite somebody.
// Where only members enter, who is invited by one who may becomes a member. All that a message asks
// for is done, or nothing.
#include <algorithm>

#include "base/utf8.h"
#include "muc/verbs/invitation_budget.h"
#include "muc/verbs/verbs.h"
#include "xmpp/ns.h"

namespace muc {
namespace {

using xmpp::Condition;
using xmpp::StanzaError;

constexpr std::size_t invitees_max = 50;  // in one message
constexpr std::size_t thread_bytes_max = 1024;

struct Wish {
  xmpp::Jid to;
  std::string reason;
  bool goes_on = false;  // a one-to-one chat goes on in the room (7.9)
  std::string thread;
};
using Wishes = base::Result<std::vector<Wish>, StanzaError>;

// Whether membership is what somebody without an affiliation lacks to be let in.
bool admits_members_only(const Room& room, const xmpp::Jid& real) {
  const auto refused = [&](Affiliation a) {
    return first_refusal<&Feature::gate_access>(room, real, a).has_value();
  };
  return refused(Affiliation::none) && !refused(Affiliation::member);
}

base::Result<Wish, StanzaError> read_wish(const Room& room, const xmpp::Element& invite) {
  const std::string* to = invite.find_attr("to");
  if (to == nullptr) return base::fail(StanzaError{Condition::bad_request, "Say whom to invite."});
  const auto jid = xmpp::Jid::parse(*to);
  if (!jid || !jid->has_local())
    return base::fail(StanzaError{Condition::jid_malformed, "People have addresses like a@b."});
  if (jid->domain() == room.jid.domain())
    return base::fail(StanzaError{Condition::item_not_found, "That is no person's address."});
  const std::string reason = child_text(invite, "reason", xmpp::ns::muc_user).value_or("");
  Wish wish{*jid, std::string(base::cut_utf8(reason, reason_bytes_max))};
  if (const auto* goes_on = invite.child("continue", xmpp::ns::muc_user)) {
    wish.goes_on = true;
    wish.thread = base::cut_utf8(goes_on->attr("thread"), thread_bytes_max);
  }
  return wish;
}

Wishes read_wishes(const Room& room, const xmpp::Element& x) {
  std::vector<Wish> wishes;
  std::optional<StanzaError> wrong;
  x.for_each_child([&](const xmpp::Element& child) {
    if (wrong || !child.is("invite", xmpp::ns::muc_user)) return;
    auto wish = read_wish(room, child);
    if (!wish)
      wrong = wish.error();
    else if (std::none_of(wishes.begin(), wishes.end(),
                          [&](const Wish& w) { return w.to.bare_str() == wish->to.bare_str(); }))
      wishes.push_back(std::move(*wish));
  });
  if (!wrong && wishes.size() > invitees_max)
    wrong = StanzaError{Condition::policy_violation, "Too many people at once."};
  if (wrong) return base::fail(std::move(*wrong));
  return wishes;
}

bool becomes_member(const Room& room, const xmpp::Jid& invitee) {
  return room.affiliation_of(invitee) == Affiliation::none && admits_members_only(room, invitee);
}

Refusal may_invite_all(const Turn& turn, const Occupant& inviter, const xmpp::Jid& real,
                       const std::vector<Wish>& wishes) {
  const Room& room = turn.room;
  std::size_t members = 0;
  for (const Wish& wish : wishes) {
    // Said only to those who may see the list of the banned.
    if (inviter.affiliation >= Affiliation::admin &&
        room.affiliation_of(wish.to) == Affiliation::outcast)
      return StanzaError{Condition::not_allowed, "This person is banned from the room."};
    if (becomes_member(room, wish.to)) ++members;
  }
  if (!room.has_place_for(members))
    return StanzaError{xmpp::ErrorType::wait, Condition::resource_constraint};
  if (wishes.size() > invitation_budget(turn, real))
    return StanzaError{xmpp::ErrorType::wait, Condition::policy_violation,
                       "Too many invitations; wait some minutes."};
  return std::nullopt;
}

xmpp::Element invitation(const Room& room, const xmpp::Jid& inviter, const Wish& wish) {
  xmpp::Element message("message", xmpp::ns::client);
  message.set_attr("from", room.jid.str());
  xmpp::Element& x = message.add("x", xmpp::ns::muc_user);
  xmpp::Element& invite = x.add("invite", xmpp::ns::muc_user);
  invite.set_attr("from", inviter.bare_str());
  if (!wish.reason.empty()) invite.add("reason", xmpp::ns::muc_user).set_text(wish.reason);
  if (wish.goes_on) {
    xmpp::Element& goes_on = invite.add("continue", xmpp::ns::muc_user);
    if (!wish.thread.empty()) goes_on.set_attr("thread", wish.thread);
  }
  for_each_hook<&Feature::decorate_invitation>(room, message);
  return message;
}

struct Sender {
  xmpp::Jid jid;  // real full JID
  std::string message_id;
  std::string lang;
};

void send_invitation(Turn& turn, const Sender& inviter, const Wish& wish) {
  Room& room = turn.room;
  turn.record(actor_of(room, inviter.jid),
              record::InvitationSent{wish.to, wish.reason, wish.thread});
  xmpp::Element message = invitation(room, inviter.jid, wish);
  // An id of ours: only the invitee can say that it came back.
  const std::string id = base::random_token(room.world.random, 12);
  message.set_attr("id", id);
  if (!inviter.lang.empty()) message.set_lang(inviter.lang);
  room.invitations.add({id, inviter.jid, inviter.message_id, wish.to, turn.now});
  message.set_attr("to", wish.to.str());
  turn.effects.emplace_back(Route{std::move(message), inviter.jid, inviter.message_id});
}

}  // namespace

bool has_invitation_part(const xmpp::Element& message, std::string_view name) {
  const xmpp::Element* x = message.child("x", xmpp::ns::muc_user);
  return x != nullptr && x->child(name, xmpp::ns::muc_user) != nullptr;
}

void invite(Turn& turn, const Incoming& in) {
  const Room& room = turn.room;
  const Occupant* inviter = room.occupants.by_session(in.from);
  if (inviter == nullptr)
    return turn.refuse(
        in, {xmpp::ErrorType::cancel, Condition::not_acceptable, "You are not in this room."});
  if (const auto refusal = first_refusal<&Feature::gate_invitation>(room, *inviter))
    return turn.refuse(in, *refusal);
  const Wishes wishes = read_wishes(room, *in.stanza.child("x", xmpp::ns::muc_user));
  if (!wishes) return turn.refuse(in, wishes.error());
  if (const auto refusal = may_invite_all(turn, *inviter, in.from, *wishes))
    return turn.refuse(in, *refusal);

  const Sender sender{in.from, std::string(in.stanza.attr("id")), std::string(in.stanza.lang())};
  Later later;
  for (const Wish& wish : *wishes) {
    if (becomes_member(room, wish.to))
      apply(turn, in.from, {.target = wish.to.bare(), .to = Affiliation::member}, later);
    send_invitation(turn, sender, wish);
  }
  if (!later.empty()) tell(turn, later);
}

bool to_be_invited(const Room& room, const AffiliationChange& change) {
  return change.to == Affiliation::member && change.target.has_local() &&
         becomes_member(room, change.target);
}

void invite_members(Turn& turn, const xmpp::Jid& admin, const std::vector<xmpp::Jid>& members) {
  std::size_t left = invitation_budget(turn, admin);
  for (const xmpp::Jid& member : members) {
    if (left == 0) return;
    // A later item of the same list may have taken it back.
    if (turn.room.affiliation_of(member) != Affiliation::member) continue;
    send_invitation(turn, {admin, {}, {}}, {member, {}});
    --left;
  }
}

}  // namespace muc
