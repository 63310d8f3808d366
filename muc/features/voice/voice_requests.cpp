// SPDX-License-Identifier: Apache-2.0
// Asking for voice: a visitor's form goes to the moderators as one to approve, to those inside and
// to those who enter later; what one of them submits is done if it was asked for.
#include "muc/verbs/verbs.h"
#include "xmpp/data_form.h"
#include "xmpp/ns.h"
#include "xmpp/writer.h"

namespace muc {
namespace {

using xmpp::Condition;
using xmpp::DataForm;
using xmpp::FieldType;
using xmpp::StanzaError;

constexpr std::string_view request_form = "http://jabber.org/protocol/muc#request";
constexpr std::string_view voice = "participant";

base::Payload approval_form(const Room& room, const Occupant& asker, const xmpp::Jid& real) {
  DataForm form{.type = DataForm::Type::form,
                .title = "Request for voice in " + room.jid.str(),
                .instructions = "Submit this with the box checked to let this person speak."};
  form.fields = {
      {.var = "FORM_TYPE", .type = FieldType::hidden, .values = {std::string(request_form)}},
      {.var = "muc#role",
       .type = FieldType::list_single,
       .label = "Role asked for",
       .values = {std::string(voice)},
       .options = {{std::string(voice), "Participant"}}},
      {.var = "muc#jid", .type = FieldType::jid_single, .label = "Address", .values = {real.str()}},
      {.var = "muc#roomnick", .label = "Nickname", .values = {asker.nick()}},
      {.var = "muc#request_allow",
       .type = FieldType::boolean,
       .label = "Grant voice",
       .values = {"0"}}};
  xmpp::Element message("message", xmpp::ns::client);
  message.set_attr("from", room.jid.str());
  message.add(xmpp::to_element(form));
  return xmpp::to_payload(message, xmpp::ns::client);
}

void tell_moderator(Turn& turn, const Occupant& moderator, const base::Payload& form) {
  for (const Session& session : moderator.sessions) turn.send(session.jid, form);
}

Refusal ask(Turn& turn, const Incoming& in, const Occupant& asker, const DataForm& form) {
  if (form.value("muc#role") != voice)
    return StanzaError{Condition::bad_request, "Only the role of a participant can be asked for."};
  if (asker.role != Role::visitor)
    return StanzaError{Condition::unexpected_request, "You have voice already."};
  Room& room = turn.room;
  auto added = room.voice_requests.add(in.from, turn.now);
  if (added == VoiceRequests::Added::too_many) {  // perhaps of people who have left
    room.voice_requests.forget_if([&](const VoiceRequest& request) {
      return room.occupants.by_session(request.asker) == nullptr;
    });
    added = room.voice_requests.add(in.from, turn.now);
  }
  switch (added) {
    case VoiceRequests::Added::yes:
      break;
    case VoiceRequests::Added::too_soon:
      return StanzaError{xmpp::ErrorType::wait, Condition::policy_violation,
                         "You have just asked; wait a minute."};
    case VoiceRequests::Added::too_many:
      return StanzaError{xmpp::ErrorType::wait, Condition::resource_constraint,
                         "Too many people are asking for voice."};
  }
  turn.record(actor_of(asker, *asker.session(in.from)), record::VoiceRequested{"asked", {}});
  const base::Payload approval = approval_form(turn.room, asker, in.from);
  for (const auto& occupant : turn.room.occupants)
    if (occupant->role == Role::moderator) tell_moderator(turn, *occupant, approval);
  return std::nullopt;
}

// The form names its person by the address that the room put there; a nickname may be another's by
// now. What nobody asks for (any more) is dropped.
Refusal answer(Turn& turn, const Incoming& in, const Occupant& moderator, const DataForm& form) {
  Room& room = turn.room;
  if (moderator.role != Role::moderator) return StanzaError{Condition::forbidden};
  const auto allowed = xmpp::parse_boolean(form.value("muc#request_allow"));
  const auto asker = xmpp::Jid::parse(form.value("muc#jid"));
  if (!allowed || !asker) return StanzaError{Condition::bad_request};
  VoiceRequest* request = room.voice_requests.find(*asker, turn.now);
  if (request == nullptr) return std::nullopt;
  request->over = true;
  const auto actor = actor_of(moderator, *moderator.session(in.from));
  if (!*allowed) {
    turn.record(actor, record::VoiceRequested{"declined", request->asker});
    return std::nullopt;
  }
  const Occupant* occupant = room.occupants.by_session(request->asker);
  if (occupant == nullptr || occupant->role != Role::visitor) return std::nullopt;
  const RoleChange change{occupant->nick(), Role::participant};
  if (auto refusal = may_change(room, in.from, change)) return refusal;
  turn.record(actor, record::VoiceRequested{"granted", request->asker});
  Later later;
  apply(turn, in.from, change, later);
  tell(turn, later);
  return std::nullopt;
}

bool handle_message(Turn& turn, const Incoming& in) {
  const xmpp::Element* x = in.stanza.child("x", xmpp::ns::data_form);
  const auto form = x == nullptr ? std::nullopt : xmpp::parse_form(*x);
  if (!form || form->form_type() != request_form) return false;
  const Occupant* occupant = turn.room.occupants.by_session(in.from);
  if (occupant == nullptr) {
    turn.refuse(in,
                {xmpp::ErrorType::cancel, Condition::not_acceptable, "You are not in this room."});
    return true;
  }
  if (form->type == DataForm::Type::cancel) return true;
  Refusal refusal = StanzaError{Condition::bad_request};
  if (form->type == DataForm::Type::submit)
    refusal = form->field("muc#request_allow") != nullptr ? answer(turn, in, *occupant, *form)
                                                          : ask(turn, in, *occupant, *form);
  if (refusal) turn.refuse(in, *refusal);
  return true;
}

void on_joined(Turn& turn, Occupant& occupant) {
  if (occupant.role != Role::moderator) return;
  for (const VoiceRequest& request : turn.room.voice_requests.open(turn.now)) {
    const Occupant* asker = turn.room.occupants.by_session(request.asker);
    if (asker != nullptr && asker->role == Role::visitor)
      turn.send(occupant.sessions.back().jid, approval_form(turn.room, *asker, request.asker));
  }
}

}  // namespace

extern const Feature voice_requests_feature{.name = "voice_requests",
                                            .spec = "XEP-0045 7.13, 8.6",
                                            .on_joined = on_joined,
                                            .handle_message = handle_message};

}  // namespace muc
