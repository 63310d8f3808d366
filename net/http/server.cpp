// SPDX-License-Identifier: Apache-2.0
#include "net/http/server.h"

#include <atomic>
#include <unordered_map>
#include <utility>
#include <vector>

#include "net/http/exchange.h"

namespace net::http {
namespace {

constexpr auto sweep_period = base::milliseconds(250);

}  // namespace

struct Server::Impl {
  class Shard;

  Impl(const base::Clock& c, Hosts h, Pages p, const Limits& l)
      : clock(c), hosts(std::move(h)), pages(std::move(p)), limits(l) {}

  const base::Clock& clock;
  const Hosts hosts;
  const Pages pages;
  const Limits limits;
  std::atomic<std::size_t> connections{0};
  std::atomic<std::uint64_t> requests{0}, refusals{0};
  std::vector<std::unique_ptr<Shard>> shards;
};

// One shard's connections; everything on its thread.
class Server::Impl::Shard final : public Place {
 public:
  Shard(Impl& impl, Loop& loop) : impl_(impl), loop_(loop), sweeper_(loop) {}

  void accept(std::unique_ptr<Connection> connection) {
    if (impl_.connections.fetch_add(1, std::memory_order_relaxed) >= impl_.limits.connections) {
      impl_.connections.fetch_sub(1, std::memory_order_relaxed);
      return refused();
    }
    if (exchanges_.empty()) sweeper_.repeat(sweep_period, [this] { sweep(); });
    auto exchange = std::make_shared<Exchange>(*this, std::move(connection));
    exchanges_.emplace(exchange.get(), exchange);
    exchange->begin();
  }

  Loop& loop() override { return loop_; }
  const Limits& limits() const override { return impl_.limits; }
  base::Time wall() const override { return impl_.clock.wall(); }

  Response answer(const Request& request) override {
    impl_.requests.fetch_add(1, std::memory_order_relaxed);
    Response response = page(request);
    if (response.status != 200) refused();
    return response;
  }
  void refused() override { impl_.refusals.fetch_add(1, std::memory_order_relaxed); }

  void retire(Exchange& exchange) override {
    const auto node = exchanges_.find(&exchange);
    if (node == exchanges_.end()) return;
    loop_.post([last = std::move(node->second)] {});  // dies there, not in its own callback
    exchanges_.erase(node);
    impl_.connections.fetch_sub(1, std::memory_order_relaxed);
    if (exchanges_.empty()) sweeper_.stop();
  }

 private:
  // Deny by default: a path is one of the pages' as it was sent, or nobody's.
  Response page(const Request& request) const {
    if (request.method == Method::other) return refusal(405);
    if (!impl_.hosts.allow(request.host)) return refusal(421);
    auto found = impl_.pages(request.path);
    return found ? std::move(*found) : refusal(404);
  }

  void sweep() {
    const auto all = exchanges_;
    for (const auto& [key, exchange] : all) exchange->sweep(loop_.now());
  }

  Impl& impl_;
  Loop& loop_;
  Timer sweeper_;
  std::unordered_map<Exchange*, std::shared_ptr<Exchange>> exchanges_;
};

Server::Server(Shards& shards, const base::Clock& clock, Hosts hosts, Pages pages,
               const Limits& limits)
    : impl_(std::make_unique<Impl>(clock, std::move(hosts), std::move(pages), limits)) {
  for (std::size_t i = 0; i < shards.size(); ++i)
    impl_->shards.push_back(std::make_unique<Impl::Shard>(*impl_, shards[i]));
}

Server::~Server() = default;

void Server::accept(std::size_t shard, std::unique_ptr<Connection> connection) {
  impl_->shards[shard]->accept(std::move(connection));
}

std::size_t Server::connections() const {
  return impl_->connections.load(std::memory_order_relaxed);
}
std::uint64_t Server::requests() const { return impl_->requests.load(std::memory_order_relaxed); }
std::uint64_t Server::refusals() const { return impl_->refusals.load(std::memory_order_relaxed); }

}  // namespace net::http
