// SPDX-License-Identifier: Apache-2.0
// What is kept and who may ask for it: history, archive (XEP-0313), retraction (XEP-0424,
// XEP-0425), lists (XEP-0045 8, 9 and 10), the ping of oneself (XEP-0410).
#include <algorithm>
#include <memory>

#include "tests/unit/muc/random_model.h"
#include "tests/unit/muc/random_view.h"

namespace tests::reference {

namespace {

std::vector<int> newest(const std::vector<Said>& said, std::size_t most, bool subjects) {
  std::vector<int> found;
  for (auto at = said.rbegin(); at != said.rend() && found.size() < most; ++at)
    if (subjects || at->what != new_subject) found.push_back(at->gone ? tombstone : at->what);
  std::ranges::reverse(found);
  return found;
}

template <class R>
auto* find_said(R& r, int number) {
  const auto at = std::ranges::find(r.said, number, &Said::what);
  return at == r.said.end() ? nullptr : std::to_address(at);
}

bool has_account_inside(const Room& r, const std::string& account) {
  return std::ranges::any_of(r.inside, [&](const auto& o) { return o.second.account == account; });
}

}  // namespace

std::vector<int> Room::history(std::size_t most) const { return newest(said, most, false); }
std::vector<int> Room::archive(std::size_t most) const { return newest(said, most, true); }

// The retraction itself is a message like others.
Outcome Model::take_back(const std::string& who, const std::string& jid, int number) {
  if (auto none = absent(who, jid, false); !none.empty()) return none;
  Room& r = *find(jid);
  const auto nick = r.nick_of(who);
  if (nick.empty()) return "not-acceptable";
  if (r.inside[nick].role < Role::participant) return "forbidden";
  const std::string account = account_of(who);
  if (Said* said = find_said(r, number); said != nullptr && said->account == account)
    said->gone = true;
  if (r.settings.logged) r.said.push_back({retraction, account});
  r.inside[nick].seen = true;
  look(r);
  return "ok";
}

bool Model::is_gone(const std::string& jid, int number) const {
  const Room* r = room(jid);
  const Said* said = r == nullptr ? nullptr : find_said(*r, number);
  return said != nullptr && said->gone;
}

// What a moderator does about the archive is kept there, whatever else is.
Outcome Model::moderate(const std::string& who, const std::string& jid, int number) {
  if (auto none = absent(who, jid, true); !none.empty()) return none;
  Room& r = *find(jid);
  const auto nick = r.nick_of(who);
  if (nick.empty() || r.inside[nick].role != Role::moderator) return "forbidden";
  Said* said = find_said(r, number);
  if (said == nullptr) return "item-not-found";
  said->gone = true;
  r.said.push_back({retraction, {}});
  return "ok";
}

Outcome Model::read_archive(const std::string& who, const std::string& jid) const {
  if (auto none = absent(who, jid, true); !none.empty()) return none;
  const Room& r = *room(jid);
  const std::string account = account_of(who);
  const Affiliation own = r.affiliation(account);
  if (!r.may_enter(own)) return "forbidden";
  const bool knows = own == Affiliation::owner || has_account_inside(r, account);
  return r.settings.is_protected && !knows ? "forbidden" : "ok";
}

Outcome Model::list(const std::string& who, const std::string& jid, Affiliation which,
                    Names& found) const {
  if (auto none = absent(who, jid, true); !none.empty()) return none;
  const Room& r = *room(jid);
  if (which == Affiliation::none) return "bad-request";
  const Affiliation own = r.affiliation(account_of(who));
  const bool low = which == Affiliation::member || which == Affiliation::outcast;
  const bool shown =
      r.settings.anyone_sees_jids && own >= Affiliation::member && which != Affiliation::outcast;
  const auto nick = r.nick_of(who);
  const bool moderates = !nick.empty() && r.inside.at(nick).role == Role::moderator;
  if (own != Affiliation::owner && !(own == Affiliation::admin && low) && !shown &&
      !(moderates && which == Affiliation::member))
    return "forbidden";
  for (const auto& [account, affiliation] : r.lists)
    if (affiliation == which) found.insert(account);
  return "ok";
}

Outcome Model::list(const std::string& who, const std::string& jid, Role which,
                    Names& found) const {
  if (auto none = absent(who, jid, true); !none.empty()) return none;
  const Room& r = *room(jid);
  if (which == Role::none) return "bad-request";
  const auto own = r.nick_of(who);
  const bool moderates = !own.empty() && r.inside.at(own).role == Role::moderator;
  const bool allowed =
      which == Role::moderator ? r.affiliation(account_of(who)) >= Affiliation::admin : moderates;
  if (!allowed) return "forbidden";
  for (const auto& [nick, occupant] : r.inside)
    if (occupant.role == which) found.insert(nick);
  return "ok";
}

// Whatever else holds, one who is not inside learns that and nothing more.
Outcome Model::ping_self(const std::string& who, const std::string& jid,
                         const std::string& nick) const {
  const Room* r = room(jid);
  return r != nullptr && r->nick_of(who) == nick ? "ok" : "not-acceptable";
}

}  // namespace tests::reference
