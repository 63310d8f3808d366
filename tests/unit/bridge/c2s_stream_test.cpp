// SPDX-License-Identifier: Apache-2.0
// Opening streams, STARTTLS and what must not come before login, over real sockets.
#include <atomic>
#include <catch2/catch.hpp>

#include "bridge/c2s/stream_rules.h"
#include "tests/unit/bridge/client.h"
#include "tests/unit/bridge/world.h"

using tests::Client;
using tests::World;

namespace {

const std::string header =
    "<stream:stream to='localhost' version='1.0' xmlns='jabber:client' "
    "xmlns:stream='http://etherx.jabber.org/streams'>";

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

std::string replaced(std::string text, std::string_view what, std::string_view with) {
  return text.replace(text.find(what), what.size(), with);
}

// A header of ours, the error, the end; and it is counted once.
void check_stream_error(World& world, Client& client, const std::string& condition) {
  const auto before = world.rejected("stream:" + condition);
  const std::string answer = client.rest();
  INFO(answer);
  CHECK(has(answer, "<stream:error><" + condition));
  CHECK(answer.ends_with("</stream:error></stream:stream>"));
  CHECK(tests::eventually([&] { return world.rejected("stream:" + condition) >= 1; }));
  CHECK(world.rejected("stream:" + condition) - before <= 1);
}

}  // namespace

TEST_CASE("BI-RAW-23, 24: hosts that are not here") {
  World world;
  for (const char* to : {"other.example", "", "a@b/c", "with spaces"}) {
    INFO(to);
    Client client(world.port());
    client.send(replaced(header, "to='localhost'", "to='" + std::string(to) + "'"));
    check_stream_error(world, client, "host-unknown");
  }
  Client liberal(world.port());
  liberal.send(replaced(header, "to='localhost'", ""));
  CHECK(has(liberal.expect("</stream:features>"), "from='localhost'"));
}

TEST_CASE("BI-RAW-25: versions are compared as numbers") {
  using bridge::c2s::version_supported;
  for (const char* good :
       {"1.0", "01.0", "1.00", "2.0", "11.0", "1.9", "1234567890123456789012345678901234567890.0"})
    CHECK(version_supported(good));
  for (const char* bad :
       {"", "0.9", "1", "1.", ".0", "1.0.0", "1.0 ", "-1.0", "a.b", "0.0", "00.1"})
    CHECK_FALSE(version_supported(bad));
  World world;
  for (const char* version : {"", "version='0.9'", "version='1.0.0'"}) {
    Client client(world.port());
    client.send(replaced(header, "version='1.0'", version));
    check_stream_error(world, client, "unsupported-version");
  }
  Client newer(world.port());
  newer.send(replaced(header, "version='1.0'", "version='2.0'"));
  CHECK(has(newer.expect("</stream:features>"), "version='1.0'"));
}

TEST_CASE("BI-RAW-22: jabber:server on the client port") {
  World world;
  Client client(world.port());
  client.send(replaced(header, "jabber:client", "jabber:server"));
  check_stream_error(world, client, "invalid-namespace");
}

TEST_CASE("BI-RAW-03: HTTP gets a header and not-well-formed") {
  World world;
  Client client(world.port());
  client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  check_stream_error(world, client, "not-well-formed");
}

TEST_CASE("BI-RAW-26, 27, 41: what may not come before login") {
  World world;
  const std::pair<const char*, const char*> rows[] = {
      {"<iq type='get' id='1'><query xmlns='jabber:iq:roster'/></iq>", "not-authorized"},
      {"<message/>", "not-authorized"},
      {"<presence/>", "not-authorized"},
      {"<foo xmlns='urn:x'/>", "unsupported-stanza-type"},
      {"<foo/>", "unsupported-stanza-type"},
      {"<compress xmlns='http://jabber.org/protocol/compress'/>", "unsupported-stanza-type"}};
  for (const auto& [bytes, condition] : rows) {
    INFO(bytes);
    Client client(world.port());
    client.open();
    client.send(bytes);
    check_stream_error(world, client, condition);
  }
}

TEST_CASE("BI-RAW-31, 32, 33: bytes and elements before login are few") {
  World world;
  const std::string start = "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>";
  SECTION("an endless header") {
    Client client(world.port());
    client.send("<stream:stream" + std::string(10001, ' '));
    check_stream_error(world, client, "policy-violation");
  }
  SECTION("an <auth/> of 9 999, 10 000 and 10 001 bytes") {
    for (const int over : {-1, 0, 1}) {
      Client client(world.port());
      client.open();
      const std::string end = "</auth>";
      const auto room = 10000 - start.size() - end.size();
      client.send(start + std::string(room + static_cast<std::size_t>(over + 1) - 1, 'A') + end);
      if (over <= 0)
        CHECK(has(client.expect("</failure>"), "<encryption-required"));
      else
        check_stream_error(world, client, "policy-violation");
    }
  }
  SECTION("never closed: refused at the limit") {
    Client client(world.port());
    client.open();
    client.send(start + std::string(10001, 'A'));
    check_stream_error(world, client, "policy-violation");
  }
  SECTION("31, 32 and 33 elements") {
    for (const int elements : {31, 32, 33}) {
      Client client(world.port());
      client.open();
      std::string children;
      for (int i = 1; i < elements; ++i) children += "<x/>";
      client.send(start + children + "</auth>");
      if (elements <= 32)
        CHECK(has(client.expect("</failure>"), "<encryption-required"));
      else
        check_stream_error(world, client, "policy-violation");
    }
  }
}

