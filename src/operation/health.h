// SPDX-License-Identifier: Apache-2.0
// Health: what /health says. Well, degraded (somebody should look, everything works), or ill (what
// the server is for does not work, or is about to stop).
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "compliance/archivist.h"
#include "net/http/response.h"
#include "src/operation/shortage.h"
#include "src/operation/watch.h"

namespace server {

struct Symptoms {
  bool record_accepting = true;
  enum class Archive { off, following, retrying, unsigned_, stopped_by_gap };
  Archive archive = Archive::off;
  std::string stopped_sources = {};  // of stopped_by_gap
  std::size_t silent_shards = 0;
  WatchReading watch;
};

// Null: there is none. Any thread.
Symptoms::Archive archive_state(const compliance::Archivist* archivist);

// 200 for well and degraded, 503 for ill; JSON that says of each part how it is, in words.
net::http::Response health(const Symptoms& symptoms);

}  // namespace server
