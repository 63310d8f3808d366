// SPDX-License-Identifier: Apache-2.0
// Router: takes each stanza to where its address lives: a session of an account here, a service of
// this server, or back with an error. Routing between shards is by Loop::post; each shard's table
// is touched on its own thread only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/payload.h"
#include "base/receipt.h"
#include "bridge/conversations.h"
#include "bridge/iq_registry.h"
#include "bridge/session.h"
#include "net/loop/shards.h"
#include "xmpp/element.h"
#include "xmpp/jid.h"

namespace bridge {

// A domain of this server that is not an account domain: a MUC service.
class LocalService {
 public:
  virtual ~LocalService() = default;
  // On shard `from_shard`'s thread; the service hops to where the address lives. `to` is the
  // stanza's, parsed. `receipt` is kept until what the stanza leads to is released or refused.
  virtual void handle(std::size_t from_shard, const xmpp::Jid& to, xmpp::Element stanza,
                      base::Receipt receipt) = 0;
};

class Router {
 public:
  // `domain`: where accounts live. Services, rules and the watcher are added before the shards
  // start.
  Router(net::Shards& shards, std::string domain);
  ~Router();
  void add_service(std::string domain, std::string name, LocalService& service);

  // Who answers IQs to the server and to accounts; the basic rules are there already.
  IqRegistry& iqs();
  // Told of presence and ends of sessions; must outlive the router's sessions.
  void watch(SessionWatcher& watcher);
  // What clients of accounts send each other passes through these; before the shards start.
  void set_conversations(Conversations& conversations);

  std::size_t home(const xmpp::Jid& jid) const;  // shard of the bare JID

  // ---- on the session's own shard
  // Binds; the JID must be free (ask taken()). Count and lookup are per bare JID.
  void add(std::shared_ptr<Session> session);
  // Ends: unavailable goes to everybody who had directed presence, then the session is forgotten.
  void remove(const std::shared_ptr<Session>& session);
  std::size_t resources(const xmpp::Jid& bare) const;
  std::shared_ptr<Session> find(const xmpp::Jid& full) const;  // null if not here
  std::vector<std::shared_ptr<Session>> sessions(const xmpp::Jid& bare) const;
  // A stanza its client sent: `from` is stamped, the account's and the server's own business is
  // answered, the rest routed. Everything gets an answer or is delivered; then `receipt` is let go.
  void from_client(Session& session, xmpp::Element stanza, base::Receipt receipt = {});

  // ---- on any shard's thread, naming it
  // `stanza` has a trusted from and a to. Undeliverable: the error goes back to `from`.
  void route(std::size_t from_shard, xmpp::Element stanza);

  // On the shard of `gone`, a session that is removed: a stanza that it never acknowledged. It was
  // sent to it at `at`, which is on the loop's clock and `stamp` by the wall. A message goes to
  // another resource where RFC 6121 §8.5.3.2 has one, with its <delay/> (XEP-0203), else back; a
  // request that nobody will answer is refused.
  void undelivered(const Session& gone, base::Time at, base::Time stamp, xmpp::Element stanza);

  // Sessions over all shards; any thread, approximate.
  std::size_t session_count() const;
  // Stanzas that clients sent, well-formed ones; any thread.
  struct Received {
    std::uint64_t messages = 0, presences = 0, iqs = 0;
  };
  Received received() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace bridge
