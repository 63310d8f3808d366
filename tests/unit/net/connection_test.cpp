// SPDX-License-Identifier: Apache-2.0
#include "net/tcp/connection.h"

#include <sys/socket.h>

#include <catch2/catch.hpp>

#include "tests/unit/net/support.h"

using net::CloseReason;
using tests::Client;
using tests::eventually;
using tests::on_loop;
using tests::Peer;
using tests::Server;

namespace {

const std::string message(350, 'm');

// Reads what `sending` sends and tells how many writes of the server and segments that took.
struct Cost {
  std::uint64_t writes;
  unsigned segments;
};
Cost cost_of_receiving(Server& server, Client& client, std::size_t bytes,
                       const std::function<void()>& sending) {
  const auto writes = server.loop().stats().socket_writes;
  const auto segments = client.segments_with_data();
  sending();
  REQUIRE(client.receive(bytes).size() == bytes);
  return {server.loop().stats().socket_writes - writes, client.segments_with_data() - segments};
}

}  // namespace

TEST_CASE("bytes go both ways") {
  Server server(1, [](Peer& peer) {
    peer.reader = [](Peer& p, std::string_view bytes) { p.connection->send(bytes); };
  });
  Client client(server.port());
  REQUIRE(client.send("hello"));
  CHECK(client.receive(5) == "hello");
  CHECK(server.peer().received() == "hello");
  CHECK(on_loop(server.loop(), [&] { return server.peer().connection->peer_address(); }) ==
        "127.0.0.1");
}

TEST_CASE("all that one task sends leaves in one write") {
  Server server;
  Client client(server.port());
  auto& peer = server.peer();
  const auto payload = base::make_payload(message);
  const auto cost = cost_of_receiving(server, client, 350 * 60, [&] {
    server.loop().post([&] {
      for (int i = 0; i < 30; ++i) {
        peer.connection->send(payload);
        peer.connection->send(message);
      }
    });
  });
  CHECK(cost.writes == 1);
  CHECK(cost.segments == 1);
}

TEST_CASE("what a batch of tasks sends leaves in one write") {
  Server server;
  Client client(server.port());
  auto& peer = server.peer();
  const auto batch = cost_of_receiving(server, client, 3, [&] {
    server.loop().post([&] {
      // All three are in the mailbox before the loop drains it again.
      for (int i = 0; i < 3; ++i) server.loop().post([&] { peer.connection->send("b"); });
    });
  });
  CHECK(batch.writes == 1);
}

TEST_CASE("what a timer sends leaves in the same iteration, in one write") {
  Server server;
  Client client(server.port());
  auto& peer = server.peer();
  std::unique_ptr<net::Timer> timer;
  const auto cost = cost_of_receiving(server, client, 6, [&] {
    on_loop(server.loop(), [&] {
      timer = std::make_unique<net::Timer>(server.loop());
      timer->start(base::milliseconds(1), [&] {
        peer.connection->send("abc");
        peer.connection->send("def");
      });
      return 0;
    });
  });
  CHECK(cost.writes == 1);
  on_loop(server.loop(), [&] {
    timer.reset();
    return 0;
  });
}

TEST_CASE("the splice of each connection fills the hole of a shared payload") {
  Server server;
  Client romeo(server.port());
  server.peer(0);
  Client juliet(server.port());
  server.peer(1);
  const auto payload = base::make_payload("<message/>", 8);
  server.loop().post([&] {
    server.peer(0).connection->set_splice(" to='romeo'");
    server.peer(1).connection->set_splice(" to='juliet'");
    for (auto n : {0u, 1u}) server.peer(n).connection->send(payload);
  });
  CHECK(romeo.receive(21) == "<message to='romeo'/>");
  CHECK(juliet.receive(22) == "<message to='juliet'/>");
}

TEST_CASE("much more than the socket takes arrives whole at a slow reader with a small buffer") {
  Server server(1, [](Peer& peer) {
    peer.connection->set_limits({.send_queue_bytes = 100'000'000});
    peer.connection->set_splice("[splice]");
  });
  Client client(server.port(), 4096);
  auto& peer = server.peer();
  std::string expected;
  on_loop(server.loop(), [&] {
    for (int i = 0; i < 20000; ++i) {
      const auto text = std::to_string(i);
      peer.connection->send(base::make_payload("<" + text + ">" + message, 1));
      peer.connection->send(text);
      expected += "<[splice]" + text + ">" + message + text;
    }
    return 0;
  });
  CHECK(client.receive(expected.size()) == expected);
  CHECK(eventually([&] {
    return on_loop(server.loop(), [&] { return peer.connection->queued_bytes(); }) == 0;
  }));
}

