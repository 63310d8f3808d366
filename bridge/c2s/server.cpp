// SPDX-License-Identifier: Apache-2.0
#include "bridge/c2s/server.h"

#include <atomic>
#include <chrono>
#include <future>
#include <mutex>
#include <unordered_map>
#include <utility>
#include <vector>

#include "bridge/c2s/client_stream.h"
#include "bridge/c2s/host.h"

namespace bridge::c2s {
namespace {

// What may be exchanged while everything runs.
template <class T>
class Shared {
 public:
  explicit Shared(std::shared_ptr<const T> value) : value_(std::move(value)) {}
  std::shared_ptr<const T> get() const {
    const std::lock_guard lock(mutex_);
    return value_;
  }
  void set(std::shared_ptr<const T> value) {
    const std::lock_guard lock(mutex_);
    value_ = std::move(value);
  }

 private:
  mutable std::mutex mutex_;
  std::shared_ptr<const T> value_;
};

}  // namespace

struct Server::Impl {
  class Shard;

  Impl(const Common& c, Config initial)
      : common{c.shards, c.router, c.credentials, c.workers, c.log, c.clock, c.random},
        config(std::make_shared<const Config>(std::move(initial))),
        tls(nullptr) {}

  Common common;
  Shared<Config> config;
  Shared<net::TlsContext> tls;
  std::atomic<std::size_t> connections{0};
  std::vector<std::unique_ptr<Shard>> shards;
};

// One shard's streams; everything on its thread.
class Server::Impl::Shard final : public Host {
 public:
  Shard(Impl& impl, std::size_t index) : Host(impl.common, index), impl_(impl) {
    loop.post([this] { start_sweeping(); });
  }

  std::shared_ptr<const Config> config() const override { return impl_.config.get(); }
  std::shared_ptr<const net::TlsContext> tls() const override { return impl_.tls.get(); }

  void retire(ClientStream& stream) override {
    const auto node = streams_.find(&stream);
    if (node == streams_.end()) return;
    loop.post([last = std::move(node->second)] {});  // dies there, not in its own callback
    streams_.erase(node);
    impl_.connections.fetch_sub(1, std::memory_order_relaxed);
    if (streams_.empty()) on_drained_.clear();
  }

  void hand_over(Handover handover) override {
    Shard& target = *impl_.shards[common.router.home(handover.account)];
    target.loop.post([&target, handover = std::move(handover)]() mutable {
      target.take_over(std::move(handover));
    });
  }

  void accept(std::unique_ptr<net::Connection> connection, bool direct_tls) {
    const char* reason = nullptr;
    if (draining_) return refuse("shutdown");
    if (direct_tls && !tls()) return refuse("no_certificate");
    auto ticket = common.admission.enter(connection->peer_address(), config()->limits, reason);
    if (!ticket) return refuse(reason);
    add(std::make_shared<ClientStream>(*this))
        .begin(std::move(connection), std::move(ticket), direct_tls);
  }

  void apply_config() {
    for (const auto& [key, stream] : streams_) stream->apply_config();
  }

  void end(const xmpp::Jid& account, const xmpp::StreamError& error) {
    std::vector<std::shared_ptr<ClientStream>> meant;
    for (const auto& [key, stream] : streams_)
      if (stream->belongs_to(account)) meant.push_back(stream);
    for (const auto& stream : meant) stream->fail(error.condition, error.text);
    for (const auto& session : resumables.all())
      if (session->away() && session->jid().bare() == account) session->end(error);
  }

  // Nobody new; what those who are away never got goes back.
  void give_back() {
    draining_ = true;
    for (const auto& session : resumables.all())
      if (session->away())
        session->finish(*this, xmpp::name(xmpp::StreamCondition::system_shutdown),
                        BoundSession::End::lost);
  }

  // Lets go of `done` when no stream is left.
  void drain(std::shared_ptr<void> done) {
    give_back();  // whoever lost their connection since
    sweeper_.reset();
    const auto streams = streams_;
    for (const auto& [key, stream] : streams) stream->fail(xmpp::StreamCondition::system_shutdown);
    if (!streams_.empty()) on_drained_.push_back(std::move(done));
  }

