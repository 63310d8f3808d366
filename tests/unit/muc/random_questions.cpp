// SPDX-License-Identifier: Apache-2.0
// What people ask, and what they take back.
#include <set>

#include "tests/unit/muc/random_walk.h"
#include "xmpp/data_form.h"
#include "xmpp/ns.h"

namespace tests::reference {

namespace {

constexpr std::size_t page = 20;

void require(bool holds, const std::string& what) {
  if (!holds) throw Mismatch(what);
}

std::string get_list(const std::string& room, const std::string& item) {
  return "<iq type='get' to='" + room + "'><query xmlns='http://jabber.org/protocol/muc#admin'>" +
         "<item " + item + "/></query></iq>";
}

}  // namespace

void Walk::ask() {
  const std::size_t kind = pick(5);
  if (kind == 0) return ask_archive();
  if (kind == 4) return ask_room();
  if (kind == 1) {
    const Room* room = model_.room(room_);
    const std::string own = room == nullptr ? std::string{} : room->nick_of(who_);
    const std::string nick = own.empty() ? one_of(nicks) : own;
    return send("<iq type='get' to='" + room_ + "/" + nick + "'><ping xmlns='urn:xmpp:ping'/></iq>",
                model_.ping_self(who_, room_, nick));
  }
  prefer(pick(2) == 0 ? Affiliation::member : Affiliation::admin);
  Model::Names names;
  if (kind == 2) {
    const auto which = static_cast<Affiliation>(pick(5));
    const Outcome expected = model_.list(who_, room_, which, names);
    send(get_list(room_, "affiliation='" + name(which) + "'"), expected);
    return check_list("jid", expected, names);
  }
  const auto which = static_cast<Role>(pick(4));
  const Outcome expected = model_.list(who_, room_, which, names);
  send(get_list(room_, "role='" + name(which) + "'"), expected);
  check_list("nick", expected, names);
}

void Walk::check_list(const std::string& attribute, const Outcome& expected,
                      const Model::Names& names) const {
  if (expected != "ok") return;
  Model::Names told;
  for (const auto& answer : answers_)
    if (const auto* query = answer.child("query", xmpp::ns::muc_admin))
      query->for_each_child([&](const xmpp::Element& item) {
        require(told.insert(std::string(item.attr(attribute))).second, "named twice in a list");
      });
  require(told == names, "the list names others");
}

void Walk::ask_archive() {
  archived_.clear();
  const Outcome expected = model_.read_archive(who_, room_);
  send("<iq type='set' to='" + room_ + "'><query xmlns='urn:xmpp:mam:2'>" +
           "<set xmlns='http://jabber.org/protocol/rsm'><max>" + std::to_string(page) +
           "</max><before/></set></query></iq>",
       expected);
  const auto kept = expected == "ok" ? model_.room(room_)->archive(page) : std::vector<int>{};
  require(archived_ == kept, "the archive shows other messages");
}

// Of any room, and of rooms that are no more: what the wrong one was asked is no message of its.
void Walk::take_back() {
  if (ids_.empty()) return;
  // The newest are the most likely to be still in memory.
  const std::size_t back =
      pick(pick(2) == 0 ? std::min<std::size_t>(10, ids_.size()) : ids_.size());
  const auto& [number, id] = *std::next(ids_.rbegin(), static_cast<std::ptrdiff_t>(back));
  const bool moderates = pick(2) == 0;
  // Whether the room still remembers that a message is gone decides whether that is told again.
  if (moderates && model_.is_gone(room_, number)) return talk();
  if (moderates) prefer(Affiliation::admin);
  const Outcome expected =
      moderates ? model_.moderate(who_, room_, number) : model_.take_back(who_, room_, number);
  if (expected == "ok")
    for (const auto& [full, nick] : model_.sessions(room_)) hears_[full][room_].push_back(0);
  if (!moderates)
    return send("<message type='groupchat' to='" + room_ +
                    "'><retract xmlns='urn:xmpp:message-retract:1' id='" + id + "'/></message>",
                expected);
  send("<iq type='set' to='" + room_ + "'><moderate xmlns='urn:xmpp:message-moderate:1' id='" + id +
           "'><retract xmlns='urn:xmpp:message-retract:1'/></moderate></iq>",
       expected);
}

// How many are inside, whoever is seen.
void Walk::ask_room() {
  const Outcome expected = model_.ask(who_, room_);
  send("<iq type='get' to='" + room_ +
           "'><query xmlns='http://jabber.org/protocol/disco#info'/></iq>",
       expected);
  if (expected != "ok") return;
  const auto form = xmpp::parse_form(
      *answers_.at(0).child("query", xmpp::ns::disco_info)->child("x", xmpp::ns::data_form));
  const Room& room = *model_.room(room_);
  crowds_ += room.crowded ? 1 : 0;
  const auto* count = form->field("muc#roominfo_occupants");
  if (count->values.at(0) != std::to_string(room.inside.size()))
    throw Mismatch("it is said that so many are inside: " + count->values[0]);
  if ((form->field("hansard#large_room") != nullptr) != room.crowded)
    throw Mismatch("it is not said whether the room is large");
}

}  // namespace tests::reference
