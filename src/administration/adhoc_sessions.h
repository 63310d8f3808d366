// SPDX-License-Identifier: Apache-2.0
// AdHocSessions: ad-hoc commands that wait for their form (XEP-0050 §2.4). An id cannot be guessed
// and serves only the full JID that began. Bounded in number and time. Thread-safe.
#pragma once

#include <deque>
#include <mutex>
#include <optional>
#include <string>

#include "admin/command.h"
#include "base/random.h"
#include "base/time.h"
#include "xmpp/jid.h"

namespace server {

class AdHocSessions {
 public:
  struct Limits {
    std::size_t all, of_one;  // of one bare JID
    base::Micros time;
  };
  enum class Problem { unknown, expired };

  // Both must outlive it.
  AdHocSessions(const Limits& limits, const base::Clock& clock, base::Random& random)
      : limits_(limits), clock_(clock), random_(random) {}

  // The id. Where that is one too many, the oldest of the same person ends; empty: all are taken by
  // others.
  std::optional<std::string> begin(const xmpp::Jid& who, const admin::Command& command);
  // Ends it and gives its command.
  base::Result<const admin::Command*, Problem> end(const std::string& id, const xmpp::Jid& who);
  // The same without ending it; it starts to wait anew.
  base::Result<const admin::Command*, Problem> look(const std::string& id, const xmpp::Jid& who);

 private:
  struct Session {
    std::string id;
    xmpp::Jid who;
    const admin::Command* command;
    base::Time since;
  };
  std::deque<Session>::iterator find(const std::string& id, const xmpp::Jid& who);
  void make_room(const xmpp::Jid& who);

  const Limits limits_;
  const base::Clock& clock_;
  base::Random& random_;
  std::mutex mutex_;
  std::deque<Session> sessions_;  // oldest first
};

}  // namespace server
