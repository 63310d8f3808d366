// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include "tests/unit/net/tls_support.h"

using net::CloseReason;
using tests::Client;
using tests::eventually;
using tests::on_loop;
using tests::Peer;
using tests::Server;
using tests::TlsClient;

namespace {

// TLS from the first byte; what comes is sent back.
struct TlsEcho {
  TlsEcho()
      : context(tests::test_context()), server(1, [this](Peer& peer) {
          peer.connection->start_tls(context);
          peer.reader = [](Peer& p, std::string_view bytes) { p.connection->send(bytes); };
        }) {}
  std::shared_ptr<const net::TlsContext> context;
  Server server;
};

bool update_keys(TlsClient& tls, int times, int type) {
  for (int i = 0; i < times; ++i) {
    if (SSL_key_update(tls.native(), type) != 1 || SSL_do_handshake(tls.native()) != 1) {
      return false;
    }
  }
  return true;
}

std::string version_agreed(int version) {
  TlsEcho echo;
  Client client(echo.server.port());
  TlsClient tls(client, {.version = version});
  REQUIRE(tls.handshake());
  REQUIRE(tls.send("ping"));
  CHECK(tls.receive(4) == "ping");
  return on_loop(echo.server.loop(), [&] {
    CHECK(echo.server.peer().connection->encrypted());
    return std::string(echo.server.peer().connection->tls_version());
  });
}

}  // namespace

TEST_CASE("TLS 1.2 and 1.3 are spoken, the callback comes before the first bytes") {
  CHECK(version_agreed(TLS1_2_VERSION) == "TLSv1.2");
  CHECK(version_agreed(TLS1_3_VERSION) == "TLSv1.3");
}

TEST_CASE("BI-TLS-03: older versions and weak suites are refused", "[BI-TLS-03]") {
  const auto refused = [](const TlsClient::Options& options) {
    TlsEcho echo;
    Client client(echo.server.port());
    TlsClient tls(client, options);
    const bool connected = tls.handshake();
    auto& peer = echo.server.peer();
    REQUIRE(eventually([&] { return peer.closed.load() || connected; }));
    return !connected && peer.reason == CloseReason::tls_failed && !peer.established;
  };
  CHECK(refused({.version = TLS1_VERSION, .ciphers = "ALL:@SECLEVEL=0"}));
  CHECK(refused({.version = TLS1_1_VERSION, .ciphers = "ALL:@SECLEVEL=0"}));
  CHECK(refused({.version = TLS1_2_VERSION, .ciphers = "aNULL:eNULL:@SECLEVEL=0"}));
  CHECK(refused({.version = TLS1_2_VERSION, .ciphers = "ECDHE-ECDSA-AES256-SHA:@SECLEVEL=0"}));
  CHECK_FALSE(refused({.version = TLS1_2_VERSION, .ciphers = "ECDHE-ECDSA-AES128-GCM-SHA256"}));
}

TEST_CASE("bytes that are no TLS end the connection") {
  TlsEcho echo;
  Client client(echo.server.port());
  client.send("<stream:stream xmlns='jabber:client'>");
  auto& peer = echo.server.peer();
  REQUIRE(eventually([&] { return peer.closed.load(); }));
  CHECK(peer.reason == CloseReason::tls_failed);
  CHECK(peer.received().empty());
}

TEST_CASE("ALPN: xmpp-client is accepted, others get no answer") {
  const auto agreed = [](const std::string& offer) {
    TlsEcho echo;
    Client client(echo.server.port());
    TlsClient tls(client, {.alpn = offer});
    REQUIRE(tls.handshake());
    const unsigned char* name = nullptr;
    unsigned size = 0;
    SSL_get0_alpn_selected(tls.native(), &name, &size);
    return std::string(reinterpret_cast<const char*>(name), size);
  };
  CHECK(agreed("\x0bxmpp-client") == "xmpp-client");
  CHECK(agreed("\x02h2\x0bxmpp-client") == "xmpp-client");
  CHECK(agreed("\x02h2").empty());
}

