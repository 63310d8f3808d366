// SPDX-License-Identifier: Apache-2.0
// Registering with the room: who asks gets a reserved nick and is a member; or an admin is asked
// first, if the room wants that or the person could not enter as things are.
#include "muc/administration/register.h"
#include "muc/people/names.h"
#include "xmpp/ns.h"

namespace muc {
namespace {

using xmpp::Condition;
using xmpp::DataForm;
using xmpp::StanzaError;

constexpr Option choices[] = {{"open", "Whoever may enter; an admin decides about the others"},
                              {"approval", "Whom an admin approves of"},
                              {"closed", "Nobody"}};
const Setting<std::string> who_may{.var = "hansard#registration",
                                   .fallback = "open",
                                   .label = "Who may register a nickname and become a member",
                                   .options = choices};
const AnySetting settings[] = {who_may};
// Of one person. Everybody inside may hear of it, or every admin; and all of it is on record.
constexpr Pace registering{.burst = 5, .each = base::minutes(1)};

bool closed(const Room& room) { return room.settings.get(who_may) == "closed"; }

Refusal may_register(const Room& room, const xmpp::Jid& real) {
  const Affiliation affiliation = room.affiliation_of(real);
  if (affiliation == Affiliation::outcast || closed(room) || !real.has_local())
    return StanzaError{Condition::not_allowed, "You cannot register with this room."};
  // As a member in person one would be less than that, and stay it when the domain is not any more.
  if (affiliation >= Affiliation::admin && personal_affiliation(room, real) == Affiliation::none)
    return StanzaError{Condition::not_allowed, "Ask an admin to reserve a nickname for you."};
  return std::nullopt;
}

// A nick that an admin reserved where nicks are locked is not one's own to give up.
Refusal may_give_up(const Room& room, const xmpp::Jid& real) {
  const bool own = !room.people.get(real, registered_key).empty();
  if (own || reserved_nick(room, real).empty() || !locks_nicks(room) ||
      personal_affiliation(room, real) >= Affiliation::admin)
    return std::nullopt;
  return StanzaError{Condition::not_allowed, "This nickname was given to you."};
}

// Whether a member has a voice that this person has not.
bool gives_voice(const Room& room, const xmpp::Jid& real) {
  return role_on_entry(room, real, Affiliation::member) >
         role_on_entry(room, real, Affiliation::none);
}

bool needs_approval(const Room& room, const xmpp::Jid& real) {
  // What the domain is counts for nothing here: it may not be so for ever.
  const Affiliation affiliation = personal_affiliation(room, real);
  if (affiliation >= Affiliation::admin) return false;
  if (room.settings.get(who_may) == "approval") return true;
  if (affiliation < Affiliation::member && gives_voice(room, real)) return true;
  if (first_refusal<&Feature::gate_access>(room, real, affiliation)) return true;
  // Who does not know the password does not become a member past it.
  return room.occupants.by_session(real) == nullptr &&
         first_refusal<&Feature::gate_reading>(room, real, affiliation).has_value();
}

Refusal has_place(const Room& room, const xmpp::Jid& real, bool waits) {
  const StanzaError full{xmpp::ErrorType::wait, Condition::resource_constraint,
                         "No more registrations are taken right now."};
  const bool asked_before = !room.people.get(real, waiting_key).empty();
  if (waits) {
    const bool fits =
        room.people.count(waiting_key) < registrations_waiting_max && room.has_place_for(1);
    return asked_before || fits ? std::nullopt : Refusal(full);
  }
  std::size_t more = 0;
  if (room.affiliations.entry(real) == nullptr) ++more;
  if (room.people.get(real, registered_key).empty() && !asked_before) ++more;
  return room.has_place_for(more) ? std::nullopt : Refusal(full);
}

void give_form(Turn& turn, const Incoming& in) {
  const Room& room = turn.room;
  xmpp::Element query("query", xmpp::ns::registration);
  if (const auto nick = reserved_nick(room, in.from); !nick.empty()) {
    query.add("registered", xmpp::ns::registration);
    query.add("username", xmpp::ns::registration).set_text(nick);
    return turn.answer_read(in, std::move(query), {"registration", 1});
  }
  if (const auto refusal = may_register(room, in.from)) return turn.refuse(in, *refusal);
  const std::string instructions = "Say which nickname is to be yours in " + room.jid.str() + ".";
  query.add("instructions", xmpp::ns::registration).set_text(instructions);
  const auto asked = Registration::read(room.people.get(in.from, waiting_key));
  query.add(xmpp::to_element(DataForm{.type = DataForm::Type::form,
                                      .title = "Registration with " + room.jid.str(),
                                      .instructions = instructions,
                                      .fields = asked.fields()}));
  turn.answer_read(in, std::move(query),
                   {"registration", room.people.get(in.from, waiting_key).empty() ? 0 : 1});
}

std::optional<Registration> read_form(const xmpp::Element& query) {
  const xmpp::Element* x = query.child("x", xmpp::ns::data_form);
  const auto form = x == nullptr ? std::nullopt : xmpp::parse_form(*x);
  if (!form || form->type != DataForm::Type::submit || form->form_type() != registration_form)
    return std::nullopt;
  auto said = Registration::from(*form);
  if (said) said->nick = prepared_nick(said->nick);
  return said;
}

bool too_often(Turn& turn, const Incoming& in) {
  if (turn.room.registrations.take_turn(in.from.bare(), registering, turn.now)) return false;
  turn.refuse(in, {xmpp::ErrorType::wait, Condition::policy_violation,
                   "You have registered too often; wait a minute."});
  return true;
}

void submit(Turn& turn, const Incoming& in, const xmpp::Element& query) {
  Room& room = turn.room;
  if (const auto refusal = may_register(room, in.from)) return turn.refuse(in, *refusal);
  const auto said = read_form(query);
  if (!said) return turn.refuse(in, {Condition::bad_request, "Fill in the form of this room."});
  const bool waits = needs_approval(room, in.from);
  if (const auto refusal = may_give_up(room, in.from)) return turn.refuse(in, *refusal);
  if (const auto refusal = may_reserve(room, in.from, said->nick)) return turn.refuse(in, *refusal);
  if (const auto refusal = has_place(room, in.from, waits)) return turn.refuse(in, *refusal);
  if (waits && room.people.get(in.from, waiting_key) == said->text()) return turn.answer(in);
  if (too_often(turn, in)) return;
  Later later;
  if (waits)
    keep(turn, actor_of(room, in.from), in.from, {{waiting_key, said->text()}});
  else
    take_registration(turn, in.from, in.from.bare(), *said, later);
  turn.answer(in);
  if (waits) return ask_admins(turn, in.from.bare(), *said);
  tell(turn, later);
  rename_registered(turn, in.from);
}

void remove(Turn& turn, const Incoming& in) {
  const bool registered = !reserved_nick(turn.room, in.from).empty() ||
                          !turn.room.people.get(in.from, registered_key).empty() ||
                          !turn.room.people.get(in.from, waiting_key).empty();
  if (!registered) return turn.refuse(in, {Condition::registration_required});
  if (const auto refusal = may_give_up(turn.room, in.from)) return turn.refuse(in, *refusal);
  if (too_often(turn, in)) return;
  Later later;
  unregister(turn, in.from, later);
  turn.answer(in);
  tell(turn, later);
}

bool handle_iq(Turn& turn, const Incoming& in) {
  const xmpp::Element* query = in.stanza.child("query", xmpp::ns::registration);
  if (query == nullptr) return false;
  if (in.stanza.attr("type") == "get")
    give_form(turn, in);
  else if (query->child("remove", xmpp::ns::registration) != nullptr)
    remove(turn, in);
  else if (const auto* x = query->child("x", xmpp::ns::data_form);
           x != nullptr && x->attr("type") == "cancel")
    turn.answer(in);
  else
    submit(turn, in, *query);
  return true;
}

// Decided otherwise: nothing waits any more, and who is no member is not registered.
void on_affiliation(Turn& turn, const record::Actor& who, const xmpp::Jid& target) {
  Kept over{{waiting_key, ""}};
  if (turn.room.affiliations.of(target) < Affiliation::member)
    over.emplace_back(registered_key, "");
  keep(turn, who, target, over);
}

void disco(const Room& room, DiscoInfo& info) {
  if (closed(room)) return;
  info.features.emplace_back(xmpp::ns::registration);
  info.features.emplace_back(registration_form);
}

}  // namespace

extern const Feature registration_feature{.name = "registration",
                                          .spec = "XEP-0045 7.10, XEP-0077",
                                          .settings = settings,
                                          .disco = disco,
                                          .on_affiliation = on_affiliation,
                                          .handle_iq = handle_iq};

}  // namespace muc