TEST_CASE("BI-RAW-01, 02: the time to log in is absolute") {
  auto config = tests::test_config();
  config.limits.preauth_time = base::milliseconds(300);
  World world(config);
  SECTION("silence") {
    Client client(world.port());
    check_stream_error(world, client, "policy-violation");
  }
  SECTION("after the header") {
    Client client(world.port());
    client.open();
    check_stream_error(world, client, "policy-violation");
  }
  SECTION("BI-TLS-10: in the handshake nothing can be said") {
    Client client(world.tls_port());
    CHECK(client.refused());
  }
  CHECK(tests::eventually([&] { return world.server->connections() == 0; }));
}

TEST_CASE("BI-RAW-42: connections that have not logged in are counted, all and by address") {
  auto config = tests::test_config();
  const bool by_address = GENERATE(true, false);
  (by_address ? config.limits.preauth_per_address : config.limits.preauth_connections) = 3;
  World world(config);
  std::vector<std::unique_ptr<Client>> clients;
  for (int i = 0; i < 3; ++i) {
    clients.push_back(std::make_unique<Client>(world.port()));
    clients.back()->open();
  }
  CHECK(Client(world.port()).refused());
  CHECK(world.rejected(by_address ? "accept:preauth_per_address" : "accept:preauth_connections") ==
        1);
  SECTION("one that ends gives its place back") { clients.pop_back(); }
  SECTION("one that logs in does too") {
    clients.back()->start_tls();
    clients.back()->login("SCRAM-SHA-256", "juliet", "pencil");
  }
  CHECK(tests::eventually([&] { return world.server->waiting() == 2; }));
  Client(world.port()).open();
}

TEST_CASE("BI-TLS-01: plain text behind <starttls/> is thrown away") {
  World world;
  Client client(world.port());
  client.open();
  client.send(
      "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>"
      "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>"
      "AGp1bGlldABwZW5jaWw=</auth>");
  client.expect("<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>");
  client.handshake();
  client.open();
  CHECK(has(client.features, "<mechanism>PLAIN</mechanism>"));  // and nobody is logged in
  CHECK(world.server->waiting() == 1);
}

TEST_CASE("BI-TLS-02: no login without TLS where TLS is required") {
  World world;
  Client client(world.port());
  client.open();
  for (const char* mechanism : {"PLAIN", "SCRAM-SHA-256"}) {
    client.send("<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='" +
                std::string(mechanism) + "'>AGp1bGlldABwZW5jaWw=</auth>");
    CHECK(has(client.expect("</failure>"), "<encryption-required/>"));
  }
}

TEST_CASE("BI-TLS-06: nobody changes host or name with a new header") {
  World world;
  SECTION("the host, after TLS") {
    Client client(world.port());
    client.open();
    client.send("<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>");
    client.expect("/>");
    client.handshake();
    client.send(replaced(header, "localhost", "other.example"));
    check_stream_error(world, client, "host-unknown");
  }
  SECTION("the name, after TLS") {
    Client client(world.port());
    client.open(" from='juliet@localhost'");
    client.send("<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>");
    client.expect("/>");
    client.handshake();
    client.send(replaced(header, "to=", "from='romeo@localhost' to="));
    check_stream_error(world, client, "not-authorized");
  }
  SECTION("another spelling of the name is no other name") {
    Client client(world.port());
    client.open(" from='JULIET@localhost'");
    client.send("<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>");
    client.expect("/>");
    client.handshake();
    client.open(" from='juliet@Localhost'");
    CHECK(client.login("PLAIN", "juliet", "pencil").starts_with("<success"));
  }
  SECTION("the name, after login") {
    Client client(world.port());
    client.open();
    client.start_tls();
    client.login("PLAIN", "juliet", "pencil");
    client.send(replaced(header, "to=", "from='romeo@localhost' to="));
    check_stream_error(world, client, "invalid-from");
  }
}

TEST_CASE("BI-TLS-12: <starttls/> inside TLS, with content, or without a certificate") {
  const std::string failure = "<failure xmlns='urn:ietf:params:xml:ns:xmpp-tls'/></stream:stream>";
  SECTION("inside TLS") {
    World world;
    Client client(world.tls_port());
    client.handshake();
    client.open();
    CHECK_FALSE(has(client.features, "<starttls"));
    client.send("<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>");
    CHECK(client.rest() == failure);
  }
  SECTION("with content") {
    World world;
    Client client(world.port());
    client.open();
    client.send("<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'>x</starttls>");
    CHECK(client.rest() == failure);
  }
  SECTION("without a certificate") {
    World world(tests::test_config(), 1, false);
    Client client(world.port());
    client.open();
    CHECK_FALSE(has(client.features, "<starttls"));
    client.send("<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>");
    CHECK(client.rest() == failure);
    CHECK(Client(world.tls_port()).refused());
  }
}

TEST_CASE("draining ends every stream with system-shutdown") {
  World world;
  std::atomic<bool> done = false;
  {
    Client waiting(world.port()), bound(world.port());
    waiting.open();
    bound.session("juliet");
    world.server->drain([&] { done = true; });
    CHECK(has(waiting.rest(), "<stream:error><system-shutdown"));
    CHECK(has(bound.rest(), "<stream:error><system-shutdown"));
    CHECK(world.router.session_count() == 0);
    CHECK(Client(world.port()).refused());
  }
  CHECK(tests::eventually([&] { return done.load(); }));
}
