// SPDX-License-Identifier: Apache-2.0
#include "src/administration/adhoc_sessions.h"

#include <algorithm>
#include <utility>

namespace server {
namespace {

// For so long after its time an id is still known to have been one.
constexpr base::Micros remembered = base::minutes(10);

}  // namespace

std::deque<AdHocSessions::Session>::iterator AdHocSessions::find(const std::string& id,
                                                                 const xmpp::Jid& who) {
  return std::find_if(sessions_.begin(), sessions_.end(),
                      [&](const Session& s) { return s.id == id && s.who == who; });
}

void AdHocSessions::make_room(const xmpp::Jid& who) {
  const auto now = clock_.monotonic();
  std::erase_if(sessions_,
                [&](const Session& s) { return now - s.since >= limits_.time + remembered; });
  const auto own = [&](const Session& s) { return s.who.bare_str() == who.bare_str(); };
  const auto count = std::count_if(sessions_.begin(), sessions_.end(), own);
  if (static_cast<std::size_t>(count) >= limits_.of_one || sessions_.size() >= limits_.all)
    if (const auto oldest = std::find_if(sessions_.begin(), sessions_.end(), own);
        oldest != sessions_.end())
      sessions_.erase(oldest);
}

std::optional<std::string> AdHocSessions::begin(const xmpp::Jid& who,
                                                const admin::Command& command) {
  const std::lock_guard lock(mutex_);
  make_room(who);
  if (sessions_.size() >= limits_.all) return std::nullopt;
  auto id = base::random_token(random_, 16);
  sessions_.push_back({id, who, &command, clock_.monotonic()});
  return id;
}

base::Result<const admin::Command*, AdHocSessions::Problem> AdHocSessions::end(
    const std::string& id, const xmpp::Jid& who) {
  const std::lock_guard lock(mutex_);
  const auto at = find(id, who);
  if (at == sessions_.end()) return base::fail(Problem::unknown);
  const Session session = *at;
  sessions_.erase(at);
  if (clock_.monotonic() - session.since >= limits_.time) return base::fail(Problem::expired);
  return session.command;
}

base::Result<const admin::Command*, AdHocSessions::Problem> AdHocSessions::look(
    const std::string& id, const xmpp::Jid& who) {
  const std::lock_guard lock(mutex_);
  const auto at = find(id, who);
  if (at == sessions_.end()) return base::fail(Problem::unknown);
  Session session = *at;
  sessions_.erase(at);
  if (clock_.monotonic() - session.since >= limits_.time) return base::fail(Problem::expired);
  session.since = clock_.monotonic();
  sessions_.push_back(session);
  return session.command;
}

}  // namespace server
