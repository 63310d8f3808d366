// SPDX-License-Identifier: Apache-2.0
// The responder over real sockets, with limits and times that a test can wait for.
#include "net/http/server.h"

#include <catch2/catch.hpp>
#include <thread>
#include <vector>

#include "tests/unit/net/support.h"

using net::http::Hosts;
using net::http::Limits;
using net::http::Response;
using tests::Client;
using tests::eventually;

namespace {

class Site {
 public:
  explicit Site(const Limits& limits = {}, std::size_t page_bytes = 5)
      : shards_(2),
        page_(page_bytes, 'x'),
        server_(
            shards_, clock_, Hosts({}, false),
            [this](std::string_view path) -> std::optional<Response> {
              if (path != "/page") return std::nullopt;
              return Response{200, "text/plain", page_};
            },
            limits) {
    listener_ = std::move(*net::Listener::open(
        shards_, {"127.0.0.1", 0, "http"},
        [this](std::size_t shard, std::unique_ptr<net::Connection> connection) {
          server_.accept(shard, std::move(connection));
        }));
    shards_.start();
  }
  ~Site() {
    listener_->close();
    shards_.stop();
    shards_.join();
  }
  std::uint16_t port() const { return listener_->port(); }
  net::http::Server& server() { return server_; }

 private:
  base::SystemClock clock_;
  net::Shards shards_;
  std::string page_;
  net::http::Server server_;
  std::unique_ptr<net::Listener> listener_;
};

const std::string get_page = "GET /page HTTP/1.1\r\nHost: localhost\r\n\r\n";

// One response with its body.
std::string response(Client& client) {
  std::string head;
  while (!head.ends_with("\r\n\r\n")) {
    const std::string byte = client.receive(1);
    if (byte.empty()) return head;
    head += byte;
  }
  const auto at = head.find("Content-Length: ");
  return head + client.receive(std::stoul(head.substr(at + 16)));
}

std::string status(Client& client) { return response(client).substr(0, 12); }

}  // namespace

TEST_CASE("a connection is kept, and pipelined requests are answered in their order") {
  Site site;
  Client client(site.port());
  REQUIRE(client.send(get_page));
  CHECK(status(client) == "HTTP/1.1 200");
  std::string many;
  for (int i = 0; i < 50; ++i)
    many += i % 2 == 0 ? get_page : "GET /none HTTP/1.1\r\nHost: localhost\r\n\r\n";
  REQUIRE(client.send(many));
  for (int i = 0; i < 50; ++i)
    CHECK(status(client) == (i % 2 == 0 ? "HTTP/1.1 200" : "HTTP/1.1 404"));
  CHECK(site.server().requests() == 51);
}

TEST_CASE("after Connection: close, and after a malformed request, nothing more is answered") {
  Site site;
  Client polite(site.port());
  REQUIRE(
      polite.send("GET /page HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n" + get_page));
  CHECK(status(polite) == "HTTP/1.1 200");
  CHECK(polite.ended());
  Client wild(site.port());
  REQUIRE(wild.send("GET /page HTTP/1.1\nHost: localhost\n\n" + get_page));
  CHECK(status(wild) == "HTTP/1.1 400");
  CHECK(wild.ended());
}

TEST_CASE("whoever sends and ends its side gets the answer") {
  Site site;
  Client client(site.port());
  REQUIRE(client.send(get_page));
  client.end_sending();
  CHECK(status(client) == "HTTP/1.1 200");
  CHECK(client.ended());
}

TEST_CASE("connections: below the limit, at it, above it") {
  Limits limits;
  limits.connections = 3;
  Site site(limits);
  std::vector<std::unique_ptr<Client>> clients;
  for (int i = 0; i < 3; ++i) {
    clients.push_back(std::make_unique<Client>(site.port()));
    REQUIRE(clients.back()->send(get_page));
    CHECK(status(*clients.back()) == "HTTP/1.1 200");
  }
  Client above(site.port());
  above.send(get_page);
  CHECK(above.ended());
  CHECK(site.server().connections() == 3);
  clients.pop_back();
  CHECK(eventually([&] { return site.server().connections() == 2; }));
  Client again(site.port());
  REQUIRE(again.send(get_page));
  CHECK(status(again) == "HTTP/1.1 200");
}

TEST_CASE("a request that does not come in time gets 408, one who says nothing is let go") {
  Limits limits;
  limits.request = base::milliseconds(300);
  limits.idle = base::milliseconds(300);
  Site site(limits);
  Client slow(site.port()), silent(site.port());
  REQUIRE(slow.send("GET /page"));
  CHECK(status(slow) == "HTTP/1.1 408");
  CHECK(slow.ended());
  CHECK(silent.ended());
  Client idle(site.port());
  REQUIRE(idle.send(get_page));
  CHECK(status(idle) == "HTTP/1.1 200");
  CHECK(idle.ended());
  CHECK(eventually([&] { return site.server().connections() == 0; }));
}

TEST_CASE("whoever takes no answers gets no more made for it") {
  Limits limits;
  limits.unsent_bytes = 100'000;
  Site site(limits, 50'000);
  Client client(site.port(), 4096);
  std::string many;
  for (int i = 0; i < 400; ++i) many += get_page;  // 20 MB of answers
  std::thread sending([&] { client.send(many); });
  CHECK(eventually([&] { return site.server().requests() > 2; }));
  std::uint64_t before = 0;
  CHECK(eventually([&] {
    const auto now = site.server().requests();
    return std::exchange(before, now) == now && now > 2;
  }));
  CHECK(site.server().requests() < 300);  // the kernel's buffers and ours hold no more
  for (int i = 0; i < 400; ++i) REQUIRE(status(client) == "HTTP/1.1 200");
  sending.join();
  CHECK(site.server().requests() == 400);
}
