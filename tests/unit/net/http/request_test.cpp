// SPDX-License-Identifier: Apache-2.0
// RFC 9112 §3 to §6, and the shapes by which requests are smuggled past a proxy (§11.2).
#include "net/http/request.h"

#include <catch2/catch.hpp>

#include "net/http/hosts.h"

using net::http::Hosts;
using net::http::Method;
using net::http::parse_request;
using net::http::Request;

namespace {

std::string get(const std::string& fields, const std::string& line = "GET /metrics HTTP/1.1") {
  return line + "\r\n" + fields + "\r\n";
}

// The status of a refusal, 200 if there is none.
int status(const std::string& head) {
  const auto request = parse_request(head);
  return request ? 200 : request.error();
}

}  // namespace

TEST_CASE("a request") {
  const auto request = parse_request(get("Host: LocalHost:5280\r\nAccept: */*\r\n"));
  REQUIRE(request);
  CHECK(request->method == Method::get);
  CHECK(request->path == "/metrics");
  CHECK(request->host == "localhost");
  CHECK(request->keep_alive);
}

TEST_CASE("methods: HEAD, others that are known, words that nobody knows, no words") {
  CHECK(parse_request(get("Host: a\r\n", "HEAD / HTTP/1.1"))->method == Method::head);
  for (const char* method : {"POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "PROPFIND"})
    CHECK(parse_request(get("Host: a\r\n", std::string(method) + " / HTTP/1.1"))->method ==
          Method::other);
  CHECK(parse_request(get("Host: a\r\n", "CONNECT a:80 HTTP/1.1"))->method == Method::other);
  CHECK(parse_request(get("Host: a\r\n", "OPTIONS * HTTP/1.1"))->method == Method::other);
  CHECK(status(get("Host: a\r\n", "BREW / HTTP/1.1")) == 501);
  CHECK(status(get("Host: a\r\n", "PROXY TCP4 192.0.2.1 192.0.2.2 1 2")) == 400);
  CHECK(status(get("Host: a\r\n", "get / HTTP/1.1")) == 400);
  CHECK(status(get("Host: a\r\n", "<html> HTTP/1.1")) == 400);
}

TEST_CASE("the target: a path, its query left out, or a whole address") {
  const auto path = [](const std::string& target) {
    const auto request = parse_request(get("Host: a\r\n", "GET " + target + " HTTP/1.1"));
    return request ? request->path + "@" + request->host : "?";
  };
  CHECK(path("/metrics?name=x") == "/metrics@a");
  CHECK(path("/metrics/../health") == "/metrics/../health@a");  // as it was sent
  CHECK(path("http://B:1/metrics") == "/metrics@b");            // RFC 9112 §3.2.2
  CHECK(path("http://b") == "@b");
  CHECK(path("http:///metrics") == "?");
  CHECK(path("/metrics#x") == "?");
  CHECK(path(" /metrics") == "?");
  CHECK(path("/metrics ") == "?");
  CHECK(path("/metrics\t") == "?");
  CHECK(path("http://user@b/metrics") == "?");
}

TEST_CASE("versions") {
  CHECK(status(get("", "GET / HTTP/1.0")) == 200);
  CHECK_FALSE(parse_request(get("", "GET / HTTP/1.0"))->keep_alive);
  CHECK(parse_request(get("Connection: keep-alive\r\n", "GET / HTTP/1.0"))->keep_alive);
  CHECK_FALSE(parse_request(get("Host: a\r\nConnection: close\r\n"))->keep_alive);
  CHECK(status(get("Host: a\r\n", "GET / HTTP/2.0")) == 505);
  CHECK(status(get("Host: a\r\n", "GET / HTTP/1.9")) == 505);
  CHECK(status("PRI * HTTP/2.0\r\n\r\n") == 505);
  CHECK(status(get("Host: a\r\n", "GET /")) == 400);  // HTTP/0.9
  CHECK(status(get("Host: a\r\n", "GET / RTSP/1.0")) == 400);
  CHECK(status(get("Host: a\r\n", "SOURCE / ICE/1.0")) == 400);
}

TEST_CASE("Host: exactly one, well-formed") {
  CHECK(status(get("")) == 400);
  CHECK(status(get("Host: a\r\nHost: a\r\n")) == 400);
  CHECK(status(get("Host: a\r\nhost: b\r\n")) == 400);
  CHECK(status(get("Host: a b\r\n")) == 400);
  CHECK(status(get("Host: a/b\r\n")) == 400);
  CHECK(status(get("Host: u@a\r\n")) == 400);
  CHECK(status(get("Host: a:port\r\n")) == 400);
  CHECK(status(get("Host: a:123456\r\n")) == 400);
  CHECK(status(get("Host: [::1\r\n")) == 400);
  CHECK(parse_request(get("Host: [::1]:5280\r\n"))->host == "[::1]");
  CHECK(parse_request(get("Host: 127.0.0.1\r\n"))->host == "127.0.0.1");
}

TEST_CASE("BI-WEB: bodies are refused, and lengths that contradict each other") {
  CHECK(status(get("Host: a\r\nContent-Length: 0\r\n")) == 200);
  CHECK(status(get("Host: a\r\nContent-Length: 1\r\n")) == 413);
  CHECK(status(get("Host: a\r\nContent-Length: 1\r\n", "POST /metrics HTTP/1.1")) == 413);
  CHECK(status(get("Host: a\r\nTransfer-Encoding: chunked\r\n")) == 413);
  CHECK(status(get("Host: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n")) == 400);
  CHECK(status(get("Host: a\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n")) == 400);
  CHECK(status(get("Host: a\r\nContent-Length: 5\r\nContent-Length: 6\r\n")) == 400);
  CHECK(status(get("Host: a\r\nContent-Length: 0\r\nContent-Length: 0\r\n")) == 400);
  CHECK(status(get("Host: a\r\nContent-Length: -1\r\n")) == 400);
  CHECK(status(get("Host: a\r\nContent-Length: +1\r\n")) == 400);
  CHECK(status(get("Host: a\r\nContent-Length: 0x1\r\n")) == 400);
  CHECK(status(get("Host: a\r\nContent-Length: 99999999999999999999\r\n")) == 400);
  CHECK(status(get("Host: a\r\nContent-Length : 5\r\n")) == 400);
  CHECK(status(get("Host: a\r\nTransfer-Encoding : chunked\r\n")) == 400);
  CHECK(status(get("Host: a\r\nTransfer-Encoding: xchunked\r\n")) != 200);
  CHECK(status(get("Host: a\r\nTransfer-Encoding: chunked, identity\r\n")) != 200);
}

TEST_CASE("fields that are none") {
  CHECK(status(get("Host: a\r\nno colon\r\n")) == 400);
  CHECK(status(get("Host: a\r\nX(y): z\r\n")) == 400);
}

TEST_CASE("an upgrade that is asked for is not made") {
  CHECK(status(get("Host: a\r\nConnection: upgrade\r\nUpgrade: websocket\r\n")) == 200);
}

TEST_CASE("BI-WEB-14: which names are ours") {
  const Hosts loopback({"Chat.Example"}, false);
  for (const char* name : {"localhost", "127.0.0.1", "127.1.2.3", "[::1]", "chat.example", ""})
    CHECK(loopback.allow(name));
  for (const char* name : {"evil", "evil.example", "192.0.2.1", "[2001:db8::1]", "localhost.evil",
                           "127.0.0.1.evil", "chat.example.evil", "chat.example."})
    CHECK_FALSE(loopback.allow(name));
  const Hosts everywhere({}, true);
  CHECK(everywhere.allow("192.0.2.1"));
  CHECK(everywhere.allow("[2001:db8::1]"));
  CHECK_FALSE(everywhere.allow("evil.example"));
}
