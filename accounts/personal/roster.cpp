// SPDX-License-Identifier: Apache-2.0
#include "accounts/personal/roster.h"

#include <algorithm>
#include <array>

#include "accounts/personal/limits.h"
#include "accounts/personal/space.h"
#include "base/crypto.h"
#include "xmpp/ns.h"
#include "xmpp/writer.h"

namespace accounts {
namespace {

namespace ns = xmpp::ns;
using xmpp::Condition;
using xmpp::Element;
using xmpp::ErrorType;
using xmpp::Jid;
using xmpp::StanzaError;

Element item(const Jid& jid, const Contact& contact) {
  Element item("item", ns::roster);
  item.set_attr("jid", jid.str());
  if (!contact.name.empty()) item.set_attr("name", contact.name);
  item.set_attr("subscription", "none");
  for (const auto& group : contact.groups) item.add("group", ns::roster).set_text(group);
  return item;
}

Answer get(Turn& turn) {
  turn.state.listeners[turn.from].wants_roster = true;
  const std::string ver = roster_version(turn.data());
  if (const std::string* known = turn.payload().find_attr("ver"); known != nullptr && *known == ver)
    return turn.result();  // §2.6.3: nothing has changed
  Element query("query", ns::roster);
  query.set_attr("ver", ver);
  for (const auto& [jid, contact] : turn.data().roster) query.add(item(jid, contact));
  return turn.result(std::move(query));
}

// §2.1.6: to all who asked for the roster, whoever made the change included.
void push(Turn& turn, const Element& item) {
  const std::string ver = roster_version(turn.data());
  for (const auto& [jid, listener] : turn.state.listeners) {
    if (!listener.wants_roster) continue;
    Element iq("iq", ns::client);
    iq.set_attr("type", "set").set_attr("id", "push-" + std::to_string(++turn.state.questions));
    iq.set_attr("from", turn.state.account.str()).set_attr("to", jid.str());
    iq.add("query", ns::roster).set_attr("ver", ver).add(item);
    turn.effects.stanzas.push_back(std::move(iq));
  }
}

// §2.3.3
std::optional<StanzaError> read_groups(const Element& item, std::vector<std::string>& groups) {
  std::optional<StanzaError> wrong;
  item.for_each_child([&](const Element& child) {
    if (wrong || !child.is("group", ns::roster)) return;
    std::string name = child.text();
    if (name.empty())
      wrong = StanzaError{Condition::not_acceptable, "A group needs a name."};
    else if (name.size() > limits::group_bytes)
      wrong = StanzaError{Condition::not_acceptable, "The name of a group is too long."};
    else if (std::ranges::find(groups, name) != groups.end())
      wrong = StanzaError{Condition::bad_request, "A group is named twice."};
    else if (groups.size() == limits::groups_per_contact)
      wrong = StanzaError{Condition::not_acceptable, "These are too many groups."};
    else
      groups.push_back(std::move(name));
  });
  return wrong;
}

Answer remove(Turn& turn, const Jid& jid) {
  if (turn.data().roster.erase(jid) == 0) return StanzaError{Condition::item_not_found};  // §2.5.3
  turn.record(
      record::RosterChanged{.localpart = turn.localpart(), .contact = jid, .removed = true});
  Element gone("item", ns::roster);
  gone.set_attr("jid", jid.str()).set_attr("subscription", "remove");
  push(turn, gone);
  return turn.result();
}

Answer put(Turn& turn, const Jid& jid, const Element& wanted) {
  Contact contact{.name = std::string(wanted.attr("name"))};
  if (contact.name.size() > limits::contact_name_bytes)
    return StanzaError{Condition::not_acceptable, "The name is too long."};
  if (auto wrong = read_groups(wanted, contact.groups)) return std::move(*wrong);
  contact.bytes = contact_bytes(jid, contact);
  auto& roster = turn.data().roster;
  const auto old = roster.find(jid);
  const std::size_t freed = old == roster.end() ? 0 : old->second.bytes;
  const bool larger = contact.bytes > freed;
  if ((old == roster.end() && roster.size() >= limits::roster_items) ||
      (larger && roster_bytes(turn.data()) - freed + contact.bytes > limits::roster_bytes))
    return StanzaError{ErrorType::cancel, Condition::resource_constraint, "The roster is full."};
  if (!has_room(turn.data(), freed, contact.bytes)) return no_room();
  turn.record(record::RosterChanged{.localpart = turn.localpart(),
                                    .contact = jid,
                                    .name = contact.name,
                                    .groups = contact.groups});
  Contact& kept = roster[jid] = std::move(contact);
  push(turn, item(jid, kept));
  return turn.result();
}

}  // namespace

std::size_t contact_bytes(const Jid& jid, const Contact& contact) {
  return xmpp::to_xml(item(jid, contact), ns::roster).size();
}

// Each item's hash, added up: it costs no order and says the same after a restart.
std::string roster_version(const PersonalData& data) {
  base::Sha256 sum{};
  for (const auto& [jid, contact] : data.roster) {
    std::string text = jid.str() + '\0' + contact.name;
    auto groups = contact.groups;
    std::ranges::sort(groups);
    for (const auto& group : groups) text.append(1, '\0').append(group);
    const auto hash = base::sha256(text);
    for (std::size_t i = 0; i < sum.size(); ++i) sum[i] ^= hash[i];
  }
  return base::hex(base::as_chars(sum).substr(0, 12));
}

Answer roster(Turn& turn) {
  const Element& query = turn.payload();
  if (query.name() != "query") return StanzaError{Condition::service_unavailable};
  if (turn.is_get()) return get(turn);
  const Element* wanted = query.child("item", ns::roster);
  if (wanted == nullptr || query.child_count() != 1)
    return StanzaError{Condition::bad_request, "A roster set has exactly one item."};
  const std::string* address = wanted->find_attr("jid");
  if (address == nullptr) return StanzaError{Condition::bad_request, "The item needs a JID."};
  const auto jid = Jid::parse(*address);
  if (!jid) return StanzaError{Condition::jid_malformed};
  if (jid->bare_str() == turn.state.account.str())
    return StanzaError{Condition::not_allowed, "Nobody is a contact of their own."};
  if (wanted->attr("subscription") == "remove") return remove(turn, *jid);
  return put(turn, *jid, *wanted);
}

}  // namespace accounts
