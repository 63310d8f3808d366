// SPDX-License-Identifier: Apache-2.0
// RFC 9112 §2.2: what a line is, and what a recipient must not take for one.
#include "net/http/head.h"

#include <catch2/catch.hpp>

using net::http::HeadLimits;
using net::http::HeadReader;
using Found = net::http::HeadReader::Found;

namespace {

Found found(std::string_view text, const HeadLimits& limits = {}) {
  HeadReader reader(limits);
  return reader.read(text);
}

}  // namespace

TEST_CASE("a head ends with its empty line, what follows is left") {
  std::string_view text = "GET / HTTP/1.1\r\nHost: a\r\n\r\nGET /2";
  HeadReader reader({});
  CHECK(reader.read(text) == Found::head);
  CHECK(text == "GET /2");
  CHECK(reader.take() == "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  CHECK_FALSE(reader.begun());
  CHECK(reader.read(text) == Found::part);
  CHECK(reader.begun());
}

TEST_CASE("a head may come byte by byte") {
  HeadReader reader({});
  const std::string_view whole = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
  for (std::size_t i = 0; i < whole.size(); ++i) {
    std::string_view byte = whole.substr(i, 1);
    CHECK(reader.read(byte) == (i + 1 == whole.size() ? Found::head : Found::part));
  }
  CHECK(reader.take() == whole);
}

TEST_CASE("BI-WEB: lines end in CRLF and in nothing else") {
  CHECK(found("GET / HTTP/1.1\nHost: a\r\n\r\n") == Found::malformed);
  CHECK(found("GET / HTTP/1.1\r\nHost: a\n\r\n") == Found::malformed);
  CHECK(found("GET / HTTP/1.1\r\nHost: a\r\n\n") == Found::malformed);
  CHECK(found("GET / HTTP/1.1\r\nHost: a\rX: b\r\n\r\n") == Found::malformed);
  CHECK(found("GET / HTTP/1.1\r\r\nHost: a\r\n\r\n") == Found::malformed);
  CHECK(found("GET / HTTP/1.1\r\nHost: a\r\n b\r\n\r\n") == Found::malformed);  // obs-fold
  CHECK(found("GET / HTTP/1.1\r\n\tHost: a\r\n\r\n") == Found::malformed);
  CHECK(found("GET / HTTP/1.1\r\n: a\r\n\r\n") == Found::malformed);
  CHECK(found(" GET / HTTP/1.1\r\n") == Found::malformed);
  for (const char control : {'\0', '\x01', '\x0b', '\x1b', '\x7f'}) {
    CHECK(found(std::string("GET /") + control) == Found::malformed);
    CHECK(found(std::string("GET / HTTP/1.1\r\nHost: a") + control) == Found::malformed);
  }
  CHECK(found("GET / HTTP/1.1\r\nHost:\ta\r\n\r\n") == Found::head);
}

TEST_CASE("one empty line before a request is passed over, a second is not") {
  HeadReader reader({});
  std::string_view text = "\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n";
  CHECK(reader.read(text) == Found::head);
  CHECK(reader.take() == "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  CHECK(found("\r\n\r\nGET / HTTP/1.1\r\n") == Found::malformed);
  HeadReader begun({});
  text = "\r\n";
  CHECK(begun.read(text) == Found::part);
  CHECK(begun.begun());  // so that its time runs
}

TEST_CASE("the request line has a limit: below, at, above") {
  const HeadLimits limits{.line_bytes = 100, .fields_bytes = 50};
  const auto line = [](std::size_t size) {
    const std::string end = " HTTP/1.1";
    return "GET /" + std::string(size - 5 - end.size(), 'x') + end;
  };
  CHECK(found(line(99) + "\r\nA: b\r\n\r\n", limits) == Found::head);
  CHECK(found(line(100) + "\r\nA: b\r\n\r\n", limits) == Found::head);
  CHECK(found(line(101) + "\r\nA: b\r\n\r\n", limits) == Found::long_line);
  CHECK(found(std::string(101, 'x'), limits) == Found::long_line);  // without an end
  CHECK(found(std::string(100, 'x'), limits) == Found::part);
}

TEST_CASE("the fields have a limit: below, at, above") {
  const HeadLimits limits{.line_bytes = 100, .fields_bytes = 50};
  const auto head = [](std::size_t size) {
    return "GET / HTTP/1.1\r\nA: " + std::string(size - 5, 'x') + "\r\n\r\n";
  };
  CHECK(found(head(49), limits) == Found::head);
  CHECK(found(head(50), limits) == Found::head);
  CHECK(found(head(51), limits) == Found::long_fields);
  CHECK(found("GET / HTTP/1.1\r\n" + std::string(51, 'x'), limits) == Found::long_fields);
}
