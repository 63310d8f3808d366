// SPDX-License-Identifier: Apache-2.0
// SASL on a stream: the order of elements, tries, penalties.
#include <algorithm>
#include <catch2/catch.hpp>
#include <vector>

#include "base/crypto.h"
#include "bridge/c2s/admission.h"
#include "tests/unit/bridge/client.h"
#include "tests/unit/bridge/world.h"

using tests::Client;
using tests::World;

namespace {

const std::string sasl = "xmlns='urn:ietf:params:xml:ns:xmpp-sasl'";

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

std::string auth(const std::string& mechanism, const std::string& bytes) {
  return "<auth " + sasl + " mechanism='" + mechanism + "'>" + base::base64(bytes) + "</auth>";
}

std::string plain(const std::string& user, const std::string& password) {
  using namespace std::string_literals;
  return auth("PLAIN", "\0"s + user + "\0"s + password);
}

// Under TLS, features read.
struct Ready : Client {
  explicit Ready(World& world, std::string_view from = {}) : Client(world.tls_port()) {
    handshake();
    open(from);
  }
  std::string failure() { return expect("</failure>"); }
  void check_stream_error(std::string_view condition) {
    const std::string answer = rest();
    INFO(answer);
    CHECK(has(answer, "<stream:error><" + std::string(condition)));
    CHECK(answer.ends_with("</stream:stream>"));
  }
};

}  // namespace

TEST_CASE("BI-SASL-01: only what was offered may be chosen") {
  World world;
  Ready client(world);
  for (const char* mechanism : {"X-FOO", "ANONYMOUS", "plain"}) {
    client.send(auth(mechanism, "x"));
    CHECK(has(client.failure(), "<invalid-mechanism/>"));
  }
}

TEST_CASE("unknown, wrong and disabled look alike on the wire") {
  World world;
  for (const char* mechanism : {"SCRAM-SHA-256", "SCRAM-SHA-1", "PLAIN"}) {
    Ready client(world);
    const std::string wrong = client.login(mechanism, "juliet", "wrong");
    CHECK(wrong == "<failure " + sasl + "><not-authorized/></failure>");
    CHECK(client.login(mechanism, "nobody", "wrong") == wrong);
    CHECK(client.login(mechanism, "mercutio", "wrong") == wrong);
    CHECK(has(client.login(mechanism, "juliet", "pencil"), "<success"));
  }
}

TEST_CASE("without a database logins fail for now, the stream lives") {
  World world;
  Ready client(world);
  CHECK(has(client.login("PLAIN", "tybalt", "pencil"), "<temporary-auth-failure/>"));
  CHECK(has(client.login("PLAIN", "juliet", "pencil"), "<success"));
}

TEST_CASE("BI-SASL-09: a second <auth/> replaces the first; <response/> first; <abort/>") {
  World world;
  Ready client(world);
  client.send(auth("SCRAM-SHA-256", "n,,n=romeo,r=abc"));
  CHECK(has(client.expect("</challenge>"), "<challenge"));
  client.send(plain("juliet", "pencil"));
  CHECK(has(client.expect("/>"), "<success"));

  Ready other(world);
  other.send("<response " + sasl + ">YWJj</response>");
  CHECK(has(other.failure(), "<malformed-request/>"));
  other.send(auth("SCRAM-SHA-256", "n,,n=romeo,r=abc"));
  other.expect("</challenge>");
  other.send("<abort " + sasl + "/>");
  CHECK(has(other.failure(), "<aborted/>"));
  other.send("<response " + sasl + ">YWJj</response>");  // the exchange is gone
  CHECK(has(other.failure(), "<malformed-request/>"));
}

TEST_CASE("BI-SASL-10: a stanza in mid-exchange") {
  World world;
  Ready client(world);
  client.send(auth("SCRAM-SHA-256", "n,,n=juliet,r=abc"));
  client.expect("</challenge>");
  client.send("<presence/>");
  client.check_stream_error("not-authorized");
}

