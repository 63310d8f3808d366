// SPDX-License-Identifier: Apache-2.0
// The lists of admins and of owners in the owner's form, XEP-0045 10.2: what is given is the whole
// list, so who is left out of it is a member from then on. A field left out changes nothing.
#include "muc/administration/config_lists.h"

#include <map>

#include "base/crypto.h"
#include "muc/administration/changes.h"

namespace muc {
namespace {

using xmpp::Condition;
using xmpp::StanzaError;

struct List {
  std::string_view var, label;
  Affiliation affiliation;
};
constexpr List lists[] = {
    {"muc#roomconfig_roomadmins", "Admins: all of them", Affiliation::admin},
    {"muc#roomconfig_roomowners", "Owners: all of them", Affiliation::owner},
};

// A longer list is not in the form: the answer, and what a client makes of it, would be too long.
constexpr std::size_t listed_max = 1000;
// Which lists the form was made of, as a client sends it back.
constexpr std::string_view lists_var = "hansard#lists";

// By bare JID or domain; nullopt if one is no JID.
using Wanted = std::map<xmpp::Jid, Affiliation>;
Refusal read(const List& list, const xmpp::FormField& field, Wanted& wanted) {
  for (const auto& value : field.values) {
    if (value.empty()) continue;
    const auto jid = xmpp::Jid::parse(value);
    if (!jid) return StanzaError{Condition::jid_malformed, "No address: " + value};
    const auto [at, fresh] = wanted.emplace(jid->bare(), list.affiliation);
    if (!fresh && at->second != list.affiliation)
      return StanzaError{Condition::conflict, "Somebody is both admin and owner."};
  }
  return std::nullopt;
}

std::string fingerprint(const Wanted& all) {
  std::string text;
  for (const auto& [jid, affiliation] : all)
    text += std::string(record::name(affiliation)) + ' ' + jid.str() + '\n';
  return base::hex(base::as_chars(base::sha256(text))).substr(0, 32);
}

bool is_listed(const Room& room, const List& list) {
  return room.affiliations.count(list.affiliation) <= listed_max;
}

Wanted lists_of(const Room& room) {
  Wanted all;
  for (const List& list : lists)
    if (is_listed(room, list))
      for (const auto* entry : room.affiliations.listed(list.affiliation))
        all.emplace(entry->first, list.affiliation);
  return all;
}

}  // namespace

void add_list_fields(const Room& room, xmpp::DataForm& form) {
  form.fields.push_back({.var = std::string(lists_var),
                         .type = xmpp::FieldType::hidden,
                         .values = {fingerprint(lists_of(room))}});
  for (const List& list : lists) {
    if (!is_listed(room, list)) {
      form.fields.push_back({.type = xmpp::FieldType::fixed,
                             .values = {std::string(list.label.substr(0, list.label.find(':'))) +
                                        ": too many for this form; ask for the list of them."}});
      continue;
    }
    xmpp::FormField field{.var = std::string(list.var),
                          .type = xmpp::FieldType::jid_multi,
                          .label = std::string(list.label)};
    for (const auto* entry : room.affiliations.listed(list.affiliation))
      field.values.push_back(entry->first.str());
    form.fields.push_back(std::move(field));
  }
}

base::Result<std::vector<AffiliationChange>, StanzaError> list_changes(const Room& room,
                                                                       const xmpp::Jid& actor,
                                                                       const xmpp::DataForm& form) {
  Wanted wanted;
  for (const List& list : lists)
    if (const xmpp::FormField* field = form.field(list.var))
      if (auto refusal = read(list, *field, wanted)) return base::fail(std::move(*refusal));

  // Who sends back the lists as they were given means nothing by that, whatever became of them.
  const auto given = form.value(lists_var);
  if (!given.empty() && given == fingerprint(wanted)) return std::vector<AffiliationChange>{};
  if (!given.empty() && given != fingerprint(lists_of(room)))
    return base::fail(
        StanzaError{Condition::conflict, "The lists have changed; fetch the form again."});
  std::vector<AffiliationChange> changes;
  // First those who rise, so that whoever hears of them does so as an owner.
  for (const auto& [jid, affiliation] : wanted) {
    const auto* entry = room.affiliations.entry(jid);
    if (entry == nullptr || entry->affiliation != affiliation)
      changes.push_back({jid, affiliation});
  }
  for (const List& list : lists) {
    if (form.field(list.var) == nullptr) continue;
    for (const auto* entry : room.affiliations.listed(list.affiliation))
      if (!wanted.contains(entry->first)) changes.push_back({entry->first, Affiliation::member});
  }
  for (const auto& change : changes)
    if (auto refusal = may_change(room, actor, change)) return base::fail(std::move(*refusal));
  if (auto refusal = needs_owner(room, changes)) return base::fail(std::move(*refusal));
  if (auto refusal = needs_place(room, changes)) return base::fail(std::move(*refusal));
  return changes;
}

}  // namespace muc
