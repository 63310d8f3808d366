// SPDX-License-Identifier: Apache-2.0
// LiveServer: what administrative commands see of, and may ask of, the running server.
#pragma once

#include "admin/live.h"
#include "base/time.h"
#include "bridge/c2s/server.h"
#include "bridge/router.h"
#include "compliance/archivist.h"
#include "db/content.h"
#include "net/loop/shards.h"
#include "net/loop/workers.h"
#include "src/administration/administrators.h"
#include "src/administration/reload.h"
#include "src/people/archive_rules.h"
#include "src/rooms/room_host.h"

namespace server {

class LiveServer final : public admin::Live {
 public:
  // All must outlive it; `archivist` may be null (archive off).
  struct Parts {
    net::Shards& shards;
    bridge::Router& router;
    bridge::c2s::Server& c2s;
    RoomHost& rooms;
    const net::Workers& workers;
    db::Content& content;
    const compliance::Archivist* archivist;
    const base::Clock& clock;
    Administrators& administrators;
    Reloader& reloader;
    ArchiveRules& archives;  // whose removed accounts' are forgotten
  };
  explicit LiveServer(const Parts& parts) : parts_(parts), since_(parts.clock.monotonic()) {}

  void end_sessions(const xmpp::Jid& account, admin::Ending why) override;
  void set_administrator(const xmpp::Jid& account, bool may) override;
  std::optional<std::vector<admin::Field>> status() override;
  std::vector<bool> in_memory(const std::vector<xmpp::Jid>& rooms) override;
  void forget_history(const xmpp::Jid& room, std::int64_t up_to, base::Time before) override {
    parts_.rooms.forget_history(room, up_to, before);
  }
  base::Result<admin::Answer, admin::Refusal> reload() override;

 private:
  Parts parts_;
  base::Time since_;
};

}  // namespace server
