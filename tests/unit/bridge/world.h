// SPDX-License-Identifier: Apache-2.0
// A server for client streams on a loopback port, with two accounts: juliet and romeo, both with
// the password "pencil"; mercutio is disabled. Then there are crowd0, crowd1 …, cheap to log in.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "base/log.h"
#include "base/random.h"
#include "bridge/c2s/server.h"
#include "bridge/router.h"
#include "net/loop/shards.h"
#include "net/loop/workers.h"
#include "net/tcp/listener.h"

namespace tests {

xmpp::ScramVerifiers verifiers(const std::string& password, int iterations = 4096);

class FixedCredentials final : public bridge::CredentialSource {
 public:
  void find(net::Loop& loop, std::string localpart,
            std::function<void(bridge::Lookup)> done) override;

  std::atomic<bool> disabled{false};  // the whole crowd
};

// A service that is done with nothing before let_go().
class SlowService final : public bridge::LocalService {
 public:
  void handle(std::size_t, const xmpp::Jid&, xmpp::Element, base::Receipt receipt) override {
    const std::lock_guard lock(mutex_);
    receipts_.push_back(std::move(receipt));
  }
  void let_go() {
    const std::lock_guard lock(mutex_);
    receipts_.clear();
  }

 private:
  std::mutex mutex_;
  std::vector<base::Receipt> receipts_;
};

bridge::c2s::Config test_config();

class World {
 public:
  explicit World(bridge::c2s::Config config = test_config(), std::size_t shards = 2,
                 bool tls = true);
  ~World();

  int port() const { return listener->port(); }
  int tls_port() const { return direct->port(); }
  std::uint64_t rejected(const std::string& reason) const;
  // Runs on the shard's thread and waits.
  void on_shard(std::size_t shard, const std::function<void()>& task);

  std::unique_ptr<base::Log> log = base::make_null_log();
  base::SystemClock clock;
  base::SystemRandom random;
  FixedCredentials credentials;
  SlowService slow;  // at slow.localhost
  net::Shards shards;
  std::unique_ptr<net::Workers> workers;
  bridge::Router router;
  std::unique_ptr<bridge::c2s::Server> server;
  std::unique_ptr<net::Listener> listener, direct;
};

// Polls until it holds; false after ten seconds.
bool eventually(const std::function<bool()>& condition);

}  // namespace tests
