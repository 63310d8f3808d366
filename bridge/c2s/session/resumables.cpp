// SPDX-License-Identifier: Apache-2.0
#include "bridge/c2s/session/resumables.h"

#include <utility>

#include "bridge/c2s/session/bound_session.h"

namespace bridge::c2s {

void Resumables::add(const std::string& id, const std::shared_ptr<BoundSession>& session) {
  sessions_.insert_or_assign(id, session);
}

std::shared_ptr<BoundSession> Resumables::find(const std::string& id) const {
  const auto at = sessions_.find(id);
  return at == sessions_.end() ? nullptr : at->second.lock();
}

std::vector<std::shared_ptr<BoundSession>> Resumables::all() const {
  std::vector<std::shared_ptr<BoundSession>> found;
  for (const auto& [id, session] : sessions_)
    if (auto alive = session.lock()) found.push_back(std::move(alive));
  return found;
}

std::shared_ptr<BoundSession> Resumables::longest_away(const xmpp::Jid& account) const {
  std::shared_ptr<BoundSession> longest;
  for (const auto& [id, weak] : sessions_) {
    auto session = weak.lock();
    if (!session || !session->away() || session->jid().bare() != account) continue;
    if (!longest || session->away_since() < longest->away_since()) longest = std::move(session);
  }
  return longest;
}

void Resumables::forget(const std::string& id) { sessions_.erase(id); }

void Resumables::remember(const std::string& id, xmpp::Jid account, std::uint32_t h) {
  if (!past_.emplace(id, Past{std::move(account), h}).second) return;
  past_order_.push_back(id);
  if (past_order_.size() <= remembered_max) return;
  past_.erase(past_order_.front());
  past_order_.pop_front();
}

std::optional<std::uint32_t> Resumables::handled(const std::string& id,
                                                 const xmpp::Jid& account) const {
  const auto at = past_.find(id);
  if (at == past_.end() || at->second.account != account) return std::nullopt;
  return at->second.h;
}

}  // namespace bridge::c2s
