// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>
#include <chrono>

#include "tests/unit/net/support.h"

using net::CloseReason;
using tests::Client;
using tests::eventually;
using tests::on_loop;
using tests::Peer;
using tests::Server;

namespace {

constexpr auto grace = base::milliseconds(100);

// A connection whose peer does not read, filled until the kernel takes no more. Gives what is
// queued beyond that.
std::size_t fill(Server& server, Peer& peer) {
  const std::string much(200'000, 'f');
  std::size_t before = 0;
  REQUIRE(eventually([&] {
    const auto queued = on_loop(server.loop(), [&] {
      const auto now = peer.connection->queued_bytes();
      if (now == 0) peer.connection->send(much);
      return now;
    });
    return queued != 0 && std::exchange(before, queued) == queued;
  }));
  return before;
}

// Runs a timer of that length on the server's loop to its end.
void let_pass(Server& server, base::Micros length) {
  std::unique_ptr<net::Timer> timer;
  std::promise<void> over;
  server.loop().post([&] {
    timer = std::make_unique<net::Timer>(server.loop());
    timer->start(length, [&] {
      timer.reset();
      over.set_value();
    });
  });
  over.get_future().wait();
}

// True if a queue of `extra` bytes more than the limit is closed.
bool closed_at(int extra) {
  Server server;
  Client client(server.port(), 4096);
  auto& peer = server.peer();
  const auto queued = fill(server, peer);
  on_loop(server.loop(), [&] {
    net::ConnectionLimits limits;
    limits.send_queue_bytes = queued + 100;
    limits.send_grace = grace;
    peer.connection->set_limits(limits);
    peer.connection->send(std::string(static_cast<std::size_t>(100 + extra), 'e'));
    return 0;
  });
  let_pass(server, 3 * grace);
  if (peer.closed) {
    CHECK(peer.reason == CloseReason::slow_reader);
    CHECK(on_loop(server.loop(), [&] { return peer.connection->queued_bytes(); }) == 0);
  }
  return peer.closed;
}

}  // namespace

TEST_CASE("a slow reader is closed above the limit of its queue, not at it") {
  CHECK_FALSE(closed_at(-1));
  CHECK_FALSE(closed_at(0));
  CHECK(closed_at(+1));
}

TEST_CASE("a slow reader that catches up within the grace stays") {
  Server server;
  Client client(server.port(), 4096);
  auto& peer = server.peer();
  const auto queued = fill(server, peer);
  on_loop(server.loop(), [&] {
    net::ConnectionLimits limits;
    limits.send_queue_bytes = queued;
    limits.send_grace = base::seconds(1);
    peer.connection->set_limits(limits);
    peer.connection->send("one too many");
    return 0;
  });
  REQUIRE(eventually([&] {
    client.receive(50'000);
    return on_loop(server.loop(), [&] { return peer.connection->queued_bytes(); }) == 0;
  }));
  let_pass(server, base::milliseconds(1200));
  CHECK_FALSE(peer.closed);
}

TEST_CASE("a closed slow reader lets go of the shared bytes at once") {
  const auto payload = base::make_payload(std::string(1000, 'p'));
  Server server;
  Client client(server.port(), 4096);
  auto& peer = server.peer();
  fill(server, peer);
  on_loop(server.loop(), [&] {
    peer.connection->set_limits({.send_queue_bytes = 1000, .send_grace = base::milliseconds(20)});
    for (int i = 0; i < 1000; ++i) peer.connection->send(payload);
    return 0;
  });
  REQUIRE(eventually([&] { return peer.closed.load(); }));
  CHECK(payload.bytes.use_count() == 1);
}

TEST_CASE("the burst is read at once, the next byte only at the rate") {
  constexpr std::size_t burst = 1000;
  for (const int extra : {-1, 0, 1}) {
    Server server(1, [](Peer& peer) {
      peer.connection->set_limits({.bytes_per_second = 4, .burst_bytes = burst});
    });
    Client client(server.port());
    auto& peer = server.peer();
    const auto start = std::chrono::steady_clock::now();
    client.send(std::string(static_cast<std::size_t>(static_cast<int>(burst) + extra), 'r'));
    const auto at_once = extra > 0 ? burst : burst - static_cast<std::size_t>(-extra);
    CHECK(eventually([&] { return peer.received_bytes() >= at_once; }));
    if (extra <= 0) continue;
    CHECK(peer.received_bytes() == burst);
    CHECK(eventually([&] { return peer.received_bytes() == burst + 1; }));
    // The bucket has been filling since the connection was made: 250 ms less what passed before.
    CHECK(std::chrono::steady_clock::now() - start > std::chrono::milliseconds(100));
  }
}

TEST_CASE("a flooding sender is held at its rate while others are served") {
  Server server(1, [](Peer& peer) {
    peer.connection->set_limits({.bytes_per_second = 50'000, .burst_bytes = 10'000});
  });
  Client flooder(server.port());
  auto& flooded = server.peer(0);
  Client other(server.port());
  auto& served = server.peer(1);
  const auto start = std::chrono::steady_clock::now();
  flooder.send(std::string(30'000, 'f'));
  other.send("quick");
  CHECK(eventually([&] { return served.received() == "quick"; }));
  CHECK(flooded.received_bytes() < 30'000);
  REQUIRE(eventually([&] { return flooded.received_bytes() == 30'000; }));
  // 20 000 bytes beyond the burst at 50 000 a second.
  CHECK(std::chrono::steady_clock::now() - start >= std::chrono::milliseconds(350));
}

TEST_CASE("lifting the limit lets the rest in at once") {
  Server server(1, [](Peer& peer) {
    peer.connection->set_limits({.bytes_per_second = 1, .burst_bytes = 10});
  });
  Client client(server.port());
  auto& peer = server.peer();
  client.send(std::string(5000, 'l'));
  REQUIRE(eventually([&] { return peer.received_bytes() >= 10; }));
  on_loop(server.loop(), [&] {
    peer.connection->set_limits({});
    return 0;
  });
  CHECK(eventually([&] { return peer.received_bytes() == 5000; }));
}