TEST_CASE("no tickets and no early data are handed out") {
  TlsEcho echo;
  Client client(echo.server.port());
  TlsClient tls(client);
  REQUIRE(tls.handshake());
  REQUIRE(tls.send("x"));
  CHECK(tls.receive(1) == "x");
  CHECK(SSL_SESSION_is_resumable(SSL_get0_session(tls.native())) == 0);
  CHECK(SSL_SESSION_get_max_early_data(SSL_get0_session(tls.native())) == 0);
}

TEST_CASE("what is sent in one iteration is sealed and leaves in one write") {
  TlsEcho echo;
  Client client(echo.server.port());
  TlsClient tls(client);
  REQUIRE(tls.handshake());
  auto& peer = echo.server.peer();
  REQUIRE(eventually([&] { return peer.established.load(); }));
  on_loop(echo.server.loop(), [] { return 0; });
  const auto writes = echo.server.loop().stats().socket_writes;
  const auto payload = base::make_payload(std::string(350, 'p'));
  echo.server.loop().post([&] {
    for (int i = 0; i < 100; ++i) peer.connection->send(payload);
  });
  CHECK(tls.receive(35'000).size() == 35'000);
  CHECK(echo.server.loop().stats().socket_writes - writes == 1);
}

TEST_CASE("megabytes cross TLS whole in both directions at a slow reader") {
  TlsEcho echo;
  Client client(echo.server.port(), 4096);
  TlsClient tls(client);
  REQUIRE(tls.handshake());
  auto& peer = echo.server.peer();
  on_loop(echo.server.loop(), [&] {
    peer.connection->set_limits({.send_queue_bytes = 100'000'000});
    return 0;
  });
  std::string sent;
  for (int i = 0; sent.size() < 3'000'000; ++i) sent += std::to_string(i) + ",";
  REQUIRE(tls.send(sent));
  CHECK(tls.receive(sent.size()) == sent);
}

TEST_CASE("the exporter gives both sides the same 32 bytes in TLS 1.3, nothing in 1.2") {
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    TlsEcho echo;
    Client client(echo.server.port());
    TlsClient tls(client, {.version = version});
    REQUIRE(tls.handshake());
    REQUIRE(tls.send("x"));
    REQUIRE(tls.receive(1) == "x");
    const auto ours =
        on_loop(echo.server.loop(), [&] { return echo.server.peer().connection->tls_exporter(); });
    if (version == TLS1_2_VERSION) {
      CHECK(ours.empty());
      continue;
    }
    std::string theirs(32, '\0');
    REQUIRE(SSL_export_keying_material(
                tls.native(), reinterpret_cast<unsigned char*>(theirs.data()), theirs.size(),
                "EXPORTER-Channel-Binding", 24, nullptr, 0, 0) == 1);
    CHECK(ours == theirs);
  }
}

TEST_CASE("closing sends close_notify, the peer's close_notify ends it") {
  TlsEcho echo;
  Client first(echo.server.port());
  TlsClient tls(first);
  REQUIRE(tls.handshake());
  auto& peer = echo.server.peer(0);
  REQUIRE(eventually([&] { return peer.established.load(); }));
  on_loop(echo.server.loop(), [&] {
    peer.connection->send("</stream:stream>");
    peer.connection->close();
    return 0;
  });
  CHECK(tls.receive(16) == "</stream:stream>");
  CHECK(tls.ended_properly());
  first.end_sending();
  REQUIRE(eventually([&] { return peer.closed.load(); }));
  CHECK(peer.reason == CloseReason::by_us);

  Client second(echo.server.port());
  TlsClient other(second);
  REQUIRE(other.handshake());
  auto& theirs = echo.server.peer(1);
  other.shut_down();
  REQUIRE(eventually([&] { return theirs.closed.load(); }));
  CHECK(theirs.reason == CloseReason::by_peer);
  CHECK(other.ended_properly());
}

