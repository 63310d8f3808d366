// SPDX-License-Identifier: Apache-2.0
#include "net/tcp/listener.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <set>
#include <thread>

#include "tests/unit/net/support.h"

using net::parse_endpoint;
using tests::Client;
using tests::eventually;
using tests::on_loop;
using tests::Server;

namespace {

int option(int fd, int level, int name) {
  int value = -1;
  socklen_t size = sizeof value;
  ::getsockopt(fd, level, name, &value, &size);
  return value;
}

// The other end, in this process, of a client's IPv4 connection; -1 if there is none.
int accepted_from(int client) {
  sockaddr_in own{};
  socklen_t size = sizeof own;
  ::getsockname(client, reinterpret_cast<sockaddr*>(&own), &size);
  for (int fd = 0; fd < 1024; ++fd) {
    sockaddr_in peer{};
    size = sizeof peer;
    if (::getpeername(fd, reinterpret_cast<sockaddr*>(&peer), &size) != 0) continue;
    if (peer.sin_family == AF_INET && peer.sin_port == own.sin_port) return fd;
  }
  return -1;
}

}  // namespace

TEST_CASE("addresses to listen on") {
  const auto v4 = parse_endpoint("127.0.0.1:5222");
  REQUIRE(v4);
  CHECK(v4->host == "127.0.0.1");
  CHECK(v4->port == 5222);
  const auto v6 = parse_endpoint("[::1]:65535");
  REQUIRE(v6);
  CHECK(v6->host == "::1");
  CHECK(v6->port == 65535);
  CHECK(parse_endpoint("localhost:0"));
  for (const char* wrong :
       {"", "5222", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:-1", "127.0.0.1:5222x",
        "::1:5222", "[127.0.0.1]:1", "[::1]", "example.org:5222", ":5222", "256.0.0.1:1"}) {
    INFO(wrong);
    const auto parsed = parse_endpoint(wrong);
    REQUIRE_FALSE(parsed);
    CHECK(parsed.error().find("is not an address to listen on") != std::string::npos);
  }
}

TEST_CASE("what is loopback") {
  CHECK(net::is_loopback({"127.0.0.1", 1}));
  CHECK(net::is_loopback({"127.1.2.3", 1}));
  CHECK(net::is_loopback({"localhost", 1}));
  CHECK(net::is_loopback({"::1", 1}));
  CHECK_FALSE(net::is_loopback({"0.0.0.0", 1}));
  CHECK_FALSE(net::is_loopback({"::", 1}));
  CHECK_FALSE(net::is_loopback({"192.0.2.1", 1}));
}

TEST_CASE("an address in use is a sentence that says what to do") {
  Server server;
  net::Shards shards(1);
  const auto second = net::Listener::open(shards, {"127.0.0.1", server.port(), "c2s"}, {});
  REQUIRE_FALSE(second);
  CHECK(second.error() == "127.0.0.1:" + std::to_string(server.port()) +
                              " is in use by another process: stop it or change [listen] c2s");
  const auto foreign = net::Listener::open(shards, {"192.0.2.1", 5222, "s2s"}, {});
  REQUIRE_FALSE(foreign);
  CHECK(foreign.error() == "192.0.2.1:5222 is not an address of this machine: change [listen] s2s");
}

TEST_CASE("what is accepted sends at once and notices that its peer is gone") {
  Server server;
  Client client(server.port());
  server.peer();
  const int fd = accepted_from(client.fd());
  REQUIRE(fd >= 0);
  const net::PeerPatience patience;
  CHECK(option(fd, IPPROTO_TCP, TCP_NODELAY) == 1);
  CHECK(option(fd, SOL_SOCKET, SO_KEEPALIVE) == 1);
  CHECK(option(fd, IPPROTO_TCP, TCP_KEEPIDLE) == patience.idle_seconds);
  CHECK(option(fd, IPPROTO_TCP, TCP_KEEPINTVL) == patience.probe_seconds);
  CHECK(option(fd, IPPROTO_TCP, TCP_KEEPCNT) == patience.probes);
  CHECK(option(fd, IPPROTO_TCP, TCP_USER_TIMEOUT) == static_cast<int>(patience.unacknowledged_ms));
}

