// SPDX-License-Identifier: Apache-2.0
// Hats: what people in this room are besides their roles. They stand in presence; admins keep the
// list and say who wears which, by ad-hoc commands.
#include "muc/state/hats.h"

#include <algorithm>

#include "base/crypto.h"
#include "muc/administration/commands.h"
#include "xmpp/ns.h"
#include "xmpp/writer.h"

namespace muc {
namespace {

using xmpp::Condition;
using xmpp::DataForm;
using xmpp::FieldType;
using xmpp::FormField;
using xmpp::StanzaError;
using Outcome = RoomCommand::Outcome;

constexpr std::string_view form_type = "urn:xmpp:hats:commands";
const AnySetting settings[] = {hats_setting};

using Uris = std::vector<std::string>;

const std::optional<xmpp::Element> done;  // nothing is to be shown
// Everybody who wears the hat is told to everybody.
constexpr Pace changes{.burst = 5, .each = base::seconds(10)};
constexpr std::size_t rows_max = 500;  // of a list that is an answer

Uris worn_by(const Room& room, const xmpp::Jid& real) {
  Uris uris;
  SettingText::read(room.people.get(real, hats_key), uris);
  return uris;
}

template <class Hats>
auto find_hat(Hats& hats, std::string_view uri) {
  return std::find_if(hats.begin(), hats.end(), [&](const Hat& hat) { return hat.uri == uri; });
}

void decorate_presence(const Room& room, const Occupant& occupant, xmpp::Element& presence) {
  const Uris worn = worn_by(room, occupant.sessions.front().jid);
  if (worn.empty()) return;
  xmpp::Element& all = presence.add("hats", xmpp::ns::hats);
  for (const Hat& hat : hats_of(room.settings)) {
    if (std::find(worn.begin(), worn.end(), hat.uri) == worn.end()) continue;
    xmpp::Element& shown = all.add("hat", xmpp::ns::hats);
    shown.set_attr("uri", hat.uri).set_attr("title", hat.title);
    if (!hat.hue.empty()) shown.set_attr("hue", hat.hue);
  }
}

void show(Turn& turn, const xmpp::Jid& person) {
  for (Occupant* occupant : turn.room.occupants.of(person)) announce(turn, *occupant);
}

// ---- the list

Refusal too_often(Turn& turn, const Incoming& in, const std::vector<xmpp::Jid>& people) {
  if (people.empty() || turn.room.hat_lists.take_turn(in.from.bare(), changes, turn.now))
    return std::nullopt;
  return StanzaError{xmpp::ErrorType::wait, Condition::policy_violation,
                     "You have changed hats too often; wait ten seconds."};
}

// On record, and told to everybody: 104, and those who wear `uri` as they are now.
void set_list(Turn& turn, const Incoming& in, const std::vector<Hat>& hats) {
  Room& room = turn.room;
  Uris texts;
  for (const Hat& hat : hats) texts.push_back(hat.text());
  const std::string now = SettingText::write(texts);
  const AnySetting setting = hats_setting;
  const std::string before(room.settings.text(setting));
  room.settings.set(setting, now);
  turn.record(actor_of(room, in.from),
              record::ConfigChanged{{{std::string(setting.var), before, now, false}}});
  turn.broadcast(
      xmpp::to_payload(status_message(room, {Status::config_changed}), xmpp::ns::client));
}

std::vector<xmpp::Jid> wearers(const Room& room, const std::string& uri) {
  std::vector<xmpp::Jid> found;
  for (const auto& [person, text] : room.people.with(hats_key)) {
    const Uris worn = worn_by(room, person);
    if (std::find(worn.begin(), worn.end(), uri) != worn.end()) found.push_back(person);
  }
  return found;
}

void set_worn(Turn& turn, const Incoming& in, const xmpp::Jid& person, const Uris& uris) {
  keep(turn, actor_of(turn.room, in.from), person, {{hats_key, SettingText::write(uris)}});
}

Outcome create(Turn& turn, const Incoming& in, const DataForm& form) {
  const Hat hat{std::string(form.value("hats#uri")), std::string(form.value("hats#title")),
                std::string(form.value("hats#hue"))};
  if (!hat.acceptable())
    return base::fail(StanzaError{Condition::bad_request, "A hat has a URI and a title."});
  auto hats = hats_of(turn.room.settings);
  const auto at = find_hat(hats, hat.uri);
  if (at != hats.end() && at->text() == hat.text()) return done;
  if (at == hats.end() && hats.size() >= hats_max)
    return base::fail(StanzaError{Condition::resource_constraint, "There are hats enough."});
  const auto people = wearers(turn.room, hat.uri);
  if (auto refusal = too_often(turn, in, people)) return base::fail(std::move(*refusal));
  if (at == hats.end())
    hats.push_back(hat);
  else
    *at = hat;
  set_list(turn, in, hats);
  for (const auto& person : people) show(turn, person);
  return done;
}

Outcome destroy_hat(Turn& turn, const Incoming& in, const DataForm& form) {
  const std::string uri(form.value("hats#uri"));
  auto hats = hats_of(turn.room.settings);
  const auto at = find_hat(hats, uri);
  if (at == hats.end()) return base::fail(StanzaError{Condition::item_not_found});
  const auto people = wearers(turn.room, uri);
  if (auto refusal = too_often(turn, in, people)) return base::fail(std::move(*refusal));
  for (const auto& person : people) {
    Uris worn = worn_by(turn.room, person);
    std::erase(worn, uri);
    set_worn(turn, in, person, worn);
  }
  hats.erase(at);
  set_list(turn, in, hats);
  for (const auto& person : people) show(turn, person);
  return done;
}

// ---- who wears which

struct Wish {
  xmpp::Jid person;
  std::string uri;
};
std::optional<Wish> read_wish(const DataForm& form) {
  const auto jid = xmpp::Jid::parse(form.value("hats#jid"));
  if (!jid || !jid->has_local() || form.value("hats#uri").empty()) return std::nullopt;
  return Wish{jid->bare(), std::string(form.value("hats#uri"))};
}

Outcome assign(Turn& turn, const Incoming& in, const DataForm& form) {
  const auto wish = read_wish(form);
  if (!wish) return base::fail(StanzaError{Condition::bad_request, "Say who, and which hat."});
  const auto hats = hats_of(turn.room.settings);
  if (find_hat(hats, wish->uri) == hats.end())
    return base::fail(StanzaError{Condition::item_not_found, "There is no such hat."});
  Uris worn = worn_by(turn.room, wish->person);
  if (std::find(worn.begin(), worn.end(), wish->uri) != worn.end()) return done;
  if (worn.size() >= hats_worn_max || !turn.room.has_place_for(worn.empty() ? 1 : 0))
    return base::fail(StanzaError{xmpp::ErrorType::wait, Condition::resource_constraint});
  worn.push_back(wish->uri);
  set_worn(turn, in, wish->person, worn);
  show(turn, wish->person);
  return done;
}

Outcome unassign(Turn& turn, const Incoming& in, const DataForm& form) {
  const auto wish = read_wish(form);
  if (!wish) return base::fail(StanzaError{Condition::bad_request, "Say who, and which hat."});
  Uris worn = worn_by(turn.room, wish->person);
  if (std::erase(worn, wish->uri) == 0) return base::fail(StanzaError{Condition::item_not_found});
  set_worn(turn, in, wish->person, worn);
  show(turn, wish->person);
  return done;
}

// ---- lists and forms

void add_field(xmpp::Element& to, std::string_view var, std::string_view value) {
  to.add("field", xmpp::ns::data_form)
      .set_attr("var", var)
      .add("value", xmpp::ns::data_form)
      .set_text(value);
}

void add_hat(xmpp::Element& item, const Hat& hat) {
  add_field(item, "hats#uri", hat.uri);
  add_field(item, "hats#title", hat.title);
  if (!hat.hue.empty()) add_field(item, "hats#hue", hat.hue);
}

xmpp::Element table(std::string_view title, bool with_people) {
  xmpp::Element x("x", xmpp::ns::data_form);
  x.set_attr("type", "result");
  x.add("title", xmpp::ns::data_form).set_text(title);
  xmpp::Element& reported = x.add("reported", xmpp::ns::data_form);
  if (with_people) reported.add("field", xmpp::ns::data_form).set_attr("var", "hats#jid");
  for (const auto var : {"hats#uri", "hats#title", "hats#hue"})
    reported.add("field", xmpp::ns::data_form).set_attr("var", var);
  return x;
}

Outcome list(Turn& turn, const Incoming&, const DataForm&) {
  xmpp::Element x = table("Hats", false);
  for (const Hat& hat : hats_of(turn.room.settings))
    add_hat(x.add("item", xmpp::ns::data_form), hat);
  return std::optional(std::move(x));
}

Outcome list_assigned(Turn& turn, const Incoming&, const DataForm&) {
  xmpp::Element x = table("Who wears which hat", true);
  const auto hats = hats_of(turn.room.settings);
  std::size_t rows = 0;
  for (const auto& [person, text] : turn.room.people.with(hats_key))
    for (const auto& uri : worn_by(turn.room, person)) {
      const auto hat = find_hat(hats, uri);
      if (hat == hats.end()) continue;
      if (++rows > rows_max)
        return base::fail(StanzaError{xmpp::ErrorType::cancel, Condition::resource_constraint,
                                      "Too many people wear hats to list them in one answer."});
      xmpp::Element& item = x.add("item", xmpp::ns::data_form);
      add_field(item, "hats#jid", person.str());
      add_hat(item, *hat);
    }
  return std::optional(std::move(x));
}

DataForm empty_form(std::string title) {
  return {.type = DataForm::Type::form,
          .title = std::move(title),
          .fields = {
              {.var = "FORM_TYPE", .type = FieldType::hidden, .values = {std::string(form_type)}}}};
}

FormField which(const Room& room) {
  FormField field{
      .var = "hats#uri", .type = FieldType::list_single, .label = "Hat", .required = true};
  for (const Hat& hat : hats_of(room.settings)) field.options.emplace_back(hat.uri, hat.title);
  return field;
}

DataForm create_form(const Room&) {
  DataForm form = empty_form("Make or change a hat");
  form.fields.push_back({.var = "hats#title", .label = "Title", .required = true});
  form.fields.push_back({.var = "hats#uri", .label = "URI that names it", .required = true});
  form.fields.push_back({.var = "hats#hue", .label = "Hue, in degrees"});
  return form;
}

DataForm destroy_form(const Room& room) {
  DataForm form = empty_form("Take a hat off the list");
  form.fields.push_back(which(room));
  return form;
}

DataForm wish_form(const Room& room) {
  DataForm form = empty_form("Somebody's hat");
  form.fields.push_back(
      {.var = "hats#jid", .type = FieldType::jid_single, .label = "Address", .required = true});
  form.fields.push_back(which(room));
  return form;
}

bool admins(const Room& room, const xmpp::Jid& real) {
  return room.affiliation_of(real) >= Affiliation::admin;
}

bool whoever_may_enter(const Room& room, const xmpp::Jid& real) {
  return !first_refusal<&Feature::gate_access>(room, real, room.affiliation_of(real));
}

constexpr RoomCommand commands[] = {
    {"urn:xmpp:hats:commands:create", "Make or change a hat", admins, create_form, create},
    {"urn:xmpp:hats:commands:destroy", "Take a hat off the list", admins, destroy_form,
     destroy_hat},
    {"urn:xmpp:hats:commands:list", "List the hats", whoever_may_enter, nullptr, list},
    {"urn:xmpp:hats:commands:assign", "Give somebody a hat", admins, wish_form, assign},
    {"urn:xmpp:hats:commands:unassign", "Take a hat from somebody", admins, wish_form, unassign},
    {"urn:xmpp:hats:commands:list-assigned", "List who wears which hat", admins, nullptr,
     list_assigned},
};

// The banned wear none.
void on_affiliation(Turn& turn, const record::Actor& who, const xmpp::Jid& target) {
  if (turn.room.affiliations.of(target) == Affiliation::outcast)
    keep(turn, who, target, {{hats_key, ""}});
}

void disco(const Room& room, DiscoInfo& info) {
  info.features.emplace_back(xmpp::ns::hats);
  const std::string_view hats = room.settings.text(hats_setting);
  if (hats.empty()) return;
  info.roominfo.push_back({.var = "hats#hash",
                           .label = "Hash of the list of hats",
                           .values = {base::hex(base::as_chars(base::sha256(hats)))}});
}

}  // namespace

std::span<const RoomCommand> hat_commands() { return commands; }

extern const Feature hats_feature{.name = "hats",
                                  .spec = "XEP-0317",
                                  .settings = settings,
                                  .disco = disco,
                                  .decorate_presence = decorate_presence,
                                  .on_affiliation = on_affiliation};

}  // namespace muc
