// SPDX-License-Identifier: Apache-2.0
// A list is given in the order of its keys: bare JIDs for affiliations, nicks for roles. That order
// does not depend on what was on the list before, so pages fit together while it changes: the page
// after somebody who has gone from the list starts where that one would have stood.
#include "muc/administration/lists.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "muc/verbs/verbs.h"
#include "xmpp/ns.h"
#include "xmpp/rsm.h"
#include "xmpp/writer.h"

namespace muc {
namespace {

using xmpp::Condition;
using xmpp::StanzaError;

// Around the items: <iq/>, <query/>, and <set/> with its three.
constexpr std::size_t envelope_elements = 6;

Refusal may_list(const Room& room, const xmpp::Jid& asker, Affiliation list) {
  const Affiliation own = room.affiliation_of(asker);
  if (own == Affiliation::owner) return std::nullopt;
  const bool lower_list = list == Affiliation::member || list == Affiliation::outcast;
  if (own == Affiliation::admin && lower_list) return std::nullopt;
  // Who is here is no secret where JIDs are shown: members may see the lists (9.5, 10.5, 10.8).
  if (room.shows_jids && own >= Affiliation::member && list != Affiliation::outcast)
    return std::nullopt;
  const Occupant* occupant = room.occupants.by_session(asker);
  if (list == Affiliation::member && occupant != nullptr && role_gets_member_list(room, *occupant))
    return std::nullopt;
  return StanzaError{Condition::forbidden};
}

Refusal may_list(const Room& room, const xmpp::Jid& asker, Role list) {
  const Occupant* occupant = room.occupants.by_session(asker);
  const bool moderates = occupant != nullptr && occupant->role == Role::moderator;
  const bool allowed =
      list == Role::moderator ? room.affiliation_of(asker) >= Affiliation::admin : moderates;
  if (!allowed) return StanzaError{Condition::forbidden};
  return std::nullopt;
}

// One on a list: only the items of the page are made.
struct Listed {
  std::string_view key;  // what the list is in order of
  const std::pair<xmpp::Jid, Affiliations::Entry>* affiliated = nullptr;
  const Occupant* occupant = nullptr;  // of a list of a role
};
using List = std::vector<Listed>;

List list_of(const Room& room, Affiliation which) {
  List list;
  for (const auto* entry : room.affiliations.listed(which))
    list.push_back({.key = entry->first.str(), .affiliated = entry});
  return list;
}

List list_of(const Room& room, Role which) {
  List list;
  for (const auto& occupant : room.occupants)
    if (occupant->role == which)
      list.push_back({.key = occupant->jid.resource(), .occupant = occupant.get()});
  std::ranges::sort(list, {}, &Listed::key);
  return list;
}

xmpp::Element item_of(const Listed& listed) {
  xmpp::Element item("item", xmpp::ns::muc_admin);
  if (const Occupant* occupant = listed.occupant)
    return item.set_attr("affiliation", record::name(occupant->affiliation))
        .set_attr("role", record::name(occupant->role))
        .set_attr("jid", occupant->sessions[occupant->primary].jid.str())
        .set_attr("nick", occupant->nick());
  const auto& [jid, entry] = *listed.affiliated;
  item.set_attr("affiliation", record::name(entry.affiliation)).set_attr("jid", jid.str());
  if (!entry.nick.empty()) item.set_attr("nick", entry.nick);
  return item;
}

struct Range {
  std::size_t begin = 0, end = 0;
};

// What lies between `after` and `before` (XEP-0059 2.2, 2.3).
Range between(const List& list, const xmpp::PageRequest& page) {
  Range range{0, list.size()};
  if (page.after && !page.after->empty())
    range.begin = static_cast<std::size_t>(
        std::ranges::upper_bound(list, *page.after, {}, &Listed::key) - list.begin());
  if (page.before && !page.before->empty())
    range.end = static_cast<std::size_t>(
        std::ranges::lower_bound(list, *page.before, {}, &Listed::key) - list.begin());
  range.end = std::max(range.begin, range.end);
  return range;
}

xmpp::Element note_on(const List& list, Range range) {
  xmpp::PageNote note{.count = list.size()};
  if (range.begin != range.end) {
    note.first = std::string(list[range.begin].key);
    note.last = std::string(list[range.end - 1].key);
    note.index = range.begin;
  }
  return xmpp::to_element(note);
}

// What a stanza has left for the items and the note.
struct Left {
  std::size_t bytes = 0, elements = 0;
};

Left left_beside(const Incoming& in, const Limits& limits) {
  xmpp::Element answer = xmpp::iq_result(in.stanza);
  answer.add("query", xmpp::ns::muc_admin).set_text(" ");
  const std::size_t bytes = xmpp::to_xml(answer, xmpp::ns::client).size() - 1;
  return {limits.stanza_bytes - std::min(limits.stanza_bytes, bytes),
          limits.stanza_elements - std::min(limits.stanza_elements, envelope_elements)};
}

// A part that was not asked for as one says so too (XEP-0059 2.1 knows a page by its <set/>).
bool noted(const List& list, Range range, bool asked) {
  return asked || range.end - range.begin < list.size();
}

std::size_t bytes_of(const xmpp::Element& part) {
  return xmpp::to_xml(part, xmpp::ns::muc_admin).size();
}

// As much of what was asked for, from the side where the page begins, as there is space for. One
// at least, or nobody would get further.
Range page_of(const List& list, const xmpp::PageRequest& page, bool asked, Left left) {
  const Range all = between(list, page);
  const auto first = [&](std::size_t count) {
    return page.backward() ? Range{all.end - count, all.end} : Range{all.begin, all.begin + count};
  };
  const auto item_bytes = [&](std::size_t i) {
    return bytes_of(item_of(list[page.backward() ? all.end - 1 - i : all.begin + i]));
  };
  const auto note_bytes = [&](Range range) {
    return noted(list, range, asked) ? bytes_of(note_on(list, range)) : 0;
  };
  const std::size_t most = std::min({all.end - all.begin, page.max.value_or(list.size()),
                                     std::max<std::size_t>(left.elements, 1)});
  std::size_t count = 0, bytes = 0;
  while (count < most && bytes <= left.bytes) bytes += item_bytes(count++);
  while (count > 1 && bytes + note_bytes(first(count)) > left.bytes) bytes -= item_bytes(--count);
  return first(count);
}

// What a list is called on record: "members", "moderators".
std::string name_of(auto which) { return std::string(record::name(which)) + "s"; }

void answer_list(Turn& turn, const Incoming& in, std::string name, const List& list,
                 const xmpp::Element* set) {
  xmpp::PageRequest page;
  if (set != nullptr) {
    auto asked = xmpp::parse_page_request(*set);
    if (!asked) return turn.refuse(in, asked.error());
    page = std::move(*asked);
  }
  const Range range =
      page_of(list, page, set != nullptr, left_beside(in, turn.room.world.config.limits));
  const bool with_note = noted(list, range, set != nullptr);
  xmpp::Element note = note_on(list, range);
  xmpp::Element query("query", xmpp::ns::muc_admin);
  for (std::size_t i = range.begin; i < range.end; ++i) query.add(item_of(list[i]));
  if (with_note) query.add(std::move(note));
  turn.answer_read(in, std::move(query),
                   {std::move(name), static_cast<std::int64_t>(range.end - range.begin)});
}

template <class Which>
void list(Turn& turn, const Incoming& in, Which which, const xmpp::Element* set) {
  if (const auto refusal = may_list(turn.room, in.from, which)) return turn.refuse(in, *refusal);
  answer_list(turn, in, name_of(which), list_of(turn.room, which), set);
}

}  // namespace

std::optional<Affiliation> parse_affiliation(std::string_view text) {
  using enum record::Affiliation;
  for (const auto a : {outcast, none, member, admin, owner})
    if (record::name(a) == text) return a;
  return std::nullopt;
}

std::optional<Role> parse_role(std::string_view text) {
  using enum record::Role;
  for (const auto r : {none, visitor, participant, moderator})
    if (record::name(r) == text) return r;
  return std::nullopt;
}

void give_list(Turn& turn, const Incoming& in, const xmpp::Element& query) {
  const xmpp::Element* item = query.child("item", xmpp::ns::muc_admin);
  const xmpp::Element* set = query.child("set", xmpp::ns::rsm);
  if (item == nullptr || query.child_count() != (set == nullptr ? 1 : 2))
    return turn.refuse(in, {Condition::bad_request, "Ask for one list."});
  const auto affiliation = parse_affiliation(item->attr("affiliation"));
  const auto role = parse_role(item->attr("role"));
  if (affiliation && !role && affiliation != Affiliation::none)
    return list(turn, in, *affiliation, set);
  if (role && !affiliation && role != Role::none) return list(turn, in, *role, set);
  turn.refuse(in, {Condition::bad_request, "There is no such list."});
}

}  // namespace muc
