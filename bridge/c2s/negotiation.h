// SPDX-License-Identifier: Apache-2.0
// Negotiation: what a stream needs only until it is bound. For client_stream*.cpp.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "bridge/c2s/admission.h"
#include "bridge/c2s/sasl.h"
#include "bridge/c2s/session/bound_session.h"
#include "net/loop/loop.h"

namespace bridge::c2s {

// The session that a stream wants to resume, and how far its client has got in it.
struct Claim {
  std::shared_ptr<BoundSession> session;
  std::string previd;
  std::uint32_t h = 0;
};

struct Negotiation {
  explicit Negotiation(net::Loop& loop) : deadline(loop), penalty(loop) {}

  std::unique_ptr<Admission::Ticket> ticket;  // until authenticated
  net::Timer deadline;                        // LIM-AUTH-TIME; never restarted by the client
  net::Timer penalty;                         // an answer that is given later
  std::string identity;  // the `from` of the client's header, and whether TLS protected it
  bool identity_protected = false;
  std::unique_ptr<SaslExchange> exchange;
  std::string mechanism;  // by which they authenticated
  std::size_t failures = 0;
  std::size_t bind_failures = 0;
  std::size_t registration_failures = 0;
  Claim claim;
};

}  // namespace bridge::c2s