TEST_CASE("BI-SASL-11: <auth/> after success") {
  World world;
  Ready client(world);
  client.login("PLAIN", "juliet", "pencil");
  client.open();
  if (GENERATE(false, true)) client.bind("balcony");
  client.send(plain("romeo", "pencil"));
  client.check_stream_error("policy-violation");
}

TEST_CASE("BI-SASL-12: three failures are borne, the fourth ends the stream") {
  World world;
  Ready patient(world), guessing(world);
  for (int i = 0; i < 3; ++i) {
    CHECK(has(patient.login("PLAIN", "juliet", "wrong"), "<not-authorized/>"));
    CHECK(has(guessing.login("PLAIN", "juliet", "wrong"), "<not-authorized/>"));
  }
  CHECK(has(patient.login("PLAIN", "juliet", "pencil"), "<success"));
  guessing.send(plain("juliet", "wrong"));
  guessing.check_stream_error("policy-violation");
  Ready owner(world);  // the account is not locked
  CHECK(has(owner.login("PLAIN", "juliet", "pencil"), "<success"));
}

TEST_CASE("BI-SASL-12: failures from one address are answered later and later") {
  bridge::c2s::Admission admission;
  auto config = tests::test_config();
  config.free_failures = 3;
  config.failure_delay = base::milliseconds(20);
  config.failure_delay_max = base::milliseconds(50);
  const base::Time now{base::seconds(1000)};
  for (int i = 0; i < 3; ++i) CHECK(admission.failed("192.0.2.1", config, now) == 0);
  CHECK(admission.failed("192.0.2.1", config, now) == base::milliseconds(20));
  CHECK(admission.failed("192.0.2.1", config, now) == base::milliseconds(40));
  CHECK(admission.failed("192.0.2.1", config, now) == base::milliseconds(50));
  CHECK(admission.failed("192.0.2.2", config, now) == 0);
  CHECK(admission.failed("192.0.2.1", config, now + base::seconds(4)) == 0);  // forgotten
  for (int i = 0; i < 3; ++i) CHECK(admission.failed("2001:db8::1", config, now) == 0);
  CHECK(admission.failed("2001:db8::ffff", config, now) > 0);  // the same /64
  CHECK(admission.failed("2001:db8:0:1::1", config, now) == 0);
}

TEST_CASE("BI-SASL-12: a thousand failures from one address, at N-1, N and N+1") {
  bridge::c2s::Admission admission;
  const bridge::c2s::Config config;
  const base::Time now{base::seconds(1000)};
  std::vector<base::Micros> delays;
  for (int i = 0; i < 1000; ++i) delays.push_back(admission.failed("192.0.2.1", config, now));
  const auto free = config.free_failures;
  CHECK(delays[free - 2] == 0);
  CHECK(delays[free - 1] == 0);
  CHECK(delays[free] == config.failure_delay);
  CHECK(std::is_sorted(delays.begin(), delays.end()));
  CHECK(delays.back() == config.failure_delay_max);
  // Whoever stops is as good as new after as many seconds.
  CHECK(admission.failed("192.0.2.1", config, now + base::seconds(1000)) == 0);
}

TEST_CASE("BI-SASL-12: a penalty delays the failure, then the stream goes on") {
  auto config = tests::test_config();
  config.free_failures = 0;
  config.failure_delay = base::milliseconds(30);
  World world(config);
  Ready client(world);
  client.send(plain("juliet", "wrong") + plain("juliet", "pencil"));
  CHECK(has(client.failure(), "<not-authorized/>"));
  CHECK(has(client.expect("/>"), "<success"));
}

TEST_CASE("BI-SASL-19: the header said alice, SASL says bob") {
  World world;
  Ready client(world, " from='romeo@localhost'");
  client.send(plain("juliet", "pencil"));
  client.check_stream_error("invalid-from");
}

namespace {

bridge::c2s::Config with_plus() {
  auto config = tests::test_config();
  config.mechanisms = {"SCRAM-SHA-256-PLUS", "SCRAM-SHA-1-PLUS", "SCRAM-SHA-256", "SCRAM-SHA-1",
                       "PLAIN"};
  return config;
}

}  // namespace

