// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>
#include <thread>

#include "tests/unit/net/tls_support.h"

using net::Connection;
using tests::Client;
using tests::eventually;
using tests::on_loop;
using tests::Peer;
using tests::Server;
using tests::TlsClient;

namespace {

// Sends back what comes, and moves between the shards every `step` bytes.
class Wanderer final : public Connection::Handler {
 public:
  Wanderer(net::Shards& shards, std::size_t step) : shards_(shards), step_(step) {}
  virtual ~Wanderer() = default;

  void arrive(std::unique_ptr<Connection> connection) {
    connection_ = std::move(connection);
    connection_->set_limits({.send_queue_bytes = 100'000'000});
    connection_->set_splice("#");
    connection_->set_handler(this);
  }

  void on_read(std::string_view bytes) override {
    // Half as a stream parser would: what is behind the move belongs to the next reader.
    const auto now = std::min(bytes.size(), step_ - since_);
    since_ += now;
    connection_->send(base::make_payload(std::string(bytes.substr(0, now)), 0));
    if (since_ < step_) return;
    since_ = 0;
    connection_->unread(bytes.substr(now));
    move();
  }
  void on_closed(net::CloseReason) override { closed = true; }

  std::atomic<int> moves{0};
  std::atomic<bool> closed{false};
  void leave() { connection_.reset(); }
  std::atomic<std::size_t> home{0};

 private:
  void move() {
    ++moves;
    const std::size_t from = home;
    const auto to = (from + 1) % shards_.size();
    home = to;
    auto detached = connection_->detach();
    std::shared_ptr<Connection> old = std::move(connection_);
    shards_[from].post([old] {});  // not destroyed inside its own callback
    shards_[to].post([this, to, detached = std::move(detached)]() mutable {
      connection_ = Connection::attach(shards_[to], std::move(detached), this);
    });
  }

  net::Shards& shards_;
  std::size_t step_;
  std::size_t since_ = 0;
  std::unique_ptr<Connection> connection_;
};

struct Travel {
  explicit Travel(std::size_t step, std::shared_ptr<const net::TlsContext> context = {})
      : shards(2), wanderer(shards, step) {
    auto opened =
        net::Listener::open(shards, {"127.0.0.1", 0},
                            [this, context](std::size_t shard, std::unique_ptr<Connection> c) {
                              if (context) c->start_tls(context);
                              wanderer.home = shard;
                              wanderer.arrive(std::move(c));
                            });
    listener = std::move(opened).value();
    shards.start();
  }
  ~Travel() {
    shards.stop();
    shards.join();
    wanderer.leave();
  }
  net::Shards shards;
  Wanderer wanderer;
  std::unique_ptr<net::Listener> listener;
};

std::string numbered(std::size_t bytes) {
  std::string text;
  for (int i = 0; text.size() < bytes; ++i) text += std::to_string(i) + ",";
  return text;
}

// The splice stands at the front of every echoed piece.
std::string without_splices(std::string text) {
  text.erase(std::remove(text.begin(), text.end(), '#'), text.end());
  return text;
}

// Reads until `bytes` bytes other than splices have come.
template <class C>
std::string receive_echo(C& client, std::size_t bytes) {
  std::string got;
  while (got.size() < bytes) {
    const auto part = client.receive(bytes - got.size());
    if (part.empty()) break;
    got += without_splices(part);
  }
  return got;
}

}  // namespace

TEST_CASE("a plain connection moved in mid-traffic loses nothing in either direction") {
  Travel travel(30'000);
  Client client(travel.listener->port(), 4096);
  const auto sent = numbered(2'000'000);
  std::thread sender([&] { client.send(sent); });
  const auto got = receive_echo(client, sent.size());
  sender.join();
  CHECK(got == sent);
  CHECK(travel.wanderer.moves >= 60);
  CHECK_FALSE(travel.wanderer.closed);
}

TEST_CASE("unsent bytes move with the connection when the peer reads nothing meanwhile") {
  Travel travel(100'000);
  Client client(travel.listener->port(), 4096);
  const auto sent = numbered(1'500'000);
  REQUIRE(client.send(sent));  // the echo does not fit into the kernel's buffers
  REQUIRE(eventually([&] { return travel.wanderer.moves >= 15; }));
  CHECK(receive_echo(client, sent.size()) == sent);
}

TEST_CASE("a TLS connection moved in mid-traffic loses nothing in either direction") {
  Travel travel(30'000, tests::test_context());
  Client client(travel.listener->port(), 4096);
  TlsClient tls(client);
  REQUIRE(tls.handshake());
  std::string all_sent;
  std::string all_got;
  for (int round = 0; round < 3; ++round) {
    const auto sent = numbered(500'000);
    REQUIRE(tls.send(sent));
    all_sent += sent;
    all_got += receive_echo(tls, sent.size());
  }
  CHECK(all_got == all_sent);
  CHECK(travel.wanderer.moves >= 50);
}

TEST_CASE("detaching leaves a closed object without a callback; dropping what it gave closes") {
  Server server;
  Client client(server.port());
  auto& peer = server.peer();
  auto detached = on_loop(server.loop(), [&] {
    auto moved = peer.connection->detach();
    CHECK(peer.connection->closing());
    peer.connection->send("into the void");
    return moved;
  });
  client.send("still open");
  detached.reset();
  CHECK(client.ended());
  on_loop(server.loop(), [] { return 0; });
  CHECK_FALSE(peer.closed);
}

TEST_CASE("a closed connection has nothing to move") {
  Server server;
  Client client(server.port());
  auto& peer = server.peer();
  const bool attached = on_loop(server.loop(), [&] {
    peer.connection->abort();
    auto nothing = peer.connection->detach();
    return Connection::attach(server.loop(), nothing, &peer) != nullptr;
  });
  CHECK_FALSE(attached);
}

TEST_CASE("unread bytes, limits, splice and queue arrive at the other shard") {
  Server server(2);
  Client client(server.port());
  auto& peer = server.peer();
  auto detached = on_loop(server.loop(0), [&] {
    peer.connection->set_limits({.bytes_per_second = 1, .burst_bytes = 3});
    peer.connection->set_splice("S");
    peer.connection->send(base::make_payload("<>", 1));
    peer.connection->unread("left over ");
    return peer.connection->detach();
  });
  Peer next;
  on_loop(server.loop(1), [&] {
    next.connection = Connection::attach(server.loop(1), std::move(detached), &next);
    CHECK(next.connection->peer_address() == "127.0.0.1");
    CHECK(next.connection->queued_bytes() == 3);
    return 0;
  });
  CHECK(client.receive(3) == "<S>");
  client.send("123456789");
  CHECK(eventually([&] { return next.received_bytes() >= 13; }));
  CHECK(next.received() == "left over 123");  // the burst, and no more yet
  server.stop();
}
