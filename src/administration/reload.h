// SPDX-License-Identifier: Apache-2.0
// Reloader: reads configuration and certificate again while the server runs. All or nothing: if
// anything is wrong, or needs a restart, everything stays as it was. Sessions stay in any case.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>

#include "admin/answer.h"
#include "base/log.h"
#include "base/result.h"
#include "base/time.h"
#include "bridge/c2s/server.h"
#include "db/content.h"
#include "src/administration/administrators.h"
#include "src/config/config.h"
#include "src/operation/operation.h"
#include "src/rooms/room_host.h"

namespace server {

// Whether this key may change while the server runs ("limits.stanza_bytes").
bool may_change(std::string_view key);

// Keys whose values differ, in the order of the sample.
std::vector<std::string> changed_keys(const Config& before, const Config& after);

class Reloader {
 public:
  // All must outlive it.
  struct Parts {
    bridge::c2s::Server& c2s;
    RoomHost& rooms;
    Administrators& administrators;
    const db::Secrets& secrets;
    base::Log& log;
    const base::Clock& clock;
    std::function<void(const Config&)>
        tell;                        // whoever else goes by the configuration; may be empty
    Operation* operation = nullptr;  // told of the certificate, and while it goes on; may be null
  };
  Reloader(Config running, Parts parts) : running_(std::move(running)), parts_(std::move(parts)) {}

  // One thread at a time; reads files.
  base::Result<admin::Answer, admin::Refusal> reload();
  std::uint64_t done() const { return done_; }        // any thread
  std::uint64_t refused() const { return refused_; }  // any thread

 private:
  base::Result<admin::Answer, admin::Refusal> try_reload();

  Config running_;
  Parts parts_;
  std::atomic<std::uint64_t> done_{0}, refused_{0};
};

}  // namespace server
