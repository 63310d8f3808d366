// SPDX-License-Identifier: Apache-2.0
// Registration, XEP-0077: new accounts for whoever asks before logging in, and for those logged in
// a new password or the end of their account. All of it only where the operator switched it on
// (c2s.registration). What is done is on record before it is said; keys are derived on workers. Of
// one name one change is under way at a time; who asks for another is told to wait. The name of an
// account that was removed is not given out: rooms may still know it.
#pragma once

#include <functional>
#include <string>

#include "accounts/account_store.h"
#include "admin/live.h"
#include "base/log.h"
#include "base/random.h"
#include "base/time.h"
#include "bridge/registrar.h"
#include "bridge/router.h"
#include "net/loop/shards.h"
#include "net/loop/workers.h"
#include "record/recorder.h"
#include "src/administration/administrators.h"
#include "src/people/registration_limit.h"
#include "src/people/turns.h"

namespace server {

class Registration final : public bridge::Registrar {
 public:
  struct Parts {
    net::Shards& shards;
    bridge::Router& router;
    net::Workers& workers;
    record::Recorder& recorder;
    accounts::AccountStore& store;
    const base::Clock& clock;
    base::Random& random;  // thread-safe
    base::Log& log;
    std::string domain;
    std::function<int()> scram_iterations;  // as configured now; any thread
    admin::Live& live;
    const Administrators& administrators;  // whose names nobody may take
  };
  // All parts outlive it; it outlives the shards' threads.
  explicit Registration(Parts parts) : parts_(std::move(parts)) {}
  void add_rules();  // before the shards start

  void add_account(net::Loop& loop, std::string address, std::string username, std::string password,
                   std::function<void(std::optional<xmpp::StanzaError>)> done) override;

 private:
  using Done = std::function<void(std::optional<xmpp::StanzaError>)>;
  void handle(bridge::IqRequest request);
  void set_password(bridge::IqRequest request, std::string password, Turns::Turn turn);
  void remove(bridge::IqRequest request, Turns::Turn turn);
  // Lets the receipt go, on the shard's thread.
  void answer(bridge::IqRequest& request, std::optional<xmpp::StanzaError> error);
  // On a worker: derives the keys, then records; `done` on the loop.
  void derive_and_record(net::Loop& loop, const std::string& password,
                         record::AccountChanged change, Done done);
  void record(net::Loop& loop, const xmpp::Jid& who, record::AccountChanged change, Done done);
  xmpp::Jid account(const std::string& localpart) const;

  Parts parts_;
  RegistrationLimit limit_;
  Turns turns_;
};

}  // namespace server
