// SPDX-License-Identifier: Apache-2.0
// Requests for voice that moderators have been shown (XEP-0045 8.6), while the room is in memory:
// one for each bare JID. What is not known here was never asked for (BI-MUC-40).
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "base/time.h"
#include "xmpp/jid.h"

namespace muc {

struct VoiceRequest {
  xmpp::Jid asker;  // real full JID
  base::Time at;
  bool over = false;  // answered: only the time still counts
};

class VoiceRequests {
 public:
  static constexpr std::size_t remembered = 100;
  static constexpr base::Micros interval = base::minutes(1);  // between two of one person
  static constexpr base::Micros lifetime = base::minutes(60);

  enum class Added { yes, too_soon, too_many };
  Added add(const xmpp::Jid& asker, base::Time now);
  // Those of people for whom `gone` says so.
  void forget_if(const std::function<bool(const VoiceRequest&)>& gone);
  // Null if there is none of this person, or it is over or too old. Valid until the next add().
  VoiceRequest* find(const xmpp::Jid& asker, base::Time now);
  // Those that are not over, oldest first.
  std::vector<VoiceRequest> open(base::Time now) const;

 private:
  void forget(base::Time now);

  std::map<std::string, VoiceRequest, std::less<>> requests_;  // by bare JID
};

}  // namespace muc
