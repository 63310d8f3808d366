// SPDX-License-Identifier: Apache-2.0
#include "bridge/c2s/session/outbound.h"

#include <catch2/catch.hpp>
#include <string>

using bridge::c2s::Amount;
using bridge::c2s::Outbound;
using Ack = Outbound::Ack;

namespace {

constexpr auto patience = base::seconds(30);

base::Time at(int seconds) { return base::Time{} + base::seconds(seconds); }

void send(Outbound& out, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) out.sent(base::make_payload(std::to_string(i)), {});
}

bool full(const Outbound& out, std::size_t limit, int now) {
  return out.full(Amount{limit, SIZE_MAX}, at(now), patience);
}

void send_bytes(Outbound& out, std::size_t bytes) {
  out.sent(base::make_payload(std::string(bytes, 'x')), {});
}

bool full_of_bytes(const Outbound& out, std::size_t limit, int now) {
  return out.full(Amount{SIZE_MAX, limit}, at(now), patience);
}

}  // namespace

TEST_CASE("what is acknowledged is let go, what is not stays in order") {
  Outbound out;
  send(out, 5);
  const std::weak_ptr<const std::string> second = (out.begin_waiting() + 1)->stanza.bytes;
  CHECK(out.acknowledge(0) == Ack::good);
  CHECK(out.acknowledge(2) == Ack::good);
  CHECK(second.expired());
  REQUIRE(out.waiting() == 3);
  CHECK(*out.begin_waiting()->stanza.bytes == "2");
  CHECK(out.acknowledge(2) == Ack::good);
  CHECK(out.acknowledge(5) == Ack::good);
  CHECK(out.waiting() == 0);
  CHECK(out.count() == 5);
  send(out, 1);
  CHECK(out.count() == 6);
  CHECK(out.acknowledge(6) == Ack::good);
}

TEST_CASE("BI-BIND-07: counts that cannot be") {
  Outbound out;
  send(out, 5);
  CHECK(out.acknowledge(6) == Ack::too_high);
  CHECK(out.acknowledge(4294967295U) == Ack::backwards);  // one below what was acknowledged
  CHECK(out.acknowledge(3) == Ack::good);
  CHECK(out.acknowledge(2) == Ack::backwards);
  CHECK(out.acknowledge(6) == Ack::too_high);
  CHECK(out.waiting() == 2);
  CHECK(out.check(5) == Ack::good);
  CHECK(out.waiting() == 2);
}

TEST_CASE("BI-BIND-07: the count goes from 2^32 - 1 to 0") {
  Outbound out((1ULL << 32) - 2);
  send(out, 4);  // 4294967294, 4294967295, 0, 1
  CHECK(out.count() == 2);
  CHECK(out.acknowledge(3) == Ack::too_high);
  CHECK(out.acknowledge(4294967295U) == Ack::good);
  CHECK(out.waiting() == 3);
  CHECK(out.acknowledge(4294967294U) == Ack::backwards);
  CHECK(out.acknowledge(0) == Ack::good);
  CHECK(out.waiting() == 2);
  CHECK(out.acknowledge(2) == Ack::good);
  CHECK(out.waiting() == 0);
}

TEST_CASE("an acknowledgement is asked for after so many, and once") {
  Outbound out;
  send(out, Outbound::ask_after - 1);
  CHECK_FALSE(out.to_be_asked());
  send(out, 1);
  CHECK(out.to_be_asked());
  out.ask(at(0));
  send(out, 100);
  CHECK_FALSE(out.to_be_asked());
  out.acknowledge(Outbound::ask_after - 1);  // no answer to what was asked
  CHECK(out.asked());
  out.acknowledge(Outbound::ask_after);
  CHECK_FALSE(out.asked());
  CHECK(out.to_be_asked());  // the hundred
}

TEST_CASE("an answer that falls short is asked about again, and its time goes on") {
  Outbound out;
  CHECK_FALSE(out.to_be_asked_again());
  send(out, 20);
  CHECK(out.to_be_asked_again());
  out.ask(at(0));
  CHECK_FALSE(out.to_be_asked_again());
  for (const int second : {10, 20, 30}) {
    CHECK(out.acknowledge(5) == Ack::good);
    CHECK(out.to_be_asked_again());
    CHECK_FALSE(out.overdue(at(second), patience));
    out.ask(at(second));
    CHECK_FALSE(out.to_be_asked_again());
  }
  CHECK(out.overdue(at(31), patience));
  CHECK(out.acknowledge(20) == Ack::good);
  CHECK_FALSE(out.overdue(at(31), patience));
  CHECK_FALSE(out.to_be_asked_again());
}

