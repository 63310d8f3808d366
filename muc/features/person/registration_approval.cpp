// SPDX-License-Identifier: Apache-2.0
// Registrations that an admin must approve of: shown to the admins inside and to those who enter,
// until one of them has decided.
#include "muc/administration/notice.h"
#include "muc/administration/register.h"
#include "xmpp/ns.h"
#include "xmpp/writer.h"

namespace muc {
namespace {

using xmpp::Condition;
using xmpp::DataForm;
using xmpp::StanzaError;

constexpr std::string_view who_field = "hansard#jid", allow_field = "muc#register_allow";

base::Payload approval_form(const Room& room, const xmpp::Jid& applicant,
                            const Registration& said) {
  DataForm form{.type = DataForm::Type::form,
                .title = "Registration with " + room.jid.str(),
                .instructions =
                    "Submit this with the box checked to let this person register, "
                    "unchecked to refuse it.",
                .fields = said.fields()};
  form.fields.push_back({.var = std::string(who_field),
                         .type = xmpp::FieldType::jid_single,
                         .label = "Address",
                         .values = {applicant.str()}});
  form.fields.push_back({.var = std::string(allow_field),
                         .type = xmpp::FieldType::boolean,
                         .label = "Allow it",
                         .values = {"0"}});
  xmpp::Element message("message", xmpp::ns::client);
  message.set_attr("from", room.jid.str());
  message.add(xmpp::to_element(form));
  return xmpp::to_payload(message, xmpp::ns::client);
}

// What nobody asks for (any more) is dropped (BI-MUC-40).
Refusal decide(Turn& turn, const Incoming& in, const DataForm& form) {
  Room& room = turn.room;
  const auto allowed = xmpp::parse_boolean(form.value(allow_field));
  const auto applicant = xmpp::Jid::parse(form.value(who_field));
  if (!allowed || !applicant) return StanzaError{Condition::bad_request};
  const xmpp::Jid target = applicant->bare();
  const std::string text(room.people.get(target, waiting_key));
  if (text.empty()) return std::nullopt;
  if (!*allowed) {
    keep(turn, actor_of(room, in.from), target, {{waiting_key, ""}});
    return std::nullopt;
  }
  const Registration said = Registration::read(text);
  // What was asked for may have changed since the admin was shown it.
  const xmpp::FormField* seen = form.field("muc#register_roomnick");
  if (seen != nullptr && form.value("muc#register_roomnick") != said.nick) {
    turn.send(in.from, approval_form(room, target, said));
    return StanzaError{Condition::conflict, "Another nickname is asked for by now."};
  }
  if (room.affiliation_of(target) == Affiliation::outcast)
    return StanzaError{Condition::not_allowed, "This person is banned from the room."};
  if (auto refusal = may_reserve(room, target, said.nick)) return refusal;
  // What waited makes place for what is kept now.
  if (!room.has_place_for(room.affiliations.entry(target) == nullptr ? 1 : 0))
    return StanzaError{xmpp::ErrorType::wait, Condition::resource_constraint};
  const AffiliationChange change{.target = target, .to = Affiliation::member};
  const bool invited = to_be_invited(room, change);
  const auto absent = absentees(room, in.from, {&change});
  Later later;
  take_registration(turn, in.from, target, said, later);
  tell(turn, later);
  rename_registered(turn, target);
  if (invited) invite_members(turn, in.from, {target});
  tell_absentees(turn, in.from, absent);
  return std::nullopt;
}

bool handle_message(Turn& turn, const Incoming& in) {
  const xmpp::Element* x = in.stanza.child("x", xmpp::ns::data_form);
  const auto form = x == nullptr ? std::nullopt : xmpp::parse_form(*x);
  if (!form || form->form_type() != registration_form) return false;
  const bool inside = turn.room.occupants.by_session(in.from) != nullptr;
  Refusal refusal;
  if (turn.room.affiliation_of(in.from) < Affiliation::admin)
    refusal = inside ? StanzaError{Condition::forbidden}
                     : StanzaError{xmpp::ErrorType::cancel, Condition::not_acceptable,
                                   "You are not in this room."};
  else if (form->type == DataForm::Type::submit)
    refusal = decide(turn, in, *form);
  else if (form->type != DataForm::Type::cancel)
    refusal = StanzaError{Condition::bad_request};
  if (refusal) turn.refuse(in, *refusal);
  return true;
}

void on_joined(Turn& turn, Occupant& occupant) {
  if (occupant.affiliation < Affiliation::admin) return;
  for (const auto& [applicant, text] : turn.room.people.with(waiting_key))
    turn.send(occupant.sessions.back().jid,
              approval_form(turn.room, applicant, Registration::read(text)));
}

}  // namespace

void ask_admins(Turn& turn, const xmpp::Jid& applicant, const Registration& said) {
  const base::Payload form = approval_form(turn.room, applicant, said);
  for (const auto& occupant : turn.room.occupants)
    if (occupant->affiliation >= Affiliation::admin)
      for (const Session& session : occupant->sessions) turn.send(session.jid, form);
}

extern const Feature registration_approval_feature{.name = "registration_approval",
                                                   .spec = "XEP-0045 9.9",
                                                   .on_joined = on_joined,
                                                   .handle_message = handle_message};

}  // namespace muc
