// SPDX-License-Identifier: Apache-2.0
// Live: what commands need from the running server. Offline there is none: NullLive.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "admin/answer.h"
#include "base/result.h"
#include "base/time.h"
#include "xmpp/jid.h"

namespace admin {

enum class Ending : std::uint8_t { removed, disabled, password_changed };

class Live {
 public:
  virtual ~Live() = default;
  // Ends every session of the account (bare JID). Any thread; returns at once, the sessions end
  // soon after.
  virtual void end_sessions(const xmpp::Jid& account, Ending why) = 0;
  // The account (bare JID) may administer from now on, or no longer. Any thread; returns at once.
  virtual void set_administrator(const xmpp::Jid& account, bool may) = 0;
  // Counters for `status`: sessions, rooms, queues, database, archive, uptime. nullopt: no server.
  // May block for a moment.
  virtual std::optional<std::vector<Field>> status() = 0;
  // Which of these rooms are in memory; empty if there is no server or it does not answer soon.
  // May block for a moment.
  virtual std::vector<bool> in_memory(const std::vector<xmpp::Jid>& rooms) = 0;
  // Messages are gone from the room's stored history: see muc::Service. Any thread; returns at
  // once.
  virtual void forget_history(const xmpp::Jid& room, std::int64_t up_to, base::Time before) = 0;
  // Reads configuration and certificates again; all or nothing. May block.
  virtual base::Result<Answer, Refusal> reload() = 0;
};

class NullLive final : public Live {
 public:
  void end_sessions(const xmpp::Jid&, Ending) override {}
  void set_administrator(const xmpp::Jid&, bool) override {}
  std::optional<std::vector<Field>> status() override { return std::nullopt; }
  std::vector<bool> in_memory(const std::vector<xmpp::Jid>&) override { return {}; }
  void forget_history(const xmpp::Jid&, std::int64_t, base::Time) override {}
  base::Result<Answer, Refusal> reload() override {
    return base::fail(Refusal{.text = "no server is running"});
  }
};

}  // namespace admin