TEST_CASE("BI-BIND-10: to answer with nothing for ever is no answer") {
  Outbound out;
  send(out, 501);
  out.ask(at(0));
  for (int second = 1; second <= 30; ++second) {
    CHECK(out.acknowledge(0) == Ack::good);
    out.ask(at(second));
    CHECK_FALSE(full(out, 500, second));
  }
  CHECK(full(out, 500, 31));
}

TEST_CASE("BI-BIND-10: bytes are limited as stanzas are") {
  const std::size_t limit = 1000;
  Outbound out;
  SECTION("away") {
    send_bytes(out, 5000);  // on its way
    out.cut(at(0), patience);
    send_bytes(out, limit - 1);
    CHECK_FALSE(full_of_bytes(out, limit, 0));
    send_bytes(out, 1);
    CHECK_FALSE(full_of_bytes(out, limit, 0));
    send_bytes(out, 1);
    CHECK(full_of_bytes(out, limit, 0));
    out.acknowledge(2);
    CHECK_FALSE(full_of_bytes(out, limit, 0));
  }
  SECTION("connected, long after it was asked for") {
    send_bytes(out, limit);
    out.ask(at(0));
    CHECK_FALSE(full_of_bytes(out, limit, 31));
    send_bytes(out, 1);
    CHECK_FALSE(full_of_bytes(out, limit, 30));
    CHECK(full_of_bytes(out, limit, 31));
  }
  SECTION("a burst") {
    send_bytes(out, Outbound::burst_max.bytes + limit);
    CHECK_FALSE(full_of_bytes(out, limit, 0));
    send_bytes(out, 1);
    CHECK(full_of_bytes(out, limit, 0));
  }
}

TEST_CASE("BI-BIND-10: connected, any number may be on its way for as long as is fair") {
  Outbound out;
  out.ask(at(0));
  send(out, 16);
  out.ask(at(1));
  send(out, 984);
  CHECK_FALSE(full(out, 500, 31));
  CHECK(full(out, 500, 32));
  CHECK_FALSE(full(out, 1000, 32));
  CHECK(full(out, 999, 32));
  out.acknowledge(16);
  CHECK_FALSE(full(out, 500, 32));  // asked again, it has time again
  out.ask(at(33));
  CHECK_FALSE(full(out, 500, 63));
  out.acknowledge(1000);
  CHECK_FALSE(full(out, 500, 1000));
}

TEST_CASE("BI-BIND-10: away, what comes after the connection counts") {
  const std::size_t limit = 500;
  Outbound out;
  SECTION("nothing was on its way") {
    out.cut(at(0), patience);
    send(out, limit - 1);
    CHECK_FALSE(full(out, limit, 0));
    send(out, 1);
    CHECK_FALSE(full(out, limit, 0));
    send(out, 1);
    CHECK(full(out, limit, 0));
  }
  SECTION("a large room was on its way") {
    send(out, 1000);
    out.ask(at(0));
    out.cut(at(30), patience);
    send(out, limit);
    CHECK_FALSE(full(out, limit, 1000));
    send(out, 1);
    CHECK(full(out, limit, 1000));
    // Whoever comes back acknowledges what had been on its way.
    out.acknowledge(1000);
    out.resumed();
    CHECK_FALSE(full(out, limit, 1000));
    out.cut(at(1001), patience);
    CHECK_FALSE(full(out, limit, 1001));
    send(out, limit + 1);
    CHECK(full(out, limit, 1001));
  }
  SECTION("an acknowledgement was overdue") {
    send(out, limit);
    out.ask(at(0));
    out.cut(at(31), patience);
    CHECK_FALSE(full(out, limit, 31));
    send(out, 1);
    CHECK(full(out, limit, 31));
  }
}

TEST_CASE("BI-BIND-10: there is an end to every burst") {
  Outbound out;
  send(out, 500 + Outbound::burst_max.stanzas);
  CHECK_FALSE(full(out, 500, 0));
  send(out, 1);
  CHECK(full(out, 500, 0));
  CHECK_FALSE(full(out, SIZE_MAX, 0));
  out.cut(at(0), patience);
  CHECK(full(out, 500, 0));
  CHECK_FALSE(full(out, SIZE_MAX, 0));
}
