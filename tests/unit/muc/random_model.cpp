// SPDX-License-Identifier: Apache-2.0
// Coming, going and speaking.
#include "tests/unit/muc/random_model.h"

#include <algorithm>

#include "tests/unit/muc/random_view.h"

namespace tests::reference {

namespace {

constexpr std::int64_t lock_seconds = 600, unload_seconds = 60;

void remove_session(Room& room, const std::string& who) {
  const auto at = room.inside.find(room.nick_of(who));
  if (at == room.inside.end()) return;
  std::erase(at->second.sessions, who);
  if (at->second.sessions.empty()) room.inside.erase(at);
}

}  // namespace

std::string name(Affiliation a) {
  const char* const names[] = {"outcast", "none", "member", "admin", "owner"};
  return names[static_cast<int>(a)];
}
std::string name(Role r) {
  const char* const names[] = {"none", "visitor", "participant", "moderator"};
  return names[static_cast<int>(r)];
}
std::string account_of(const std::string& full) { return full.substr(0, full.find('/')); }

Affiliation Room::affiliation(const std::string& account) const {
  const auto at = lists.find(account);
  return at == lists.end() ? Affiliation::none : at->second;
}

std::string Room::nick_of(const std::string& full) const {
  for (const auto& [nick, occupant] : inside)
    if (std::ranges::find(occupant.sessions, full) != occupant.sessions.end()) return nick;
  return {};
}

bool Room::may_enter(Affiliation a) const {
  return a != Affiliation::outcast && (!settings.members_only || a >= Affiliation::member);
}

const Room* Model::room(const std::string& jid) const {
  const auto at = rooms_.find(jid);
  return at == rooms_.end() ? nullptr : &at->second;
}

Room* Model::find(const std::string& jid) {
  const auto at = rooms_.find(jid);
  return at == rooms_.end() ? nullptr : &at->second;
}

std::map<std::string, std::string> Model::sessions(const std::string& jid) const {
  std::map<std::string, std::string> all;
  if (const Room* r = room(jid))
    for (const auto& [nick, occupant] : r->inside)
      for (const auto& full : occupant.sessions) all[full] = nick;
  return all;
}

Outcome Model::absent(const std::string& who, const std::string& jid, bool asks) const {
  const Room* r = room(jid);
  if (r == nullptr) return "item-not-found";
  if (!r->nick_of(who).empty()) return {};
  const Affiliation own = r->affiliation(account_of(who));
  if (r->locked && own != Affiliation::owner) return "item-not-found";
  if (asks && !r->settings.is_public && !r->may_enter(own)) return "item-not-found";
  return {};
}

// Above so many only moderators and those who speak are seen, until there are fewer than four
// fifths of that; and never those whose role the room does not show.
void Model::look(Room& r) {
  if (r.inside.size() > large) r.crowded = true;
  if (10 * r.inside.size() < 8 * large) r.crowded = false;
  for (auto& [nick, occupant] : r.inside) {
    if (!r.crowded || occupant.role == Role::moderator) occupant.seen = true;
    if (!r.settings.shown.contains(occupant.role)) occupant.seen = false;
  }
}

Outcome Model::ask(const std::string& who, const std::string& jid) const {
  const auto none = absent(who, jid, true);
  return none.empty() ? "ok" : none;
}

Outcome Model::enter(const std::string& who, const std::string& jid, const std::string& nick,
                     const std::string& password) {
  const std::string account = account_of(who);
  if (room(jid) == nullptr) {
    Room& made = rooms_[jid];
    made.created = now_;
    made.lists[account] = Affiliation::owner;
    made.inside[nick] = {account, {who}, Role::moderator, true};
    return "ok";
  }
  if (auto none = absent(who, jid, false); !none.empty()) return none;
  Room& r = *find(jid);
  if (const auto old = r.nick_of(who); !old.empty()) return old == nick ? "ok" : move(r, who, nick);
  const Affiliation own = r.affiliation(account);
  if (own == Affiliation::outcast) return "forbidden";
  if (!r.may_enter(own)) return "registration-required";
  if (r.settings.is_protected && password != r.settings.secret) return "not-authorized";
  if (const auto at = r.inside.find(nick); at != r.inside.end()) {
    if (at->second.account != account) return "conflict";
    at->second.sessions.push_back(who);
    return "ok";
  }
  Role role = Role::participant;
  if (own >= Affiliation::admin) role = Role::moderator;
  if (own == Affiliation::none && r.settings.moderated) role = Role::visitor;
  if (const auto kept = r.voice.find(account);
      kept != r.voice.end() && r.settings.moderated && own < Affiliation::admin)
    role = kept->second ? Role::participant : Role::visitor;
  r.inside[nick] = {account, {who}, role};
  look(r);
  return "ok";
}

Outcome Model::move(Room& r, const std::string& who, const std::string& nick) {
  const auto at = r.inside.find(nick);
  if (at != r.inside.end() && at->second.account != account_of(who)) return "conflict";
  const Occupant was = r.inside[r.nick_of(who)];
  const bool whole = was.sessions.size() == 1;
  remove_session(r, who);
  if (at != r.inside.end()) {
    at->second.sessions.push_back(who);
    at->second.seen = at->second.seen || (whole && was.seen);
  } else {
    r.inside[nick] = {account_of(who), {who}, was.role, whole && was.seen};
  }
  look(r);
  return "ok";
}

Outcome Model::available(const std::string& who, const std::string& jid, const std::string& nick) {
  Room* r = find(jid);
  const std::string old = r == nullptr ? std::string{} : r->nick_of(who);
  if (old.empty()) return "desync";
  return old == nick ? "ok" : move(*r, who, nick);
}

Outcome Model::leave(const std::string& who, const std::string& jid) {
  Room* r = find(jid);
  if (r == nullptr || r->nick_of(who).empty()) return "ignored";
  remove_session(*r, who);
  if (r->locked && r->inside.empty())
    rooms_.erase(jid);  // given up before it was configured
  else
    after_leaving(jid);
  return "ok";
}

Outcome Model::speak(const std::string& who, const std::string& jid, int number) {
  if (auto none = absent(who, jid, false); !none.empty()) return none;
  Room& r = *find(jid);
  const auto nick = r.nick_of(who);
  if (nick.empty()) return "not-acceptable";
  if (r.inside[nick].role < Role::participant) return "forbidden";
  if (r.settings.logged) r.said.push_back({number, account_of(who)});
  r.inside[nick].seen = true;
  look(r);
  return "ok";
}

Outcome Model::subject(const std::string& who, const std::string& jid, const std::string& text) {
  if (auto none = absent(who, jid, false); !none.empty()) return none;
  Room& r = *find(jid);
  const auto nick = r.nick_of(who);
  if (nick.empty()) return "not-acceptable";
  const Role needed = r.settings.subject_by_all ? Role::participant : Role::moderator;
  if (r.inside[nick].role < needed) return "forbidden";
  r.subject = text;
  r.said.push_back({new_subject, account_of(who)});
  r.inside[nick].seen = true;
  look(r);
  return "ok";
}

Outcome Model::whisper(const std::string& who, const std::string& jid, const std::string& nick) {
  if (auto none = absent(who, jid, false); !none.empty()) return none;
  Room& r = *find(jid);
  const auto own = r.nick_of(who);
  if (own.empty()) return "not-acceptable";
  if (!r.inside.contains(nick)) return "item-not-found";
  const Role role = r.inside[own].role;
  const std::string& allowed = r.settings.allow_pm;
  if (allowed == "none" || (allowed == "moderators" && role != Role::moderator) ||
      (allowed == "participants" && role < Role::participant))
    return "forbidden";
  return "ok";
}

void Model::pass(std::int64_t seconds) {
  now_ += seconds;
  std::erase_if(rooms_, [&](const auto& one) {
    const Room& r = one.second;
    return r.locked && (now_ >= r.created + lock_seconds ||
                        (r.inside.empty() && now_ >= r.empty_since + unload_seconds));
  });
}

void Model::everybody_out(const std::string& jid) {
  if (Room* r = find(jid)) {
    r->inside.clear();
    after_leaving(jid);
  }
}

void Model::shut_down(const std::string& jid) {
  if (Room* r = find(jid)) {
    r->inside.clear();
    if (r->locked || !r->settings.persistent) rooms_.erase(jid);
  }
}

void Model::after_leaving(const std::string& jid) {
  Room* r = find(jid);
  if (r != nullptr) look(*r);
  if (r == nullptr || !r->inside.empty()) return;
  r->empty_since = now_;
  if (!r->settings.persistent) rooms_.erase(jid);
}

}  // namespace tests::reference