TEST_CASE("BI-TLS-04: KeyUpdates are answered up to the limit and end the session above it",
          "[BI-TLS-04]") {
  for (const int type : {SSL_KEY_UPDATE_NOT_REQUESTED, SSL_KEY_UPDATE_REQUESTED}) {
    for (const int count : {31, 32, 33}) {
      TlsEcho echo;
      Client client(echo.server.port());
      TlsClient tls(client, {.version = TLS1_3_VERSION});
      REQUIRE(tls.handshake());
      update_keys(tls, count, type);
      const bool alive = tls.send("alive?") && tls.receive(6) == "alive?";
      CHECK(alive == (count <= 32));
      if (alive) continue;
      REQUIRE(eventually([&] { return echo.server.peer().closed.load(); }));
      CHECK(echo.server.peer().reason == CloseReason::tls_failed);
    }
  }
}

TEST_CASE("BI-TLS-04: ten thousand KeyUpdates do not get through", "[BI-TLS-04]") {
  TlsEcho echo;
  Client client(echo.server.port());
  TlsClient tls(client, {.version = TLS1_3_VERSION});
  REQUIRE(tls.handshake());
  update_keys(tls, 10'000, SSL_KEY_UPDATE_REQUESTED);
  REQUIRE(eventually([&] { return echo.server.peer().closed.load(); }));
  CHECK(echo.server.peer().reason == CloseReason::tls_failed);
  CHECK_FALSE((tls.send("x") && tls.receive(1) == "x"));
}

TEST_CASE("BI-TLS-04: renegotiation in TLS 1.2 is refused and ends the connection", "[BI-TLS-04]") {
  TlsEcho echo;
  Client client(echo.server.port());
  TlsClient tls(client, {.version = TLS1_2_VERSION});
  REQUIRE(tls.handshake());
  REQUIRE(SSL_renegotiate(tls.native()) == 1);
  CHECK(SSL_do_handshake(tls.native()) != 1);
  REQUIRE(eventually([&] { return echo.server.peer().closed.load(); }));
  CHECK(echo.server.peer().reason == CloseReason::tls_failed);
}

TEST_CASE("BI-TLS-01: plaintext in the segment of <starttls/> is thrown away", "[BI-TLS-01]") {
  const auto context = tests::test_context();
  Server server(1, [&](Peer& peer) {
    peer.reader = [&](Peer& p, std::string_view bytes) {
      if (bytes.substr(0, 11) != "<starttls/>") return;
      p.connection->unread(bytes.substr(11));  // as a parser does that stops at the element's end
      p.connection->send("<proceed/>");
      p.connection->start_tls(context);
    };
  });
  Client client(server.port());
  client.send("<starttls/><auth mechanism='PLAIN'/>");
  CHECK(client.receive(10) == "<proceed/>");
  TlsClient tls(client);
  REQUIRE(tls.handshake());
  REQUIRE(tls.send("inside"));
  auto& peer = server.peer();
  CHECK(eventually([&] { return peer.received_bytes() == 36 + 6; }));
  CHECK(peer.received() == "<starttls/><auth mechanism='PLAIN'/>inside");
}

TEST_CASE("BI-TLS-01: plaintext after <starttls/> in a later segment ends the connection",
          "[BI-TLS-01]") {
  const auto context = tests::test_context();
  Server server(1, [&](Peer& peer) {
    peer.reader = [&](Peer& p, std::string_view) {
      p.connection->send("<proceed/>");
      p.connection->start_tls(context);
    };
  });
  Client client(server.port());
  client.send("<starttls/>");
  CHECK(client.receive(10) == "<proceed/>");
  client.send("<auth mechanism='PLAIN'>AGEAYg==</auth>");
  auto& peer = server.peer();
  REQUIRE(eventually([&] { return peer.closed.load(); }));
  CHECK(peer.reason == CloseReason::tls_failed);
  CHECK(peer.received() == "<starttls/>");
}

TEST_CASE(
    "what is sent before start_tls leaves in plain, what is sent during the handshake in TLS") {
  const auto context = tests::test_context();
  Server server(1, [&](Peer& peer) {
    peer.connection->set_splice("-hole-");
    peer.connection->send(base::make_payload("<>", 1));
    peer.connection->start_tls(context);
    peer.connection->send("sealed");
  });
  Client client(server.port());
  CHECK(client.receive(8) == "<-hole->");
  TlsClient tls(client);
  REQUIRE(tls.handshake());
  CHECK(tls.receive(6) == "sealed");
}

TEST_CASE("a handshake that is dropped half way is a failure of TLS") {
  TlsEcho echo;
  Client client(echo.server.port());
  const std::string half = "\x16\x03\x01\x02";
  for (const char c : half) client.send(std::string(1, c));
  client.end_sending();
  auto& peer = echo.server.peer();
  REQUIRE(eventually([&] { return peer.closed.load(); }));
  CHECK(peer.reason == CloseReason::tls_failed);
}

TEST_CASE("a paused TLS connection keeps its bytes, in order") {
  TlsEcho echo;
  Client client(echo.server.port());
  TlsClient tls(client);
  REQUIRE(tls.handshake());
  auto& peer = echo.server.peer();
  on_loop(echo.server.loop(), [&] {
    peer.reader = [](Peer& p, std::string_view) { p.connection->pause_reading(); };
    return 0;
  });
  for (const char* part : {"one,", "two,", "three,"}) REQUIRE(tls.send(part));
  const std::string whole = "one,two,three,";
  REQUIRE(eventually([&] {
    on_loop(echo.server.loop(), [&] {
      peer.connection->resume_reading();
      return 0;
    });
    return peer.received_bytes() == whole.size();
  }));
  CHECK(peer.received() == whole);
}

TEST_CASE("records that were held back are delivered before the end that came after them") {
  TlsEcho echo;
  Client client(echo.server.port());
  TlsClient tls(client);
  REQUIRE(tls.handshake());
  auto& peer = echo.server.peer(0);
  Client busy_client(echo.server.port());
  auto& busy = echo.server.peer(1);
  const auto pause = [](Peer& p, std::string_view) { p.connection->pause_reading(); };
  on_loop(echo.server.loop(), [&] {
    peer.reader = pause;
    peer.connection->pause_reading();
    return 0;
  });
  for (const char* part : {"one,", "two,", "three,"}) REQUIRE(tls.send(part));
  const auto resume = [&] {
    peer.connection->resume_reading();
    return 0;
  };
  on_loop(echo.server.loop(), resume);
  REQUIRE(eventually([&] { return peer.received() == "one,"; }));
  client.end_sending();
  on_loop(echo.server.loop(), [&] {
    busy.reader = [](Peer&, std::string_view) { tests::fill_a_slice(); };
    busy.connection->pause_reading();
    busy.connection->unread("x");
    busy.connection->resume_reading();
    return resume();
  });
  REQUIRE(eventually([&] { return peer.received() == "one,two,"; }));
  CHECK_FALSE(peer.closed);
  on_loop(echo.server.loop(), resume);
  REQUIRE(eventually([&] { return peer.closed.load(); }));
  CHECK(peer.received() == "one,two,three,");
}

TEST_CASE("destroying, aborting and closing inside the callbacks of TLS") {
  const auto context = tests::test_context();
  Server server(1, [&](Peer& peer) { peer.connection->start_tls(context); });
  const auto meet = [&](std::size_t n, const std::function<void(Peer&)>& prepare) {
    Client client(server.port());
    auto& peer = server.peer(n);
    on_loop(server.loop(), [&] {
      prepare(peer);
      return 0;
    });
    TlsClient tls(client);
    if (tls.handshake()) tls.send("x");
    return tls.receive(1).empty();
  };
  CHECK(meet(0, [](Peer& p) { p.secured = [](Peer& q) { q.connection.reset(); }; }));
  CHECK(meet(1, [](Peer& p) { p.secured = [](Peer& q) { q.connection->abort(); }; }));
  CHECK(
      meet(2, [](Peer& p) { p.reader = [](Peer& q, std::string_view) { q.connection.reset(); }; }));
  CHECK(meet(3, [](Peer& p) {
    p.reader = [](Peer& q, std::string_view) { q.connection->close(base::milliseconds(10)); };
  }));
  CHECK(eventually([&] { return server.peer(1).closed && server.peer(3).closed; }));
}

TEST_CASE("a loop may stop in the middle of TLS connections") {
  TlsEcho echo;
  Client half_way(echo.server.port());
  Client client(echo.server.port());
  TlsClient tls(client);
  REQUIRE(tls.handshake());
  echo.server.stop();
  CHECK(tls.receive(1).empty());
}
