// SPDX-License-Identifier: Apache-2.0
#include "muc/people/people.h"

namespace muc {

const People::Values* People::of(const xmpp::Jid& real) const {
  const auto at = people_.find(real.bare_str());
  return at == people_.end() ? nullptr : &at->second.second;
}

std::string_view People::get(const xmpp::Jid& real, std::string_view key) const {
  const Values* values = of(real);
  if (values == nullptr) return {};
  const auto at = values->find(key);
  return at == values->end() ? std::string_view{} : std::string_view(at->second);
}

void People::set(const xmpp::Jid& real, std::string_view key, std::string value) {
  const xmpp::Jid who = real.bare();
  const bool was = !get(who, key).empty();
  if (value.empty() && !was) return;
  auto& [jid, values] = people_[who.str()];
  if (!value.empty()) {
    jid = who;
    values.insert_or_assign(std::string(key), std::move(value));
    if (was) return;
    ++counts_[std::string(key)];
    ++size_;
    return;
  }
  values.erase(values.find(key));
  if (values.empty()) people_.erase(who.str());
  --counts_.find(key)->second;
  --size_;
}

std::vector<std::pair<xmpp::Jid, std::string>> People::with(std::string_view key) const {
  std::vector<std::pair<xmpp::Jid, std::string>> found;
  if (count(key) == 0) return found;
  for (const auto& [name, person] : people_)
    if (const auto at = person.second.find(key); at != person.second.end())
      found.emplace_back(person.first, at->second);
  return found;
}

std::size_t People::count(std::string_view key) const {
  const auto at = counts_.find(key);
  return at == counts_.end() ? 0 : at->second;
}

}  // namespace muc
