// SPDX-License-Identifier: Apache-2.0
// Host: what a client stream finds on its shard. The server implements it, one for each shard; a
// stream only ever uses its own, on its thread.
#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include "base/log.h"
#include "base/random.h"
#include "base/time.h"
#include "bridge/c2s/admission.h"
#include "bridge/c2s/config.h"
#include "bridge/c2s/rejects.h"
#include "bridge/c2s/sasl.h"
#include "bridge/c2s/session/resumables.h"
#include "bridge/credentials.h"
#include "bridge/registrar.h"
#include "bridge/router.h"
#include "bridge/session_journal.h"
#include "net/loop/loop.h"
#include "net/loop/workers.h"
#include "net/tcp/connection.h"
#include "net/tls/tls.h"
#include "xmpp/jid.h"

namespace bridge::c2s {

class ClientStream;

// What all shards share.
struct Common {
  net::Shards& shards;
  Router& router;
  CredentialSource& credentials;
  net::Workers& workers;
  base::Log& log;
  const base::Clock& clock;
  base::Random& random;
  Admission admission = {};
  Rejects rejects = {};
  Registrar* registrar = nullptr;     // null: nobody registers
  SessionJournal* journal = nullptr;  // null: nobody is told
};

// Somebody authenticated, between two shards.
struct Handover {
  std::shared_ptr<net::Connection::Detached> connection;
  xmpp::Jid account;      // bare
  std::string mechanism;  // of SASL
};

class Host {
 public:
  Host(Common& c, std::size_t s) : common(c), shard(s), loop(c.shards[s]) {}
  virtual ~Host() = default;

  virtual std::shared_ptr<const Config> config() const = 0;
  virtual std::shared_ptr<const net::TlsContext> tls() const = 0;  // null: no TLS
  // The stream is over; it is destroyed soon, never within this call.
  virtual void retire(ClientStream& stream) = 0;
  // To the account's home shard.
  virtual void hand_over(Handover handover) = 0;

  Common& common;
  const std::size_t shard;
  net::Loop& loop;
  SaslLibrary sasl;
  Resumables resumables;
};

}  // namespace bridge::c2s
