// SPDX-License-Identifier: Apache-2.0
#include "net/tcp/send_queue.h"

#include <catch2/catch.hpp>

using net::SendQueue;

namespace {

std::string drain(SendQueue& queue, std::size_t room, std::string_view splice) {
  std::string all;
  std::string part(room, '\0');
  while (!queue.empty()) {
    const auto n = queue.copy_out(part.data(), room, splice);
    all.append(part, 0, n);
    queue.consume(n, splice);
  }
  return all;
}

}  // namespace

TEST_CASE("bytes come out in order whatever the size of the pieces") {
  const std::string splice = " to='juliet@localhost/balcony'";
  const auto message = base::make_payload("<message><body>hi</body></message>", 8);
  const auto at_front = base::make_payload("front", 0);
  const auto at_end = base::make_payload("end", 3);
  const std::string expected =
      "a"
      "bc<message" +
      splice + "><body>hi</body></message>d" + splice + "frontend" + splice + "<message" + splice +
      "><body>hi</body></message>";
  for (const std::size_t room : {1u, 2u, 7u, 64u, 1000u}) {
    SendQueue queue;
    queue.push("a");
    queue.push("bc");
    queue.push(message);
    queue.push("d");
    queue.push(at_front);
    queue.push(at_end);
    queue.push(message);
    CHECK(queue.size(splice) == expected.size());
    CHECK(drain(queue, room, splice) == expected);
    CHECK(queue.size(splice) == 0);
  }
}

TEST_CASE("an empty payload and empty bytes queue nothing") {
  SendQueue queue;
  queue.push(base::Payload{});
  queue.push(base::make_payload(""));
  queue.push("");
  CHECK(queue.empty());
}

TEST_CASE("bytes may be appended while the front is half gone") {
  SendQueue queue;
  queue.push("abc");
  queue.consume(2, "");
  queue.push("def");
  CHECK(queue.size("") == 4);
  CHECK(drain(queue, 3, "") == "cdef");
}

TEST_CASE("a queue that was moved goes on where it was") {
  SendQueue from;
  from.push(base::make_payload("0123456789"));
  from.consume(4, "");
  SendQueue to(std::move(from));
  CHECK(from.empty());  // NOLINT: promised
  CHECK(drain(to, 100, "") == "456789");
}

TEST_CASE("the shared bytes are let go as soon as they have left") {
  const auto payload = base::make_payload("x");
  SendQueue queue;
  for (int i = 0; i < 100; ++i) queue.push(payload);
  CHECK(payload.bytes.use_count() == 101);
  queue.consume(60, "");
  CHECK(payload.bytes.use_count() == 41);
  queue.clear();
  CHECK(payload.bytes.use_count() == 1);
  CHECK(queue.size("") == 0);
}

TEST_CASE("a million references are queued and dropped") {
  const auto payload = base::make_payload(std::string(350, 'x'), 9);
  SendQueue queue;
  for (int i = 0; i < 1'000'000; ++i) queue.push(payload);
  CHECK(queue.size("12345") == 355'000'000u);
  std::string part(65536, '\0');
  CHECK(queue.copy_out(part.data(), part.size(), "12345") == part.size());
  queue.consume(part.size(), "12345");
  CHECK(queue.size("12345") == 355'000'000u - 65536);
  queue.clear();  // must not be a million calls deep
  CHECK(payload.bytes.use_count() == 1);
}
