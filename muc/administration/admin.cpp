// SPDX-License-Identifier: Apache-2.0
// Requests in http://jabber.org/protocol/muc#admin, XEP-0045 8 and 9: changes of affiliations and
// roles. A set is taken whole or not at all (9.2, BI-MUC-26). Lists are in lists.cpp.
#include <string_view>
#include <unordered_set>
#include <variant>

#include "muc/administration/changes.h"
#include "muc/administration/lists.h"
#include "muc/administration/notice.h"
#include "muc/people/names.h"
#include "muc/refusals.h"
#include "muc/verbs/verbs.h"
#include "xmpp/ns.h"

namespace muc {
namespace {

using xmpp::Condition;
using xmpp::StanzaError;
using Change = std::variant<AffiliationChange, RoleChange>;

base::Result<Change, StanzaError> affiliation_item(const Room& room, const xmpp::Element& item,
                                                   Affiliation to, std::string reason) {
  AffiliationChange change{.to = to, .reason = std::move(reason)};
  const std::string* nick = item.find_attr("nick");
  if (const std::string* jid = item.find_attr("jid")) {
    const auto parsed = xmpp::Jid::parse(*jid);
    if (!parsed) return base::fail(StanzaError{Condition::jid_malformed});
    change.target = parsed->bare();
    if (nick == nullptr) return Change{std::move(change)};
    // To be reserved: only what its holder could enter under.
    const auto prepared = prepared_nick(*nick);
    if (!nick->empty() && !acceptable_nick(prepared, room.world.config.limits.nick_bytes))
      return base::fail(StanzaError{Condition::jid_malformed, "This nickname cannot be used."});
    change.nick = prepared;
    return Change{std::move(change)};
  }
  // By the nick of one who is inside.
  if (nick == nullptr) return base::fail(StanzaError{Condition::bad_request});
  const Occupant* occupant = room.occupants.by_nick(prepared_nick(*nick));
  if (occupant == nullptr) return base::fail(StanzaError{Condition::item_not_found});
  change.target = occupant->real();
  return Change{std::move(change)};
}

base::Result<Change, StanzaError> parse_item(const Room& room, const xmpp::Element& item) {
  const bool has_affiliation = item.find_attr("affiliation") != nullptr;
  const bool has_role = item.find_attr("role") != nullptr;
  if (has_affiliation == has_role) return base::fail(StanzaError{Condition::bad_request});
  std::string reason = child_text(item, "reason", xmpp::ns::muc_admin).value_or("");
  if (reason.size() > reason_bytes_max)
    return base::fail(StanzaError{Condition::policy_violation, "The reason is too long."});
  if (has_affiliation) {
    const auto to = parse_affiliation(item.attr("affiliation"));
    if (!to) return base::fail(StanzaError{Condition::bad_request});
    return affiliation_item(room, item, *to, std::move(reason));
  }
  const auto to = parse_role(item.attr("role"));
  const std::string* nick = item.find_attr("nick");
  if (!to || nick == nullptr) return base::fail(StanzaError{Condition::bad_request});
  return Change{RoleChange{prepared_nick(*nick), *to, std::move(reason)}};
}

base::Result<std::vector<Change>, StanzaError> parse_set(const Room& room,
                                                         const xmpp::Element& query) {
  std::vector<Change> changes;
  std::optional<StanzaError> wrong;
  query.for_each_child([&](const xmpp::Element& item) {
    if (wrong || !item.is("item", xmpp::ns::muc_admin)) return;
    auto change = parse_item(room, item);
    if (change)
      changes.push_back(std::move(*change));
    else
      wrong = change.error();
  });
  if (!wrong && changes.empty()) wrong = StanzaError{Condition::bad_request};
  if (wrong) return base::fail(std::move(*wrong));
  return changes;
}

// What is wrong with the changes taken together.
Refusal may_change_together(const Room& room, const std::vector<Change>& changes) {
  std::vector<AffiliationChange> affiliations;
  std::vector<Reservation> nicks;
  for (const auto& change : changes)
    if (const auto* affiliation = std::get_if<AffiliationChange>(&change))
      affiliations.push_back(*affiliation);
  for (const auto& change : affiliations)
    if (change.nick && !change.nick->empty()) nicks.push_back({*change.nick, change.target});
  if (auto refusal = first_refusal<&Feature::gate_reservations>(room, nicks)) return refusal;
  if (auto refusal = needs_place(room, affiliations)) return refusal;
  return needs_owner(room, affiliations);
}

xmpp::Element to_item(const RoleChange& change) {
  xmpp::Element item("item", xmpp::ns::muc_admin);
  item.set_attr("nick", change.nick).set_attr("role", record::name(change.to));
  return item;
}

xmpp::Element to_item(const AffiliationChange& change) {
  xmpp::Element item("item", xmpp::ns::muc_admin);
  item.set_attr("affiliation", record::name(change.to)).set_attr("jid", change.target.str());
  return item;
}

// The first that may not be, to one who is told which it is (8.4). False if there is none.
bool refuse_one(Turn& turn, const Incoming& in, const std::vector<Change>& changes) {
  for (const auto& change : changes) {
    const auto refusal =
        std::visit([&](const auto& c) { return may_change(turn.room, in.from, c); }, change);
    if (!refusal) continue;
    auto reply = xmpp::error_reply(in.stanza, *refusal);
    xmpp::Element query("query", xmpp::ns::muc_admin);
    query.add(std::visit([](const auto& c) { return to_item(c); }, change));
    auto& nodes = reply->nodes();
    nodes.insert(nodes.begin(), std::move(query));
    turn.send(in.from, *reply);
    note_refusal(turn, in, refusal->condition);
    return true;
  }
  return false;
}

std::vector<xmpp::Jid> new_members(const Room& room, const std::vector<Change>& changes) {
  std::vector<xmpp::Jid> found;
  std::unordered_set<std::string_view> named;
  for (const auto& change : changes) {
    const auto* affiliation = std::get_if<AffiliationChange>(&change);
    if (affiliation != nullptr && to_be_invited(room, *affiliation) &&
        named.insert(affiliation->target.str()).second)
      found.push_back(affiliation->target);
  }
  return found;
}

std::vector<const AffiliationChange*> affiliations_among(const std::vector<Change>& changes) {
  std::vector<const AffiliationChange*> found;
  for (const auto& change : changes)
    if (const auto* affiliation = std::get_if<AffiliationChange>(&change))
      found.push_back(affiliation);
  return found;
}

void change_all(Turn& turn, const Incoming& in, const xmpp::Element& query) {
  const auto changes = parse_set(turn.room, query);
  if (!changes) return turn.refuse(in, changes.error());
  if (refuse_one(turn, in, *changes)) return;
  if (const auto refusal = may_change_together(turn.room, *changes))
    return turn.refuse(in, *refusal);
  const auto members = new_members(turn.room, *changes);
  const auto absent = absentees(turn.room, in.from, affiliations_among(*changes));
  Later later;
  for (const auto& change : *changes)
    std::visit([&](const auto& c) { apply(turn, in.from, c, later); }, change);
  turn.answer(in);  // before the others hear of it: 8.2, 9.1
  tell(turn, later);
  if (turn.room.destroyed) return;  // who changed this was the last in a room that is not kept
  invite_members(turn, in.from, members);
  tell_absentees(turn, in.from, absent);
}

}  // namespace

void admin_request(Turn& turn, const Incoming& in) {
  const xmpp::Element& query = *in.stanza.child("query", xmpp::ns::muc_admin);
  if (in.stanza.attr("type") == "get")
    give_list(turn, in, query);
  else
    change_all(turn, in, query);
}

}  // namespace muc
