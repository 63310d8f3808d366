// SPDX-License-Identifier: Apache-2.0
// Requests in http://jabber.org/protocol/muc#owner, XEP-0045 10.1, 10.2: the configuration form,
// made of the settings that the features declare, and the end of the room.
#include <algorithm>

#include "muc/administration/config_lists.h"
#include "muc/administration/notice.h"
#include "muc/verbs/verbs.h"
#include "xmpp/data_form.h"
#include "xmpp/ns.h"
#include "xmpp/writer.h"

namespace muc {
namespace {

using xmpp::Condition;
using xmpp::StanzaError;

constexpr std::size_t password_bytes_max = 1000;  // what a room's own may have
constexpr std::string_view form_type = "http://jabber.org/protocol/muc#roomconfig";

template <class F>
void for_each_setting(F&& f) {
  for (const Feature* feature : all_features())
    for (const auto& setting : feature->settings) f(setting);
}

void give_form(Turn& turn, const Incoming& in) {
  xmpp::DataForm form{.type = xmpp::DataForm::Type::form,
                      .title = "Configuration of " + turn.room.jid.str()};
  form.fields.push_back(
      {.var = "FORM_TYPE", .type = xmpp::FieldType::hidden, .values = {std::string(form_type)}});
  for_each_setting([&](const AnySetting& setting) {
    if (!setting.internal)
      form.fields.push_back(setting.to_field(turn.room.settings.text(setting)));
  });
  add_list_fields(turn.room, form);
  const auto fields = static_cast<std::int64_t>(form.fields.size());
  xmpp::Element query("query", xmpp::ns::muc_owner);
  query.add(xmpp::to_element(form));
  turn.answer_read(in, std::move(query), {"configuration", fields});
}

// What the form makes of the settings; all of it or nothing.
base::Result<Settings, StanzaError> proposed_by(const Room& room, const xmpp::DataForm& form) {
  const auto type = form.form_type();
  if (!type.empty() && type != form_type) return base::fail(StanzaError{Condition::bad_request});
  Settings proposed = room.settings;
  for (const auto& field : form.fields) {
    const AnySetting* setting = find_setting(field.var);
    if (setting == nullptr || setting->internal) continue;  // XEP-0004: unknown fields are ignored
    auto text = setting->parse(field);
    if (!text) return base::fail(StanzaError{Condition::bad_request, "Bad value: " + field.var});
    proposed.set(*setting, std::move(*text));
  }
  if (auto refusal = first_refusal<&Feature::gate_config>(room, proposed))
    return base::fail(std::move(*refusal));
  return proposed;
}

struct Difference {
  record::ConfigChanged event;
  Codes codes;
};

Difference difference(const Settings& before, const Settings& after) {
  Difference found;
  for_each_setting([&](const AnySetting& setting) {
    const auto old_value = before.text(setting);
    const auto new_value = after.text(setting);
    if (old_value == new_value) return;
    found.event.changes.push_back(
        {std::string(setting.var), std::string(old_value), std::string(new_value), setting.secret});
    const Status status =
        setting.status == nullptr ? Status::config_changed : setting.status(new_value);
    if (std::find(found.codes.begin(), found.codes.end(), status) == found.codes.end())
      found.codes.push_back(status);
  });
  return found;
}

void take_settings(Turn& turn, const Incoming& in, Settings proposed,
                   const std::vector<AffiliationChange>& changes) {
  Room& room = turn.room;
  const record::Actor who = actor_of(room, in.from);  // who may give ownership up with this
  // Told as people see each other until now: the settings may hide addresses.
  Later later;
  std::vector<const AffiliationChange*> moves;
  for (const auto& change : changes) moves.push_back(&change);
  const auto absent = absentees(room, in.from, moves);
  for (const auto& change : changes) apply(turn, in.from, change, later);
  const bool was_locked = room.settings.get(locked);
  proposed.set(locked, SettingText::write(false));
  const Settings before = std::exchange(room.settings, std::move(proposed));
  auto [event, codes] = difference(before, room.settings);
  if (was_locked) event.changes.push_back({std::string(locked.var), "1", "0", false});
  const bool changed = !event.changes.empty();
  if (changed) turn.record(who, std::move(event));
  turn.answer(in);
  if (!later.empty()) tell(turn, later);
  tell_absentees(turn, in.from, absent);
  if (!changed || room.destroyed) return;
  // Who has to go by this goes first, and neither sees nor shows more than before.
  for_each_hook<&Feature::on_config>(turn, before);
  const bool showed_jids = room.shows_jids;
  room.refresh_settings();
  if (room.shows_jids != showed_jids)
    for (const auto& occupant : room.occupants) {
      refresh(room, *occupant);
      turn.seat(*occupant);
    }
  if (!codes.empty() && !was_locked)
    turn.broadcast(xmpp::to_payload(status_message(room, codes), xmpp::ns::client));
  after_leaving(turn);
}

void submit(Turn& turn, const Incoming& in, const xmpp::DataForm& form) {
  auto proposed = proposed_by(turn.room, form);
  if (!proposed) return turn.refuse(in, proposed.error());
  const auto changes = list_changes(turn.room, in.from, form);
  if (!changes) return turn.refuse(in, changes.error());
  take_settings(turn, in, std::move(*proposed), *changes);
}

void cancel(Turn& turn, const Incoming& in) {
  turn.answer(in);
  if (turn.room.settings.get(locked)) destroy(turn, actor_of(turn.room, in.from), {});
}

void destroy_request(Turn& turn, const Incoming& in, const xmpp::Element& wish) {
  Destruction what{.reason = child_text(wish, "reason", xmpp::ns::muc_owner).value_or("")};
  if (what.reason.size() > reason_bytes_max)
    return turn.refuse(in, {Condition::policy_violation, "The reason is too long."});
  if (const std::string* jid = wish.find_attr("jid"); jid != nullptr && !jid->empty()) {
    const auto alternate = xmpp::Jid::parse(*jid);
    if (!alternate) return turn.refuse(in, {Condition::jid_malformed});
    what.alternate = *alternate;
    what.password = child_text(wish, "password", xmpp::ns::muc_owner).value_or("");
    if (what.password.size() > password_bytes_max)
      return turn.refuse(in, {Condition::policy_violation, "The password is too long."});
  }
  destroy(turn, actor_of(turn.room, in.from), what);
  turn.answer(in);
}

}  // namespace

void owner_request(Turn& turn, const Incoming& in) {
  if (turn.room.affiliation_of(in.from) != Affiliation::owner)
    return turn.refuse(in, {Condition::forbidden});
  const xmpp::Element& query = *in.stanza.child("query", xmpp::ns::muc_owner);
  if (in.stanza.attr("type") == "get") return give_form(turn, in);
  if (const auto* wish = query.child("destroy", xmpp::ns::muc_owner))
    return destroy_request(turn, in, *wish);
  const xmpp::Element* x = query.child("x", xmpp::ns::data_form);
  const auto form = x == nullptr ? std::nullopt : xmpp::parse_form(*x);
  if (form && form->type == xmpp::DataForm::Type::submit) return submit(turn, in, *form);
  if (form && form->type == xmpp::DataForm::Type::cancel) return cancel(turn, in);
  turn.refuse(in, {Condition::bad_request});
}

}  // namespace muc
