// SPDX-License-Identifier: Apache-2.0
#include "net/http/response.h"

#include <catch2/catch.hpp>

using namespace net::http;

TEST_CASE("BI-WEB-20: a response is not kept, not guessed at, not framed, and names no program") {
  const base::Time birthday{784111777'000000};  // RFC 9110 §5.6.7
  CHECK(to_bytes({200, "text/plain", "hello"}, Body::sent, After::keep_alive, birthday) ==
        "HTTP/1.1 200 OK\r\n"
        "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n"
        "Content-Type: text/plain\r\n"
        "Content-Length: 5\r\n"
        "Cache-Control: no-store\r\n"
        "X-Content-Type-Options: nosniff\r\n"
        "Content-Security-Policy: default-src 'none'; frame-ancestors 'none'\r\n"
        "Connection: keep-alive\r\n"
        "\r\n"
        "hello");
}

TEST_CASE("HEAD gets the fields of GET, 405 says what is allowed") {
  const std::string head = to_bytes({200, "a/b", "hello"}, Body::left_out, After::close, {});
  CHECK(head.find("Content-Length: 5\r\n") != std::string::npos);
  CHECK(head.ends_with("Connection: close\r\n\r\n"));
  const std::string refused = to_bytes(refusal(405), Body::sent, After::close, {});
  CHECK(refused.find("\r\nAllow: GET, HEAD\r\n") != std::string::npos);
}

TEST_CASE("each refusal has its reason and a sentence") {
  for (const int status : {400, 404, 405, 408, 413, 414, 421, 431, 501, 505}) {
    const Response response = refusal(status);
    CHECK(response.body.size() > 10);
    const std::string start = "HTTP/1.1 " + std::to_string(status) + " ";
    CHECK(to_bytes(response, Body::sent, After::close, {}).starts_with(start));
  }
}
