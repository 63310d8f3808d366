// SPDX-License-Identifier: Apache-2.0
// Server: all client streams of this process (RFC 6120), on all shards. Listeners are somebody
// else's; they hand connections in. It ends before the shards' loops are destroyed and after they
// have joined; drain() first.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "base/log.h"
#include "base/random.h"
#include "base/time.h"
#include "bridge/c2s/config.h"
#include "bridge/credentials.h"
#include "bridge/registrar.h"
#include "bridge/router.h"
#include "bridge/session_journal.h"
#include "net/loop/shards.h"
#include "net/loop/workers.h"
#include "net/tcp/connection.h"
#include "net/tls/tls.h"
#include "xmpp/errors/stream_error.h"
#include "xmpp/jid.h"

namespace bridge::c2s {

class Server {
 public:
  // `config.domain` is prepared; `config.fake_salt_key` is kept from run to run. All else must
  // outlive the server; the workers end before it.
  Server(net::Shards& shards, Router& router, CredentialSource& credentials, net::Workers& workers,
         Config config, base::Log& log, const base::Clock& clock, base::Random& random);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // Before the first connection; it outlives the server.
  void set_registrar(Registrar& registrar);
  void set_journal(SessionJournal& journal);

  // On the shard's thread. `direct_tls`: TLS from the first byte (XEP-0368).
  void accept(std::size_t shard, std::unique_ptr<net::Connection> connection, bool direct_tls);

  // Any thread. The next handshakes use it; null: no TLS is offered.
  void set_tls(std::shared_ptr<const net::TlsContext> context);
  // Any thread. Limits hold at once for streams that are open, the rest for new ones. The domain
  // stays.
  void set_config(Config config);
  // Any thread: ends every stream of this account, also one that is still logging in: what it was
  // let in by is out of date. Call it when the change is on record.
  void end(const xmpp::Jid& account, xmpp::StreamError error);
  // Any thread: every stream ends with system-shutdown, new ones are refused; `done` runs on some
  // shard's thread when the last is gone, after 5 s at most. It must not be empty.
  void drain(std::function<void()> done);
  // The same for a thread that is no shard's: waits until all are gone; false if some are not.
  [[nodiscard]] bool drain(base::Micros at_most);

  // Any thread.
  std::size_t connections() const;
  std::size_t waiting() const;                           // nobody has logged in yet
  std::map<std::string, std::uint64_t> rejects() const;  // "stream:policy-violation" → how often

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace bridge::c2s
