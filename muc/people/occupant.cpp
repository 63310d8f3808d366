// SPDX-License-Identifier: Apache-2.0
#include "muc/people/occupant.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "xmpp/nickname.h"

namespace muc {

const Session* Occupant::session(const xmpp::Jid& real) const {
  for (const auto& s : sessions)
    if (s.jid == real) return &s;
  return nullptr;
}

Session* Occupant::session(const xmpp::Jid& real) {
  return const_cast<Session*>(std::as_const(*this).session(real));
}

namespace {

std::size_t hash(std::string_view key) { return std::hash<std::string_view>{}(key); }

template <class Index, class Is>
Occupant* look_up(const Index& index, std::string_view key, Is&& is) {
  const auto [first, last] = index.equal_range(hash(key));
  const auto at = std::find_if(first, last, [&](const auto& entry) { return is(*entry.second); });
  return at == last ? nullptr : at->second;
}

}  // namespace

Occupant* Occupants::by_nick(std::string_view nick) const {
  return look_up(nicks_, nick, [&](const Occupant& o) { return o.jid.resource() == nick; });
}

Occupant* Occupants::by_session(const xmpp::Jid& real) const {
  return look_up(sessions_, real.str(),
                 [&](const Occupant& o) { return o.session(real) != nullptr; });
}

bool Occupants::taken_for_another(const std::vector<std::string>& looks,
                                  const xmpp::Jid& real) const {
  return std::any_of(looks.begin(), looks.end(), [&](const std::string& look) {
    const auto [first, last] = looks_.equal_range(hash(look));
    return std::any_of(first, last, [&](const auto& entry) {
      return entry.second->sessions.front().jid.bare_str() != real.bare_str();
    });
  });
}

void Occupants::index_nick(Occupant& occupant) {
  nicks_.emplace(hash(occupant.jid.resource()), &occupant);
  occupant.looks.clear();
  for (const auto& look : xmpp::looks_of(occupant.jid.resource()))
    looks_.emplace(occupant.looks.emplace_back(hash(look)), &occupant);
}

void Occupants::forget_nick(const Occupant& occupant) {
  erase(nicks_, hash(occupant.jid.resource()), occupant);
  for (const std::size_t look : occupant.looks) erase(looks_, look, occupant);
}

void Occupants::erase(Index& index, std::size_t key, const Occupant& occupant) {
  const auto [first, last] = index.equal_range(key);
  const auto at = std::find_if(first, last, [&](const auto& e) { return e.second == &occupant; });
  CHECK(at != last);
  index.erase(at);
}

std::vector<Occupant*> Occupants::of(const xmpp::Jid& bare_or_domain) const {
  std::vector<Occupant*> found;
  for (const auto& occupant : all_) {
    const xmpp::Jid& real = occupant->sessions.front().jid;
    const bool same = bare_or_domain.has_local() ? real.bare_str() == bare_or_domain.str()
                                                 : real.domain() == bare_or_domain.str();
    if (same) found.push_back(occupant.get());
  }
  return found;
}

Occupant& Occupants::add(Occupant occupant, Session first) {
  CHECK(by_nick(occupant.jid.resource()) == nullptr);
  Occupant& added = *all_.emplace_back(std::make_unique<Occupant>(std::move(occupant)));
  index_nick(added);
  add_session(added, std::move(first));
  return added;
}

void Occupants::add_session(Occupant& occupant, Session session) {
  CHECK(by_session(session.jid) == nullptr);
  sessions_.emplace(hash(session.jid.str()), &occupant);
  occupant.sessions.push_back(std::move(session));
}

void Occupants::remove_session(Occupant& occupant, const xmpp::Jid& real) {
  erase(sessions_, hash(real.str()), occupant);
  const auto at = std::find_if(occupant.sessions.begin(), occupant.sessions.end(),
                               [&](const Session& s) { return s.jid == real; });
  const auto index = static_cast<std::uint32_t>(at - occupant.sessions.begin());
  occupant.sessions.erase(at);
  if (!occupant.sessions.empty()) {
    if (occupant.primary == index)
      occupant.primary = static_cast<std::uint32_t>(occupant.sessions.size()) - 1;
    else if (occupant.primary > index)
      --occupant.primary;
    return;
  }
  forget_nick(occupant);
  all_.erase(
      std::find_if(all_.begin(), all_.end(), [&](const auto& o) { return o.get() == &occupant; }));
}

void Occupants::clear() {
  nicks_.clear();
  looks_.clear();
  sessions_.clear();
  all_.clear();
}

void Occupants::rename(Occupant& occupant, xmpp::Jid new_jid) {
  CHECK(by_nick(new_jid.resource()) == nullptr);
  forget_nick(occupant);
  occupant.jid = std::move(new_jid);
  index_nick(occupant);
}

}  // namespace muc