TEST_CASE("connections are spread over the shards in turn") {
  net::Shards shards(3);
  std::mutex mutex;
  std::vector<int> per_shard(3);
  std::vector<std::unique_ptr<net::Connection>> kept;
  std::set<std::thread::id> threads;
  auto listener = net::Listener::open(shards, {"127.0.0.1", 0},
                                      [&](std::size_t shard, std::unique_ptr<net::Connection> c) {
                                        const std::lock_guard lock(mutex);
                                        ++per_shard[shard];
                                        threads.insert(std::this_thread::get_id());
                                        kept.push_back(std::move(c));
                                      });
  REQUIRE(listener);
  std::vector<std::unique_ptr<Client>> clients;
  const auto port = (*listener)->port();
  for (int i = 0; i < 60; ++i) clients.push_back(std::make_unique<Client>(port));  // before start
  shards.start();
  REQUIRE(eventually([&] {
    const std::lock_guard lock(mutex);
    return kept.size() == 60;
  }));
  shards.stop();
  shards.join();
  CHECK(per_shard == std::vector<int>{20, 20, 20});
  CHECK(threads.size() == 3);
}

TEST_CASE("after close nobody gets in") {
  auto server = std::make_unique<Server>();
  net::Shards shards(1);
  std::atomic<int> accepted{0};
  auto listener = net::Listener::open(
      shards, {"127.0.0.1", 0}, [&](std::size_t, std::unique_ptr<net::Connection>) { ++accepted; });
  REQUIRE(listener);
  const auto port = (*listener)->port();
  shards.start();
  {
    Client client(port);
    CHECK(client.ended());
  }
  CHECK(accepted == 1);
  (*listener)->close();
  on_loop(shards[0], [] { return 0; });
  CHECK(eventually([&] {
    try {
      Client late(port);
      return false;
    } catch (const std::runtime_error&) {
      return true;
    }
  }));
  CHECK(accepted == 1);
}

TEST_CASE("when descriptors run out waiting connections are shed and service goes on") {
  Server server;
  Client before(server.port());
  server.peer(0);
  std::vector<int> waiting;
  for (int i = 0; i < 5; ++i) waiting.push_back(::socket(AF_INET, SOCK_STREAM, 0));
  rlimit usual{};
  REQUIRE(getrlimit(RLIMIT_NOFILE, &usual) == 0);
  rlimit low = usual;
  low.rlim_cur = static_cast<rlim_t>(waiting.back()) + 3;
  REQUIRE(setrlimit(RLIMIT_NOFILE, &low) == 0);
  std::vector<int> fillers;
  for (int fd = ::dup(0); fd >= 0; fd = ::dup(0)) fillers.push_back(fd);
  REQUIRE(errno == EMFILE);

  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(server.port());
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const timeval patience{10, 0};
  const auto iterations = server.loop().stats().iterations;
  for (const int fd : waiting) {
    ::setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    REQUIRE(::connect(fd, reinterpret_cast<const sockaddr*>(&to), sizeof to) == 0);
    char one = 0;
    CHECK(::recv(fd, &one, 1, 0) == 0);  // shed, not left waiting
  }
  CHECK(server.peers() == 1);
  CHECK(server.loop().stats().iterations - iterations < 30);  // it does not spin

  for (const int fd : waiting) ::close(fd);
  for (const int fd : fillers) ::close(fd);
  REQUIRE(setrlimit(RLIMIT_NOFILE, &usual) == 0);
  Client after(server.port());
  after.send("in");
  CHECK(eventually([&] { return server.peer(1).received() == "in"; }));
}
