// SPDX-License-Identifier: Apache-2.0
// What a session keeps only under stream management. For bound_session.cpp.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "bridge/c2s/bucket.h"
#include "bridge/c2s/host.h"
#include "bridge/c2s/session/bound_session.h"
#include "bridge/c2s/session/inbound.h"
#include "bridge/c2s/session/outbound.h"
#include "bridge/c2s/session/receipts.h"
#include "net/loop/loop.h"

namespace bridge::c2s {

struct BoundSession::Managed {
  Managed(Host& h, std::shared_ptr<Receipts> r) : host(h), receipts(std::move(r)) {}

  Host& host;
  Inbound in;
  Outbound out;
  std::shared_ptr<Receipts> receipts;
  std::string id;  // "": it cannot be resumed
  base::Micros resume_time = 0;
  Amount limit;  // Limits::resume_stanzas, Config::resume_bytes
  base::Micros patience = 0;
  std::unique_ptr<net::Timer> expiry;  // while it is away
  base::Time away_since{};
  std::weak_ptr<ClientStream> claimant;  // resumes it as soon as all is settled
  base::Time heard_at{};                 // to within a sweep
  std::uint64_t owed = 0;                // an <a/> when so many are settled; 0: none
  Bucket acks, resumptions;
  bool ending = false;  // will be, by the loop
};

}  // namespace bridge::c2s
