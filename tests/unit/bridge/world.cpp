// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/bridge/world.h"

#include <unistd.h>

#include <catch2/catch.hpp>
#include <chrono>
#include <filesystem>
#include <future>
#include <thread>

namespace tests {
namespace {

// Made once for all tests.
std::shared_ptr<const net::TlsContext> certificate() {
  static const auto context = [] {
    const auto folder =
        std::filesystem::temp_directory_path() / ("unit_bridge." + std::to_string(::getpid()));
    std::filesystem::create_directories(folder);
    const std::string cert = folder / "cert.pem", key = folder / "key.pem";
    REQUIRE(net::make_self_signed(cert, key, {"localhost"}));
    auto loaded = net::TlsContext::load(cert, key);
    REQUIRE(loaded);
    std::filesystem::remove_all(folder);
    return *loaded;
  }();
  return context;
}

}  // namespace

xmpp::ScramVerifiers verifiers(const std::string& password, int iterations) {
  const std::string salt = "0123456789abcdef", other = "fedcba9876543210";
  return {.sha1 = xmpp::derive_scram_keys(base::Hash::sha1, password, salt, iterations),
          .sha256 = xmpp::derive_scram_keys(base::Hash::sha256, password, other, iterations)};
}

void FixedCredentials::find(net::Loop& loop, std::string localpart,
                            std::function<void(bridge::Lookup)> done) {
  static const xmpp::ScramVerifiers pencil = verifiers("pencil");
  bridge::Lookup lookup;
  using State = bridge::Lookup::State;
  if (localpart == "juliet" || localpart == "romeo") lookup = {State::found, pencil};
  if (localpart == "mercutio") lookup = {State::disabled, pencil};
  if (localpart.starts_with("crowd"))
    lookup = {disabled ? State::disabled : State::found, verifiers("pencil", 1)};
  if (localpart == "tybalt") lookup.state = State::unavailable;
  loop.post([done = std::move(done), lookup = std::move(lookup)] { done(lookup); });
}

bridge::c2s::Config test_config() {
  bridge::c2s::Config config;
  config.fake_salt_key = std::string(32, 'k');
  return config;
}

World::World(bridge::c2s::Config config, std::size_t shard_count, bool tls)
    : shards(shard_count),
      workers(std::make_unique<net::Workers>(1, 1000)),
      router(shards, config.domain) {
  router.add_service("slow.localhost", "Slow", slow);
  server = std::make_unique<bridge::c2s::Server>(shards, router, credentials, *workers,
                                                 std::move(config), *log, clock, random);
  if (tls) server->set_tls(certificate());
  const auto listen = [&](bool direct_tls) {
    auto opened = net::Listener::open(
        shards, {"127.0.0.1", 0},
        [this, direct_tls](std::size_t shard, std::unique_ptr<net::Connection> connection) {
          server->accept(shard, std::move(connection), direct_tls);
        });
    REQUIRE(opened);
    return std::move(*opened);
  };
  listener = listen(false);
  direct = listen(true);
  shards.start();
}

World::~World() {
  listener->close();
  direct->close();
  CHECK(server->drain(base::seconds(10)));
  CHECK(server->waiting() == 0);
  shards.stop();
  shards.join();
  workers.reset();
}

std::uint64_t World::rejected(const std::string& reason) const {
  const auto all = server->rejects();
  const auto at = all.find(reason);
  return at == all.end() ? 0 : at->second;
}

void World::on_shard(std::size_t shard, const std::function<void()>& task) {
  std::promise<void> done;
  shards[shard].post([&] {
    task();
    done.set_value();
  });
  done.get_future().wait();
}

bool eventually(const std::function<bool()>& condition) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (!condition()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::yield();
  }
  return true;
}

}  // namespace tests
