// SPDX-License-Identifier: Apache-2.0
// Operation: what operators and their machines look at: /metrics and /health, the alarms, the
// service manager's watchdog.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/log.h"
#include "base/metrics/metrics.h"
#include "base/result.h"
#include "base/time.h"
#include "bridge/c2s/server.h"
#include "bridge/router.h"
#include "compliance/archivist.h"
#include "db/content.h"
#include "net/http/server.h"
#include "net/loop/shards.h"
#include "net/loop/workers.h"
#include "net/tcp/listener.h"
#include "src/config/config.h"
#include "src/operation/notify.h"
#include "src/operation/pulse.h"
#include "src/operation/watch.h"
#include "src/rooms/room_host.h"

namespace server {

class Operation {
 public:
  // All must outlive it; `archivist` may be null (archive off). It is destroyed after the shards
  // have joined and the workers have ended, and before the loops are.
  struct Parts {
    const Config& config;
    net::Shards& shards;
    net::Workers& workers;
    const bridge::Router& router;
    const bridge::c2s::Server& c2s;
    const RoomHost& rooms;
    db::Content& content;
    const db::CommitMeters& commits;
    const compliance::Archivist* archivist;
    const base::Clock& clock;
    base::Log& log;
    const Notifier& notifier;
  };
  explicit Operation(const Parts& parts);

  // Opens listen.http; the error is a sentence. Appends to `listening` what is to be announced.
  base::Result<void, std::string> listen(std::vector<std::string>& listening);
  void start();  // once the shards run
  void stop();   // any thread: no more pages, no alarms; the watchdog is fed until the shards end

  // Any thread. The service manager waits for the end of a reload.
  void reload_begins();
  void reload_ends();
  void set_certificate(base::Time until) { watch_.set_certificate(until); }  // any thread

 private:
  std::optional<net::http::Response> page(std::string_view path) const;

  Parts parts_;
  Watch watch_;
  Pulse pulse_;
  base::Metrics metrics_;
  net::http::Server http_;
  std::vector<std::unique_ptr<net::Listener>> listeners_;
};

}  // namespace server
