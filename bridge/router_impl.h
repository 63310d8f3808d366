// SPDX-License-Identifier: Apache-2.0
// The router's inside: one table of sessions for each shard, and what is done with a stanza at the
// account it is for. Only for router*.cpp.
#pragma once

#include <array>
#include <atomic>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/metrics/metrics.h"
#include "bridge/router.h"
#include "bridge/server_iq.h"
#include "bridge/stanza_rules.h"

namespace bridge {

// Lookup by a borrowed text without making a string of it.
struct TextHash {
  using is_transparent = void;
  std::size_t operator()(std::string_view text) const noexcept {
    return std::hash<std::string_view>{}(text);
  }
};
template <class T>
using TextMap = std::unordered_map<std::string, T, TextHash, std::equal_to<>>;

struct Resource {
  std::shared_ptr<Session> session;
  base::Payload presence;  // the last available presence; its bytes are null before the first
};
// The sessions of one shard by the text of their bare JID.
using Table = TextMap<std::vector<Resource>>;

struct Router::Impl {
  Impl(net::Shards& s, std::string d);

  std::size_t home(const xmpp::Jid& jid) const { return shards.home(jid.bare_str()); }
  std::vector<Resource>* account(const xmpp::Jid& jid);
  const std::vector<Resource>* account(const xmpp::Jid& jid) const;
  Resource* resource(const xmpp::Jid& full);
  const Resource* resource(const xmpp::Jid& full) const;

  // ---- on the session's shard, for what its client sent (router_client.cpp)
  void message(std::size_t shard, Session& session, xmpp::Element stanza, base::Receipt receipt);
  void iq(std::size_t shard, Session& session, xmpp::Element stanza, base::Receipt receipt);
  void presence(std::size_t shard, Session& session, xmpp::Element stanza, base::Receipt receipt);
  void own_presence(Session& session, const xmpp::Element& stanza, PresenceType type);
  xmpp::Jid owed_to(const xmpp::Jid& to) const;
  void directed_presence(std::size_t shard, Session& session, xmpp::Element stanza,
                         PresenceType type, base::Receipt receipt);
  void farewell(const xmpp::Jid& from, std::unordered_set<xmpp::Jid> directed);
  void tell_own(const xmpp::Jid& from, const xmpp::Element& presence);

  // ---- anywhere (router.cpp)
  void dispatch(std::size_t shard, xmpp::Element stanza, const xmpp::Jid& to,
                base::Receipt receipt = {});
  void bounce(std::size_t shard, const xmpp::Element& stanza, const xmpp::StanzaError& error);
  void reply(std::size_t shard, xmpp::Element stanza);
  bool is_ours(std::string_view name) const { return name == domain || services.contains(name); }
  bool is_account(const xmpp::Jid& to) const { return to.domain() == domain && to.has_local(); }

  // ---- at the account's home (router_delivery.cpp)
  void deliver(std::size_t shard, const xmpp::Element& stanza, const xmpp::Jid& to,
               base::Receipt receipt);
  bool from_client(const xmpp::Element& stanza) const;
  bool heard(const xmpp::Element& stanza, const xmpp::Jid& to) const;
  void deliver_now(std::size_t shard, const xmpp::Element& stanza, const xmpp::Jid& to,
                   base::Receipt receipt);
  MessageRoute way(const xmpp::Element& message, const xmpp::Jid& to) const;
  bool was_heard(const xmpp::Jid& to, const Session& gone, base::Time at) const;
  void undelivered(std::size_t shard, const Session& gone, base::Time at, base::Time stamp,
                   xmpp::Element message);
  std::vector<Candidate> candidates(const xmpp::Jid& to) const;
  void deliver_message(std::size_t shard, const xmpp::Element& stanza, const xmpp::Jid& to);
  void deliver_presence(std::size_t shard, const xmpp::Element& stanza, const xmpp::Jid& to);
  void deliver_iq(std::size_t shard, const xmpp::Element& stanza, const xmpp::Jid& to,
                  base::Receipt receipt);
  void answer_probe(std::size_t shard, const xmpp::Element& probe, const xmpp::Jid& to);
  void ask(Addressee addressee, IqRequest request);
  void to_server(std::size_t shard, const xmpp::Element& stanza, base::Receipt receipt);

  net::Shards& shards;
  const std::string domain;
  IqRegistry iqs;
  SessionWatcher* watcher = nullptr;
  Conversations* conversations = nullptr;  // none: what is said passes at once
  TextMap<LocalService*> services;         // fixed once the shards run
  std::vector<Table> tables;               // each on its shard's thread only
  std::atomic<std::size_t> count{0};
  std::vector<std::array<base::Counter, 3>> received;  // each shard its own, by Kind
};

}  // namespace bridge