TEST_CASE("a queue for many connections is flushed in slices without stopping anybody's reads") {
  constexpr std::size_t connections = 40;
  Server server(1,
                [](Peer& peer) { peer.connection->set_limits({.send_queue_bytes = 100'000'000}); });
  std::vector<std::unique_ptr<Client>> clients;
  for (std::size_t i = 0; i < connections; ++i) {
    clients.push_back(std::make_unique<Client>(server.port()));
  }
  server.peer(connections - 1);
  const auto payload = base::make_payload(std::string(1000, 'p'));
  server.loop().post([&] {
    for (std::size_t i = 0; i < connections; ++i) {
      for (int k = 0; k < 500; ++k) server.peer(i).connection->send(payload);
    }
  });
  for (auto& client : clients) CHECK(client->receive(500'000).size() == 500'000);
}

TEST_CASE("the peer's end is reported once, after what it sent") {
  Server server;
  Client client(server.port());
  auto& peer = server.peer();
  client.send("last words");
  client.end_sending();
  REQUIRE(eventually([&] { return peer.closed.load(); }));
  CHECK(peer.reason == CloseReason::by_peer);
  CHECK(peer.received() == "last words");
  CHECK(client.ended());
  CHECK(peer.closed_calls == 1);
}

TEST_CASE("a reset by the peer is a reset") {
  Server server;
  auto client = std::make_unique<Client>(server.port());
  auto& peer = server.peer();
  const linger hard{1, 0};
  ::setsockopt(client->fd(), SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
  client.reset();
  REQUIRE(eventually([&] { return peer.closed.load(); }));
  CHECK(peer.reason == CloseReason::reset);
}

TEST_CASE("close flushes first and waits for the peer's end") {
  Server server(1,
                [](Peer& peer) { peer.connection->set_limits({.send_queue_bytes = 100'000'000}); });
  Client client(server.port(), 4096);
  auto& peer = server.peer();
  on_loop(server.loop(), [&] {
    peer.connection->send(std::string(3'000'000, 'z'));
    peer.connection->close(base::seconds(30));
    peer.connection->send("too late");
    CHECK(peer.connection->closing());
    return 0;
  });
  client.send("nobody listens");
  CHECK(client.receive(3'000'000) == std::string(3'000'000, 'z'));
  CHECK(client.ended());
  CHECK_FALSE(peer.closed);
  client.end_sending();
  REQUIRE(eventually([&] { return peer.closed.load(); }));
  CHECK(peer.reason == CloseReason::by_us);
  CHECK(peer.received().empty());
}

TEST_CASE("close gives up on a peer that does not answer") {
  Server server;
  Client client(server.port());
  auto& peer = server.peer();
  on_loop(server.loop(), [&] {
    peer.connection->close(base::milliseconds(50));
    return 0;
  });
  REQUIRE(eventually([&] { return peer.closed.load(); }));
  CHECK(peer.reason == CloseReason::by_us);
  CHECK(peer.closed_calls == 1);
}

TEST_CASE("close with the peer's end already there still sends all") {
  Server server(1, [](Peer& peer) {
    peer.connection->set_limits({.send_queue_bytes = 100'000'000});
    peer.reader = [](Peer& p, std::string_view) {
      p.connection->send(std::string(2'000'000, 'q'));
      p.connection->close(base::seconds(30));
    };
  });
  Client client(server.port(), 4096);
  client.send("bye");
  client.end_sending();
  CHECK(client.receive(2'000'001).size() == 2'000'000);
  REQUIRE(eventually([&] { return server.peer().closed.load(); }));
  CHECK(server.peer().reason == CloseReason::by_us);
}

TEST_CASE("abort in on_read ends it at once, with one on_closed") {
  std::atomic<bool> from_within{false};
  std::atomic<bool> closing{false};
  Server server(1, [&](Peer& peer) {
    peer.reader = [&](Peer& p, std::string_view) {
      p.connection->send("never seen");
      p.connection->abort();
      from_within = p.closed.load();
      closing = p.connection->closing();
    };
  });
  Client client(server.port());
  client.send("x");
  auto& peer = server.peer();
  REQUIRE(eventually([&] { return peer.closed.load(); }));
  CHECK(peer.reason == CloseReason::by_us);
  CHECK(closing);
  CHECK_FALSE(from_within);
  CHECK(client.ended());
  CHECK(peer.closed_calls == 1);
}

TEST_CASE("destroying the connection aborts silently, also inside its own callbacks") {
  Server server;
  Client outside(server.port());
  Client in_read(server.port());
  Client in_closed(server.port());
  server.peer(2);
  on_loop(server.loop(), [&] {
    server.peer(0).connection->send("dropped");
    server.peer(0).connection.reset();
    server.peer(1).reader = [](Peer& p, std::string_view) { p.connection.reset(); };
    server.peer(2).ending = [](Peer& p) { p.connection.reset(); };
    return 0;
  });
  in_read.send("x");
  in_closed.end_sending();
  CHECK(outside.ended());
  CHECK(in_read.ended());
  CHECK(in_closed.ended());
  CHECK(eventually([&] { return server.peer(2).closed.load(); }));
  CHECK_FALSE(server.peer(0).closed);
  CHECK_FALSE(server.peer(1).closed);
}

TEST_CASE("a paused connection delivers nothing, and everything in order when resumed") {
  Server server(1, [](Peer& peer) {
    peer.reader = [](Peer& p, std::string_view bytes) {
      if (bytes.substr(0, 5) != "first") return;
      p.connection->pause_reading();
      p.connection->unread("-held");
      p.connection->unread("-back");
    };
  });
  Client client(server.port());
  auto& peer = server.peer();
  client.send("first");
  REQUIRE(eventually([&] { return peer.received() == "first"; }));
  client.send("-second");
  // A round trip through the loop after the bytes are in its kernel buffer.
  on_loop(server.loop(), [] { return 0; });
  CHECK(peer.received() == "first");
  on_loop(server.loop(), [&] {
    peer.connection->resume_reading();
    return 0;
  });
  CHECK(eventually([&] { return peer.received() == "first-held-back-second"; }));
}

TEST_CASE("without a handler bytes wait") {
  Server server;
  Client client(server.port());
  auto& peer = server.peer();
  on_loop(server.loop(), [&] {
    peer.connection->set_handler(nullptr);
    return 0;
  });
  client.send("waiting");
  on_loop(server.loop(), [] { return 0; });
  CHECK(peer.received().empty());
  on_loop(server.loop(), [&] {
    peer.connection->set_handler(&peer);
    return 0;
  });
  CHECK(eventually([&] { return peer.received() == "waiting"; }));
}

TEST_CASE("a loop that stops ends its connections silently, and owners may outlive it") {
  auto server = std::make_unique<Server>(2);
  Client one(server->port());
  Client two(server->port(), 4096);
  auto& blocked = server->peer(0);
  server->peer(1);
  server->stop();
  CHECK_FALSE(blocked.closed);
  CHECK(blocked.connection->closing());
  blocked.connection->send("nothing happens");
  blocked.connection->close();
  blocked.connection->abort();
  CHECK(blocked.connection->queued_bytes() == 0);
  CHECK(one.ended());
  CHECK(two.ended());
}

TEST_CASE("a loop that stops with unsent bytes frees them") {
  const auto payload = base::make_payload(std::string(100'000, 'u'));
  Server server;
  Client client(server.port(), 4096);
  auto& peer = server.peer();
  on_loop(server.loop(), [&] {
    for (int i = 0; i < 100; ++i) peer.connection->send(payload);
    return 0;
  });
  server.stop();
  CHECK(payload.bytes.use_count() == 1);
}

TEST_CASE("what was held back is delivered before the end that came after it") {
  Server server;
  Client busy_client(server.port());
  auto& busy = server.peer(0);
  Client client(server.port());
  auto& peer = server.peer(1);
  busy.reader = [](Peer&, std::string_view) { tests::fill_a_slice(); };
  on_loop(server.loop(), [&] {
    for (auto* one : {&busy, &peer}) {
      one->connection->pause_reading();
      one->connection->unread("held back");
    }
    return 0;
  });
  client.end_sending();
  // The loop has no time left for `peer` before it sees the end.
  on_loop(server.loop(), [&] {
    busy.connection->resume_reading();
    peer.connection->resume_reading();
    return 0;
  });
  REQUIRE(eventually([&] { return peer.closed.load(); }));
  CHECK(peer.received() == "held back");
  CHECK(peer.reason == CloseReason::by_peer);
  CHECK(peer.closed_calls == 1);
}
