// SPDX-License-Identifier: Apache-2.0
// Who may do what to whom and to the room: XEP-0045 5, 7.8, 8, 9 and 10.
#include <algorithm>

#include "tests/unit/muc/random_model.h"

namespace tests::reference {

namespace {

bool ordinary(Affiliation a) { return a <= Affiliation::member; }

Role usual_role(const Room& r, Affiliation a) {
  if (a >= Affiliation::admin) return Role::moderator;
  return a < Affiliation::member && r.settings.moderated ? Role::visitor : Role::participant;
}

bool is_inside(const Room& r, const std::string& account) {
  return std::ranges::any_of(r.inside, [&](const auto& o) { return o.second.account == account; });
}

// Bans, and their end, are not sent after people.
bool worth_telling(Affiliation was, Affiliation now) {
  if (now == Affiliation::outcast || was == now) return false;
  return was != Affiliation::outcast || now > Affiliation::none;
}

}  // namespace

Outcome Model::invite(const std::string& who, const std::string& jid, const std::string& account) {
  if (auto none = absent(who, jid, false); !none.empty()) return none;
  Room& r = *find(jid);
  if (r.nick_of(who).empty()) return "not-acceptable";
  const Affiliation own = r.affiliation(account_of(who));
  const bool closed = r.settings.members_only;
  if (closed && !r.settings.allow_invites && own < Affiliation::admin) return "forbidden";
  if (own >= Affiliation::admin && r.affiliation(account) == Affiliation::outcast)
    return "not-allowed";
  if (closed && r.affiliation(account) == Affiliation::none) set(r, account, Affiliation::member);
  sent.invitations = 1;
  return "ok";
}

Outcome Model::change_role(const std::string& who, const std::string& jid, const std::string& nick,
                           Role to) {
  if (auto none = absent(who, jid, true); !none.empty()) return none;
  Room& r = *find(jid);
  const auto own = r.nick_of(who);
  if (own.empty() || r.inside[own].role != Role::moderator) return "forbidden";
  const auto at = r.inside.find(nick);
  if (at == r.inside.end()) return "item-not-found";
  const Affiliation mine = r.affiliation(account_of(who));
  const Affiliation theirs = r.affiliation(at->second.account);
  const Role was = at->second.role;
  if (to == was) return "ok";
  if (to == Role::none) {
    if (own == nick) return "conflict";
    if (theirs > mine) return "not-allowed";
    r.inside.erase(at);
    after_leaving(jid);
    return "ok";
  }
  if (to < was && theirs >= Affiliation::admin) return "not-allowed";
  if ((to == Role::moderator || was == Role::moderator) && mine < Affiliation::admin)
    return "forbidden";
  if (to == Role::visitor && theirs >= Affiliation::member && theirs >= mine) return "not-allowed";
  at->second.role = to;
  // Kept for the next visit in a moderated room, if it is not what comes with the affiliation.
  const bool speaks = to >= Role::participant;
  if (r.settings.moderated) r.voice.erase(at->second.account);
  if (r.settings.moderated && speaks != (theirs >= Affiliation::member))
    r.voice[at->second.account] = speaks;
  look(r);
  return "ok";
}

Outcome Model::change_affiliations(const std::string& who, const std::string& jid,
                                   const Changes& changes) {
  if (auto none = absent(who, jid, true); !none.empty()) return none;
  Room& r = *find(jid);
  const Affiliation mine = r.affiliation(account_of(who));
  auto after = r.lists;
  for (const auto& [account, to] : changes) {
    after[account] = to;
    if (mine < Affiliation::admin) return "forbidden";
    if (to == Affiliation::outcast && account == account_of(who)) return "conflict";
    if (mine == Affiliation::admin && !(ordinary(r.affiliation(account)) && ordinary(to)))
      return to == Affiliation::outcast ? "not-allowed" : "forbidden";
  }
  const auto is_owner = [](const auto& entry) { return entry.second == Affiliation::owner; };
  if (std::ranges::none_of(after, is_owner)) return "conflict";
  for (const auto& [account, to] : changes) {
    const Affiliation was = r.affiliation(account);
    if (r.settings.members_only && was == Affiliation::none && to == Affiliation::member)
      ++sent.invitations;
    else if (account != account_of(who) && !is_inside(r, account) && worth_telling(was, to))
      ++sent.notices;
    set(r, account, to);
  }
  after_leaving(jid);
  if (find(jid) == nullptr) sent = {};  // there is no room any more to tell them of
  return "ok";
}

void Model::set(Room& r, const std::string& account, Affiliation to) {
  const Affiliation was = r.affiliation(account);
  r.lists[account] = to;
  if (was == to) return;
  r.voice.erase(account);
  if (!r.may_enter(to)) {
    std::erase_if(r.inside, [&](const auto& o) { return o.second.account == account; });
    return;
  }
  for (auto& [nick, occupant] : r.inside) {
    if (occupant.account != account) continue;
    const Role usual = usual_role(r, to);
    const bool by_rank = to >= Affiliation::admin || was >= Affiliation::admin;
    occupant.role = by_rank ? usual : std::max(occupant.role, usual);
  }
}

Outcome Model::configure(const std::string& who, const std::string& jid, const Settings& wanted) {
  if (auto none = absent(who, jid, true); !none.empty()) return none;
  Room& r = *find(jid);
  if (r.affiliation(account_of(who)) != Affiliation::owner) return "forbidden";
  if (wanted.is_protected && wanted.secret.empty()) return "not-acceptable";
  const bool closes = wanted.members_only && !r.settings.members_only;
  r.settings = wanted;
  r.locked = false;
  if (closes)
    std::erase_if(r.inside, [&](const auto& o) {
      return r.affiliation(o.second.account) < Affiliation::member;
    });
  after_leaving(jid);
  return "ok";
}

Outcome Model::cancel(const std::string& who, const std::string& jid) {
  if (auto none = absent(who, jid, true); !none.empty()) return none;
  const Room& r = *find(jid);
  if (r.affiliation(account_of(who)) != Affiliation::owner) return "forbidden";
  if (r.locked) rooms_.erase(jid);
  return "ok";
}

Outcome Model::destroy(const std::string& who, const std::string& jid) {
  if (auto none = absent(who, jid, true); !none.empty()) return none;
  if (find(jid)->affiliation(account_of(who)) != Affiliation::owner) return "forbidden";
  rooms_.erase(jid);
  return "ok";
}

}  // namespace tests::reference