 private:
  ClientStream& add(std::shared_ptr<ClientStream> stream) {
    ClientStream& added = *stream;
    streams_.emplace(&added, std::move(stream));
    impl_.connections.fetch_add(1, std::memory_order_relaxed);
    return added;
  }

  void refuse(const char* reason) { common.rejects.count("accept", reason); }

  void take_over(Handover handover) {
    ClientStream& stream = add(std::make_shared<ClientStream>(*this));
    if (!stream.go_on(std::move(handover))) return retire(stream);
    if (draining_) stream.fail(xmpp::StreamCondition::system_shutdown);
  }

  void start_sweeping() {
    if (draining_) return;
    sweeper_ = std::make_unique<net::Timer>(loop);
    sweeper_->repeat(config()->sweep_period, [this] {
      for (const auto& [key, stream] : streams_) stream->sweep();
    });
  }

  Impl& impl_;
  std::unordered_map<ClientStream*, std::shared_ptr<ClientStream>> streams_;
  std::unique_ptr<net::Timer> sweeper_;
  bool draining_ = false;
  std::vector<std::shared_ptr<void>> on_drained_;
};

Server::Server(net::Shards& shards, Router& router, CredentialSource& credentials,
               net::Workers& workers, Config config, base::Log& log, const base::Clock& clock,
               base::Random& random)
    : impl_(std::make_unique<Impl>(Common{shards, router, credentials, workers, log, clock, random},
                                   std::move(config))) {
  impl_->shards.reserve(shards.size());
  for (std::size_t i = 0; i < shards.size(); ++i)
    impl_->shards.push_back(std::make_unique<Impl::Shard>(*impl_, i));
}

Server::~Server() = default;

void Server::accept(std::size_t shard, std::unique_ptr<net::Connection> connection,
                    bool direct_tls) {
  impl_->shards[shard]->accept(std::move(connection), direct_tls);
}

void Server::set_registrar(Registrar& registrar) { impl_->common.registrar = &registrar; }

void Server::set_journal(SessionJournal& journal) { impl_->common.journal = &journal; }

void Server::set_tls(std::shared_ptr<const net::TlsContext> context) {
  impl_->tls.set(std::move(context));
}

void Server::set_config(Config config) {
  config.domain = impl_->config.get()->domain;
  impl_->config.set(std::make_shared<const Config>(std::move(config)));
  for (const auto& shard : impl_->shards)
    shard->loop.post([&shard = *shard] { shard.apply_config(); });
}

// First where they log in, then at home: whoever left the first shard before that has arrived at
// home by then, for one mailbox keeps the order.
void Server::end(const xmpp::Jid& account, xmpp::StreamError error) {
  auto& home = *impl_->shards[impl_->common.router.home(account)];
  for (const auto& shard : impl_->shards)
    shard->loop.post([&shard = *shard, &home, account, error] {
      shard.end(account, error);
      if (&shard != &home) home.loop.post([&home, account, error] { home.end(account, error); });
    });
}

void Server::drain(std::function<void()> done) {
  // Held by each shard that still has streams; the last one to let go calls.
  const std::shared_ptr<void> last(nullptr, [done = std::move(done)](void*) { done(); });
  // First all shards give back, for senders hear of it only as long as they have a stream: one
  // mailbox keeps the order.
  const auto to_give = std::make_shared<std::atomic<std::size_t>>(impl_->shards.size());
  for (const auto& shard : impl_->shards)
    shard->loop.post([&impl = *impl_, &shard = *shard, to_give, last] {
      shard.give_back();
      if (--*to_give > 0) return;
      for (const auto& each : impl.shards)
        each->loop.post([&each = *each, last]() mutable { each.drain(std::move(last)); });
    });
}

bool Server::drain(base::Micros at_most) {
  const auto gone = std::make_shared<std::promise<void>>();
  drain([gone] { gone->set_value(); });
  return gone->get_future().wait_for(std::chrono::microseconds(at_most)) ==
         std::future_status::ready;
}

std::size_t Server::connections() const {
  return impl_->connections.load(std::memory_order_relaxed);
}
std::size_t Server::waiting() const { return impl_->common.admission.waiting(); }
std::map<std::string, std::uint64_t> Server::rejects() const { return impl_->common.rejects.all(); }

}  // namespace bridge::c2s
