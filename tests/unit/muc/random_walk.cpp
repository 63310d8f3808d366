// SPDX-License-Identifier: Apache-2.0
// Sends a step and looks at everything that came of it.
#include "tests/unit/muc/random_walk.h"

#include "tests/scripts/runner/xml.h"
#include "xmpp/ns.h"

namespace tests::reference {

namespace {

constexpr std::size_t history_length = 30, steps_shown = 30;

xmpp::Jid jid(const std::string& text) { return *xmpp::Jid::parse(text); }

void require(bool holds, const std::string& what) {
  if (!holds) throw Mismatch(what);
}

std::string resource_of(std::string_view text) {
  const auto at = text.find('/');
  return at == std::string_view::npos ? std::string{} : std::string(text.substr(at + 1));
}

}  // namespace

const std::vector<std::string> rooms{"garden@chat.localhost", "forest@chat.localhost"};
const std::vector<std::string> nicks{"alder", "birch", "cypress", "fig", "hazel",
                                     "maple", "oak",   "juniper", "yew", "thuja"};

Walk::Walk(std::uint64_t seed) : server_(seed), random_(seed * 7919) {
  for (const char* user : {"anna", "bert", "cleo", "dirk", "elsa", "fynn", "gina", "hugo"}) {
    accounts_.push_back(std::string(user) + "@localhost");
    for (std::size_t i = 0; i <= accounts_.size() % 3; ++i)
      people_.push_back(accounts_.back() + "/" + std::to_string(i));
  }
  server_.config().limits.large_room_occupants = large;
  server_.restart();
  reconnect();
}

// The accounts' own addresses get what the rooms send to people outside.
void Walk::reconnect() {
  for (const auto& full : people_) server_.connect(jid(full));
  for (const auto& account : accounts_) server_.connect(jid(account));
}

void Walk::step() {
  ++steps_;
  server_.advance(base::seconds(2));
  model_.pass(2);
  read_inboxes();
  who_ = one_of(people_);
  room_ = one_of(rooms);
  model_.sent = {};
  choose();
  check_views();
  check_record();
}

void Walk::prefer(Affiliation least) {
  const Room* room = model_.room(room_);
  if (room == nullptr || pick(3) == 0) return;
  for (std::size_t tries = 0; tries < 20; ++tries) {
    if (room->affiliation(account_of(who_)) >= least) return;
    who_ = one_of(people_);
  }
}

void Walk::log(const std::string& line) {
  steps_taken_.push_back(std::to_string(steps_) + ": " + line);
  if (steps_taken_.size() > steps_shown) steps_taken_.pop_front();
}

std::string Walk::last_steps() const {
  std::string all;
  for (const auto& line : steps_taken_) all += line + "\n";
  return all;
}

void Walk::send(const std::string& text, const Outcome& expected) {
  log(who_ + " " + text + " → " + expected);
  ++outcomes_[expected];
  auto stanza = parse_xml(text).front();
  stanza.set_attr("from", who_).set_attr("id", "step" + std::to_string(steps_));
  answers_.clear();
  sent_ = {};
  whispers_ = 0;
  server_.handle(stanza);
  read_inboxes();
  check_answer(expected);
  require(sent_ == model_.sent, "so many were invited: " + std::to_string(sent_.invitations) +
                                    ", told of an affiliation: " + std::to_string(sent_.notices));
}

void Walk::check_answer(const Outcome& expected) {
  if (expected == "anything") return;
  Outcome seen;
  bool out = false;
  for (const auto& answer : answers_) {
    if (const auto condition = error_in(answer); !condition.empty()) seen = condition;
    out = out || (answer.attr("type") == "unavailable" && has_status(answer, "333"));
  }
  if (out && seen.empty()) seen = "desync";
  if (seen.empty() && (expected == "ignored" || expected == "ok")) seen = expected;
  require(seen == expected, "expected " + expected + ", came: " + seen);
}

std::set<std::string> Walk::who_sees() const {
  std::set<std::string> found;
  for (const auto& name : rooms)
    if (const Room* room = model_.room(name))
      for (const auto& [nick, occupant] : room->inside)
        if (room->settings.anyone_sees_jids || occupant.role == Role::moderator)
          for (const auto& full : occupant.sessions) found.insert(name + " " + full);
  return found;
}

void Walk::read_inboxes() {
  const auto sees = who_sees();
  for (const auto& full : people_) {
    auto& inbox = server_.inbox(jid(full));
    for (const auto& payload : inbox) take(full, received(payload, full));
    inbox.clear();
  }
  for (const auto& account : accounts_) {
    auto& inbox = server_.inbox(jid(account));
    for (const auto& payload : inbox) take_outside(account, received(payload, account));
    inbox.clear();
  }
  before_.may_see = sees;
  for (const auto& room : rooms) before_.inside[room] = model_.sessions(room);
}

void Walk::take_outside(const std::string& account, const xmpp::Element& message) {
  const xmpp::Element* x = message.child("x", xmpp::ns::muc_user);
  require(message.name() == "message" && x != nullptr, account + " was sent something else");
  if (x->child("invite", xmpp::ns::muc_user) != nullptr) return void(++sent_.invitations);
  require(has_status(message, "101"), account + " was sent something else");
  const Room* room = model_.room(std::string(message.attr("from")));
  const xmpp::Element* item = x->child("item", xmpp::ns::muc_user);
  require(room != nullptr && item != nullptr && item->attr("jid") == account &&
              item->attr("affiliation") == reference::name(room->affiliation(account)),
          account + " was told of another affiliation");
  ++sent_.notices;
}

void Walk::take(const std::string& full, const xmpp::Element& stanza) {
  const std::string from(stanza.attr("from"));
  const std::string room = account_of(from), nick = resource_of(from);
  if (full == who_ && stanza.attr("id") == "step" + std::to_string(steps_))
    answers_.push_back(stanza);
  else if (full != who_ || room != room_)
    // What one who was and is outside would hear is what nobody may tell it.
    require(before_.inside[room].contains(full) || model_.sessions(room).contains(full),
            full + " is outside " + room + " and heard of it");
  check_privacy(full, stanza);
  if (stanza.name() == "message" && stanza.attr("type") == "chat") ++whispers_;
  if (const xmpp::Element* old = archived_in(stanza)) {
    require(full == who_ && room == room_, full + " was shown an archive");
    if (const auto said = said_in(*old)) archived_.push_back(*said);
    return;
  }
  if (stanza.attr("type") == "groupchat" && said_in(stanza) == spoken_)
    if (auto id = stanza_id_in(stanza); !id.empty()) ids_[spoken_] = std::move(id);
  views_[full][room].take(stanza, nick);
}

// Real addresses are told to those who may see them before and after the step, and to nobody who
// might neither before nor after.
void Walk::check_privacy(const std::string& full, const xmpp::Element& stanza) const {
  const std::string told = stanza.name() == "presence" ? real_jid_in(stanza) : std::string{};
  if (account_of(told) == account_of(full)) return;
  const std::string key = account_of(std::string(stanza.attr("from"))) + " " + full;
  const bool saw = before_.may_see.contains(key), sees = who_sees().contains(key);
  if (!told.empty()) return require(saw || sees, full + " was told the address " + told);
  // Who goes out of sight does so without an address.
  const bool tells = stanza.name() == "presence" && stanza.attr("type").empty();
  require(!tells || !saw || !sees, full + " was not told an address");
}

void Walk::check_views() const {
  for (const auto& name : rooms) {
    const Room* room = model_.room(name);
    const Inside inside = model_.sessions(name);
    std::map<std::string, std::pair<std::string, std::string>> people;
    if (room != nullptr)
      for (const auto& [nick, o] : room->inside)
        people[nick] = {reference::name(o.role), reference::name(room->affiliation(o.account))};
    for (const auto& full : people_) {
      const auto at = views_.find(full);
      static const View nothing;
      const bool any = at != views_.end() && at->second.contains(name);
      const View& view = any ? at->second.at(name) : nothing;
      const auto self = inside.find(full);
      const std::string where = full + " in " + name + ": ";
      require(view.self == (self == inside.end() ? "" : self->second),
              where + "believes to be '" + view.self + "'");
      if (self == inside.end()) {
        require(view.people.empty(), where + "is outside and sees people");
        continue;
      }
      for (const auto& [nick, seen] : view.people)
        require(people.contains(nick) && people.at(nick) == seen,
                where + "sees " + nick + " as " + seen.first + ", " + seen.second);
      for (const auto& [nick, occupant] : room->inside)
        require(view.people.contains(nick) == (occupant.seen || nick == view.self),
                where + (occupant.seen ? "misses " : "knows of ") + nick);
      require(view.strangers.empty(), where + "heard that one has gone whom it did not know");
      require(view.subject == room->subject, where + "has the subject '" + view.subject + "'");
      require(view.heard == hears_.at(full).at(name), where + "heard other messages");
    }
  }
}

void Walk::check_record() {
  const auto& log = server_.store().log();
  for (; checked_ < log.size(); ++checked_) {
    const auto& event = log[checked_];
    if (event.room_id == 0) continue;
    auto& last = numbers_[event.room_id];
    const bool reading = record::info(event.code()).cls == record::Class::read;
    if (!reading) ++last;
    require(reading ? event.number <= last : event.number == last, "the numbers have a gap");
  }
  for (const auto& name : rooms) {
    Inside recorded;
    if (const auto* inside = server_.store().inside(jid(name)))
      for (const auto& [session, open] : *inside) recorded[open.jid.str()] = open.nick;
    require(recorded == model_.sessions(name), "others are recorded as inside " + name);
  }
}

std::size_t Walk::pick(std::size_t n) {
  std::byte bytes[4];
  random_.fill(bytes);
  std::size_t value = 0;
  for (const auto b : bytes) value = value * 256 + static_cast<std::size_t>(b);
  return value % n;
}

// Who comes in, or says that it lost track, is given the newest of what was said.
void Walk::enter(const std::string& nick, const std::string& password) {
  const Inside inside = model_.sessions(room_);
  const auto at = inside.find(who_);
  const Outcome expected = model_.enter(who_, room_, nick, password);
  if (expected == "ok" && (at == inside.end() || at->second == nick)) {
    views_[who_][room_].heard.clear();
    hears_[who_][room_] = model_.room(room_)->history(history_length);
  }
  send("<presence to='" + room_ + "/" + nick + "'><x xmlns='http://jabber.org/protocol/muc'>" +
           (password.empty() ? "" : "<password>" + password + "</password>") + "</x></presence>",
       expected);
}

}  // namespace tests::reference
