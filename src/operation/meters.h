// SPDX-License-Identifier: Apache-2.0
// Everything that /metrics shows: each name is declared here once, with what it means.
#pragma once

#include "base/metrics/metrics.h"
#include "bridge/c2s/server.h"
#include "bridge/router.h"
#include "compliance/archivist.h"
#include "db/content.h"
#include "net/http/server.h"
#include "net/loop/shards.h"
#include "net/loop/workers.h"
#include "src/operation/pulse.h"
#include "src/operation/watch.h"
#include "src/rooms/room_host.h"

namespace server {

// All must outlive the Metrics they are shown by; `archivist` may be null (archive off).
struct Shown {
  net::Shards& shards;
  const bridge::Router& router;
  const bridge::c2s::Server& c2s;
  const RoomHost& rooms;
  const net::Workers& workers;
  const db::Content& content;
  const record::Recorder& recorder;
  const db::CommitMeters& commits;
  const compliance::Archivist* archivist;
  const Watch& watch;
  const Pulse& pulse;
  const net::http::Server& http;
  base::Time started;  // wall clock
};

void show(base::Metrics& metrics, const Shown& shown);

}  // namespace server
