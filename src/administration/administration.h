// SPDX-License-Identifier: Apache-2.0
// Administration: everything by which the running server is administered: the commands, the ways
// they come (control.sock, SIGHUP, ad-hoc commands), and who may.
#pragma once

#include <memory>
#include <vector>

#include "admin/live.h"
#include "base/log.h"
#include "base/random.h"
#include "base/time.h"
#include "bridge/c2s/server.h"
#include "bridge/router.h"
#include "compliance/archivist.h"
#include "db/content.h"
#include "net/loop/shards.h"
#include "net/loop/workers.h"
#include "src/administration/administrators.h"
#include "src/config/config.h"
#include "src/operation/operation.h"
#include "src/people/archive_rules.h"
#include "src/rooms/room_host.h"

namespace server {

class Administration {
 public:
  // All must outlive it; `archivist` may be null (archive off).
  struct Parts {
    const Config& config;
    net::Shards& shards;
    bridge::Router& router;
    bridge::c2s::Server& c2s;
    RoomHost& rooms;
    const net::Workers& workers;
    db::Content& content;
    const compliance::Archivist* archivist;
    Operation& operation;
    ArchiveRules& archives;
    base::Log& log;
    base::Clock& clock;
    base::Random& random;
  };
  // Before the shards start. `made_admins`: accounts made with --admin.
  Administration(const Parts& parts, const std::vector<xmpp::Jid>& made_admins);
  ~Administration();  // stop()

  // Opens control.sock. The error is a sentence.
  base::Result<void, std::string> start();
  void reload();  // as SIGHUP asks; returns at once
  admin::Live& live();
  const Administrators& administrators() const;
  // As configured now; any thread.
  int scram_iterations() const;
  std::size_t archive_page() const;
  // Bids what runs to give up and waits for it. Call it while the recorder and the shards run.
  void stop();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace server