TEST_CASE("-PLUS is offered where it was asked for, and libgsasl logs in over TLS 1.3 with it") {
  World world(with_plus());
  const std::string mechanism = GENERATE("SCRAM-SHA-256-PLUS", "SCRAM-SHA-1-PLUS");
  Ready client(world);
  CHECK(has(client.features, "<mechanism>" + mechanism + "</mechanism>"));
  CHECK(has(client.features,
            "<sasl-channel-binding xmlns='urn:xmpp:sasl-cb:0'>"
            "<channel-binding type='tls-exporter'/></sasl-channel-binding>"));
  CHECK(has(client.login(mechanism, "juliet", "pencil"), "<success"));
}

TEST_CASE("a password without channel binding still serves where -PLUS is offered") {
  World world(with_plus());
  for (const char* mechanism : {"SCRAM-SHA-256", "SCRAM-SHA-1", "PLAIN"}) {
    Ready client(world);
    CHECK(has(client.login(mechanism, "juliet", "pencil"), "<success"));
  }
}

TEST_CASE("channel binding is announced neither by default nor where there is no channel") {
  auto config = with_plus();
  config.require_tls = false;
  World plain_world(config, 2, false), usual;
  Client unencrypted(plain_world.port());
  unencrypted.open();
  Ready client(usual);
  for (const std::string& features : {unencrypted.features, client.features}) {
    CHECK(has(features, "<mechanism>SCRAM-SHA-256</mechanism>"));
    CHECK_FALSE(has(features, "-PLUS"));
    CHECK_FALSE(has(features, "sasl-channel-binding"));
  }
  client.send(auth("SCRAM-SHA-256-PLUS", "p=tls-exporter,,n=juliet,r=abc"));
  CHECK(has(client.failure(), "<invalid-mechanism/>"));
}

TEST_CASE("BI-SASL-08: data of another channel does not log in, nor does a wrong password") {
  World world(with_plus());
  for (const char* mechanism : {"SCRAM-SHA-256-PLUS", "SCRAM-SHA-1-PLUS"}) {
    Ready client(world);
    client.bound_to = std::string(32, 'x');  // somebody in the middle has two channels
    CHECK(has(client.login(mechanism, "juliet", "pencil"), "<not-authorized/>"));
    client.bound_to.clear();
    CHECK(has(client.login(mechanism, "juliet", "pen"), "<not-authorized/>"));
    CHECK(has(client.login(mechanism, "juliet", "pencil"), "<success"));
  }
}

TEST_CASE("BI-SASL-08: RFC 5802 6: the flag y where -PLUS is offered is a downgrade") {
  World world(with_plus());
  Ready client(world);
  client.send(auth("SCRAM-SHA-256", "y,,n=juliet,r=abc"));
  CHECK(has(client.failure(), "<not-authorized/>"));
  CHECK(has(client.login("SCRAM-SHA-256", "juliet", "pencil"), "<success"));  // n: knows none
}

TEST_CASE(
    "BI-SASL-08: types that are not announced are refused: tls-unique, tls-server-end-point") {
  World world(with_plus());
  for (const std::string type : {"tls-unique", "tls-server-end-point", "tls-foo"}) {
    Ready client(world);
    client.send(auth("SCRAM-SHA-256-PLUS", "p=" + type + ",,n=juliet,r=abc"));
    CHECK(has(client.failure(), "<not-authorized/>"));
  }
}

TEST_CASE("what follows <success/> in the same segment is read on the account's shard") {
  World world(tests::test_config(), 4);
  for (const char* user : {"juliet", "romeo"}) {
    Ready client(world);
    client.send(plain(user, "pencil") +
                "<stream:stream to='localhost' version='1.0' xmlns='jabber:client' "
                "xmlns:stream='http://etherx.jabber.org/streams'>"
                "<iq type='set' id='b'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>");
    const std::string got = client.expect("</iq>");
    CHECK(has(got, "<success"));
    CHECK(has(got, "<jid>" + std::string(user) + "@localhost/"));
  }
}
