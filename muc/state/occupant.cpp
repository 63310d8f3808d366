// SPDX-License-Identifier: Apache-2.0
#include "muc/state/occupant.h"

#include <algorithm>
#include <utility>

#include "base/check.h"

namespace muc {

const Session* Occupant::session(const xmpp::Jid& real) const {
  for (const auto& s : sessions)
    if (s.jid == real) return &s;
  return nullptr;
}

Session* Occupant::session(const xmpp::Jid& real) {
  return const_cast<Session*>(std::as_const(*this).session(real));
}

Occupant* Occupants::by_nick(std::string_view nick) const {
  const auto at = nicks_.find(std::string(nick));
  return at == nicks_.end() ? nullptr : at->second;
}

Occupant* Occupants::by_session(const xmpp::Jid& real) const {
  const auto at = sessions_.find(real);
  return at == sessions_.end() ? nullptr : at->second;
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
  Occupant& added = *all_.emplace_back(std::make_unique<Occupant>(std::move(occupant)));
  CHECK(nicks_.emplace(added.nick(), &added).second);
  add_session(added, std::move(first));
  return added;
}

void Occupants::add_session(Occupant& occupant, Session session) {
  CHECK(sessions_.emplace(session.jid, &occupant).second);
  occupant.sessions.push_back(std::move(session));
}

void Occupants::remove_session(Occupant& occupant, const xmpp::Jid& real) {
  CHECK(sessions_.erase(real) == 1);
  const auto at = std::find_if(occupant.sessions.begin(), occupant.sessions.end(),
                               [&](const Session& s) { return s.jid == real; });
  const auto index = static_cast<std::size_t>(at - occupant.sessions.begin());
  occupant.sessions.erase(at);
  if (!occupant.sessions.empty()) {
    if (occupant.primary == index)
      occupant.primary = occupant.sessions.size() - 1;
    else if (occupant.primary > index)
      --occupant.primary;
    return;
  }
  nicks_.erase(occupant.nick());
  all_.erase(
      std::find_if(all_.begin(), all_.end(), [&](const auto& o) { return o.get() == &occupant; }));
}

void Occupants::clear() {
  nicks_.clear();
  sessions_.clear();
  all_.clear();
}

void Occupants::rename(Occupant& occupant, xmpp::Jid new_jid) {
  nicks_.erase(occupant.nick());
  occupant.jid = std::move(new_jid);
  CHECK(nicks_.emplace(occupant.nick(), &occupant).second);
}

}  // namespace muc
