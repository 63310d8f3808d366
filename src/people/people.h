// SPDX-License-Identifier: Apache-2.0
// People: what accounts keep here, on all shards: the router's rules for roster, private XML, vCard
// and PEP, each leading to the keeper on the account's home shard.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "bridge/router.h"
#include "net/loop/shards.h"
#include "src/people/person_keeper.h"

namespace server {

class People final : public bridge::SessionWatcher {
 public:
  struct Parts {
    net::Shards& shards;
    bridge::Router& router;
    net::Workers& workers;
    record::Recorder& recorder;
    accounts::PersonalStore& store;
    const base::Clock& clock;
    base::Log& log;
    std::string domain;
    ArchiveRules& archives;
  };
  // Before the shards start. All parts outlive it; it outlives the router's sessions.
  explicit People(Parts parts);
  ~People() override;

  // bridge::SessionWatcher
  void on_available(const xmpp::Jid& session, const xmpp::Element& presence, bool initial) override;
  void on_unavailable(const xmpp::Jid& session) override;
  void on_end(const xmpp::Jid& session) override;

  // A request about what the account keeps; on its shard.
  void handle(bridge::IqRequest request);

 private:
  void add_rules();
  PersonKeeper& keeper(const xmpp::Jid& jid) { return *keepers_[parts_.router.home(jid)]; }

  Parts parts_;
  std::vector<std::unique_ptr<PersonKeeper>> keepers_;  // one for each shard
};

}  // namespace server
