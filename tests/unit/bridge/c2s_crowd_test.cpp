// SPDX-License-Identifier: Apache-2.0
// Many clients at once, moving to the shards of their accounts: nothing that they send is lost on
// the way, and nobody slips through when an account ends.
#include <atomic>
#include <catch2/catch.hpp>
#include <thread>
#include <vector>

#include "tests/unit/bridge/quick_client.h"
#include "tests/unit/bridge/world.h"

using tests::QuickClient;
using tests::World;

namespace {

bridge::c2s::Config open_config() {
  auto config = tests::test_config();
  config.require_tls = false;
  config.allow_plain_without_tls = true;
  config.limits.preauth_per_address = bridge::c2s::unlimited;
  config.limits.preauth_connections = bridge::c2s::unlimited;
  config.limits.resources_per_account = bridge::c2s::unlimited;
  config.sweep_period = base::milliseconds(2);  // parsers sleep and wake meanwhile
  config.stanzas_per_turn = 2;
  return config;
}

// In lockstep until the session is bound, then all at once.
bool polite(QuickClient& client, const std::string& user) {
  client.send(QuickClient::header());
  if (!client.expect("</stream:features>")) return false;
  client.send(QuickClient::login(user));
  if (!client.expect("<success")) return false;
  client.send(QuickClient::header());
  if (!client.expect("</stream:features>")) return false;
  client.send(QuickClient::bind());
  return client.expect("<jid>");
}

// Everything ahead of the answers.
bool hasty(QuickClient& client, const std::string& user) {
  client.send(QuickClient::header() + QuickClient::login(user) + QuickClient::header() +
              QuickClient::bind());
  return true;
}

// Empty if every stanza was answered.
std::string one_life(int port, unsigned seed) {
  const std::string user = "crowd" + std::to_string(seed % 40);
  QuickClient client(port, seed);
  const bool bound = seed % 2 == 0 ? polite(client, user) : hasty(client, user);
  if (!bound) return "not bound: " + client.seen();
  std::string stanzas = "<presence/>";
  for (int i = 0; i < 5; ++i) stanzas += QuickClient::ping("p" + std::to_string(i));
  client.send(stanzas);
  for (int i = 0; i < 5; ++i)
    if (!client.expect("id='p" + std::to_string(i) + "'")) return "unanswered: " + client.seen();
  client.send(QuickClient::ping("late"));
  return client.expect("id='late'") ? "" : "unanswered: " + client.seen();
}

}  // namespace

TEST_CASE("whatever a client sends around its move to another shard is answered") {
  constexpr unsigned threads = 6, lives = 300;
  World world(open_config(), 3, false);
  std::vector<std::string> troubles(threads);
  std::vector<std::thread> clients;
  for (unsigned t = 0; t < threads; ++t)
    clients.emplace_back([&, t] {
      for (unsigned i = 0; i < lives && troubles[t].empty(); ++i)
        troubles[t] = one_life(world.port(), t * lives + i);
    });
  for (auto& client : clients) client.join();
  for (const auto& trouble : troubles) CHECK(trouble == "");
  CHECK(tests::eventually([&] { return world.router.session_count() == 0; }));
}

// Logging in, moving, not bound yet: nobody may go on with what was true before.
TEST_CASE("BI-SASL-17: who is about to log in does not slip through when the account ends") {
  World world(open_config(), 3, false);
  const auto account = *xmpp::Jid::parse("crowd1@localhost");
  for (unsigned round = 0; round < 20; ++round) {
    world.credentials.disabled = false;
    std::atomic<bool> over{false};
    std::vector<std::thread> clients;
    for (unsigned t = 0; t < 4; ++t)
      clients.emplace_back([&, t] {
        for (unsigned i = 0; !over; ++i) {
          QuickClient client(world.port(), round * 1000 + t * 100 + i);
          hasty(client, "crowd1");
          client.expect(i % 2 == 0 ? "<jid>" : "<success");
          while (!over && i % 5 == 4) std::this_thread::yield();  // some stay
        }
      });
    CHECK(tests::eventually([&] { return world.router.session_count() > 0; }));
    world.credentials.disabled = true;
    world.server->end(account, {xmpp::StreamCondition::not_authorized});
    const auto settled = [&] {
      for (std::size_t shard = 0; shard < world.shards.size(); ++shard)
        world.on_shard(shard, [] {});
    };
    settled();  // the first step
    settled();  // the second
    // Whoever is there now was let in before.
    CHECK(world.router.session_count() == 0);
    over = true;
    for (auto& client : clients) client.join();
    CHECK(tests::eventually([&] { return world.server->connections() == 0; }));
  }
}
