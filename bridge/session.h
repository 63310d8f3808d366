// SPDX-License-Identifier: Apache-2.0
// Session: one bound resource of an account, on the account's home shard. It outlives calls through
// shared_ptr, not its connection: once closed it swallows what is sent to it. All calls on its
// shard.
#pragma once

#include <memory>
#include <string>
#include <unordered_set>

#include "base/payload.h"
#include "base/time.h"
#include "xmpp/element.h"
#include "xmpp/errors/stream_error.h"
#include "xmpp/jid.h"

namespace bridge {

class Session {
 public:
  virtual ~Session() = default;

  const xmpp::Jid& jid() const { return jid_; }        // full JID
  const std::string& token() const { return token_; }  // opaque id of this session, for the record
  virtual bool open() const = 0;
  // A payload's hole gets this session's JID.
  virtual void send(const base::Payload& payload) = 0;
  virtual void send(const xmpp::Element& stanza) = 0;  // `to` as it stands
  // The peer has taken nothing for a while: most likely a dead connection (RFC 6120 §4.6.1).
  virtual bool stale() const { return false; }
  // Ends it with a stream error: another connection takes this full JID over (conflict), the
  // account is no more (not-authorized) …
  virtual void end(xmpp::StreamError error) = 0;

  // Presence the account's other parties see: set by the router.
  bool available = false;
  int priority = 0;
  base::Time unchanged_since{};  // these two, monotonic
  // Full or bare JIDs that got directed presence and are owed `unavailable` at the end (RFC 6121
  // §4.6).
  std::unordered_set<xmpp::Jid> directed;

 protected:
  Session(xmpp::Jid jid, std::string token) : jid_(std::move(jid)), token_(std::move(token)) {}

 private:
  xmpp::Jid jid_;
  std::string token_;
};

// Whoever keeps something for those who are online. On the session's shard.
class SessionWatcher {
 public:
  virtual ~SessionWatcher() = default;
  // Available presence to nobody in particular; `initial`: it was unavailable before.
  virtual void on_available(const xmpp::Jid& session, const xmpp::Element& presence,
                            bool initial) = 0;
  virtual void on_unavailable(const xmpp::Jid& session) = 0;  // it is still bound
  // It is bound no more; the router has forgotten it. Unavailable or not is not told apart.
  virtual void on_end(const xmpp::Jid& session) = 0;
};

}  // namespace bridge
