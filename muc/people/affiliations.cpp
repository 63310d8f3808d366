// SPDX-License-Identifier: Apache-2.0
#include "muc/people/affiliations.h"

#include <algorithm>

#include "xmpp/nickname.h"

namespace muc {

using record::Affiliation;

Affiliation Affiliations::of(const xmpp::Jid& real) const {
  auto at = entries_.find(real.bare_str());
  if (at == entries_.end()) at = entries_.find(real.domain());
  return at == entries_.end() ? Affiliation::none : at->second.second.affiliation;
}

const Affiliations::Entry* Affiliations::entry(const xmpp::Jid& bare_or_domain) const {
  const auto at = entries_.find(bare_or_domain.bare_str());
  return at == entries_.end() ? nullptr : &at->second.second;
}

void Affiliations::erase(const std::string& key) {
  const auto at = entries_.find(key);
  if (at == entries_.end()) return;
  const auto reserved = nicks_.find(at->second.second.nick);
  if (reserved != nicks_.end() && reserved->second.str() == key) {
    for (const auto& of : xmpp::looks_of(reserved->first)) {
      const auto [first, last] = looks_.equal_range(of);
      const auto look =
          std::find_if(first, last, [&](const auto& l) { return l.second.str() == key; });
      if (look != last) looks_.erase(look);
    }
    nicks_.erase(reserved);
  }
  entries_.erase(at);
}

void Affiliations::set(const xmpp::Jid& bare_or_domain, Affiliation value, std::string nick) {
  const xmpp::Jid key = bare_or_domain.bare();
  erase(key.str());
  if (value == Affiliation::none) return;
  if (!nick.empty()) {
    nicks_.insert_or_assign(nick, key);
    for (auto& look : xmpp::looks_of(nick)) looks_.emplace(std::move(look), key);
  }
  entries_[key.str()] = {key, {value, std::move(nick)}};
}

std::vector<const std::pair<xmpp::Jid, Affiliations::Entry>*> Affiliations::listed(
    Affiliation value) const {
  std::vector<const std::pair<xmpp::Jid, Entry>*> found;
  for (const auto& [key, kept] : entries_)
    if (kept.second.affiliation == value) found.push_back(&kept);
  return found;
}

const xmpp::Jid* Affiliations::holder_of(std::string_view nick) const {
  const auto at = nicks_.find(nick);
  return at == nicks_.end() ? nullptr : &at->second;
}

bool Affiliations::taken_for_another(const std::vector<std::string>& looks,
                                     const xmpp::Jid& account) const {
  return std::any_of(looks.begin(), looks.end(), [&](const std::string& look) {
    const auto [first, last] = looks_.equal_range(look);
    return std::any_of(first, last,
                       [&](const auto& l) { return l.second.str() != account.bare_str(); });
  });
}

std::size_t Affiliations::count(Affiliation value) const {
  return static_cast<std::size_t>(
      std::count_if(entries_.begin(), entries_.end(),
                    [&](const auto& kept) { return kept.second.second.affiliation == value; }));
}

}  // namespace muc
