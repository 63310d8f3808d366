// SPDX-License-Identifier: Apache-2.0
#include "muc/people/voice_requests.h"

#include <algorithm>

namespace muc {
namespace {

bool lives(const VoiceRequest& request, base::Time now) {
  return now - request.at < (request.over ? VoiceRequests::interval : VoiceRequests::lifetime);
}

}  // namespace

void VoiceRequests::forget(base::Time now) {
  std::erase_if(requests_, [&](const auto& entry) { return !lives(entry.second, now); });
}

void VoiceRequests::forget_if(const std::function<bool(const VoiceRequest&)>& gone) {
  std::erase_if(requests_, [&](const auto& entry) { return gone(entry.second); });
}

VoiceRequests::Added VoiceRequests::add(const xmpp::Jid& asker, base::Time now) {
  forget(now);
  const auto at = requests_.find(asker.bare_str());
  if (at != requests_.end() && now - at->second.at < interval) return Added::too_soon;
  if (at == requests_.end() && requests_.size() >= remembered) return Added::too_many;
  requests_.insert_or_assign(std::string(asker.bare_str()), VoiceRequest{asker, now});
  return Added::yes;
}

VoiceRequest* VoiceRequests::find(const xmpp::Jid& asker, base::Time now) {
  const auto at = requests_.find(asker.bare_str());
  if (at == requests_.end() || at->second.over || !lives(at->second, now)) return nullptr;
  return &at->second;
}

std::vector<VoiceRequest> VoiceRequests::open(base::Time now) const {
  std::vector<VoiceRequest> found;
  for (const auto& [jid, request] : requests_)
    if (!request.over && lives(request, now)) found.push_back(request);
  std::stable_sort(found.begin(), found.end(),
                   [](const auto& a, const auto& b) { return a.at < b.at; });
  return found;
}

}  // namespace muc
