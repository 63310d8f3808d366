// SPDX-License-Identifier: Apache-2.0
// Live: what commands need from the running server. Offline there is none: NullLive.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "admin/answer.h"
#include "xmpp/jid.h"

namespace admin {

enum class Ending : std::uint8_t { removed, disabled, password_changed };

class Live {
 public:
  virtual ~Live() = default;
  // Ends every session of the account (bare JID). Any thread; returns at once, the sessions end
  // soon after.
  virtual void end_sessions(const xmpp::Jid& account, Ending why) = 0;
  // Counters for `status`: sessions, rooms, queues, database, archive, uptime. nullopt: no server.
  // May block for a moment.
  virtual std::optional<std::vector<Field>> status() = 0;
};

class NullLive final : public Live {
 public:
  void end_sessions(const xmpp::Jid&, Ending) override {}
  std::optional<std::vector<Field>> status() override { return std::nullopt; }
};

}  // namespace admin
