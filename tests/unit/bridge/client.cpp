// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/bridge/client.h"

#include <arpa/inet.h>
#include <gsasl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <utility>

#include "base/crypto.h"

namespace tests {
namespace {

constexpr int patience_ms = 10000;
constexpr std::string_view sasl_ns = "xmlns='urn:ietf:params:xml:ns:xmpp-sasl'";

int supply(Gsasl*, Gsasl_session* session, Gsasl_property property) {
  const bool plus = std::string_view(gsasl_mechanism_name(session)).ends_with("-PLUS");
  if (property != GSASL_CB_TLS_EXPORTER || !plus) return GSASL_NO_CALLBACK;
  auto& client = *static_cast<Client*>(gsasl_session_hook_get(session));
  const std::string data = client.bound_to.empty() ? client.exporter() : client.bound_to;
  return gsasl_property_set(session, property, base::base64(data).c_str());
}

}  // namespace

std::string between(std::string_view text, std::string_view before, std::string_view after) {
  const auto start = text.find(before);
  if (start == std::string_view::npos) return {};
  const auto from = start + before.size();
  const auto end = text.find(after, from);
  return end == std::string_view::npos ? std::string() : std::string(text.substr(from, end - from));
}

Client::Client(int port) : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  REQUIRE(::connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
  const int on = 1;
  ::setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

Client::~Client() {
  if (ssl_ != nullptr) SSL_free(ssl_);
  if (context_ != nullptr) SSL_CTX_free(context_);
  ::close(fd_);
}

void Client::handshake() {
  context_ = SSL_CTX_new(TLS_client_method());
  ssl_ = SSL_new(context_);
  SSL_set_fd(ssl_, fd_);
  REQUIRE(SSL_connect(ssl_) == 1);
}

std::string Client::exporter() {
  std::string key(32, '\0');
  REQUIRE(SSL_export_keying_material(ssl_, reinterpret_cast<unsigned char*>(key.data()), key.size(),
                                     "EXPORTER-Channel-Binding", 24, nullptr, 0, 0) == 1);
  return key;
}

void Client::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const auto n = ssl_ != nullptr ? SSL_write(ssl_, bytes.data(), static_cast<int>(bytes.size()))
                                   : ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (n <= 0) return;  // the server has gone; whoever reads will see
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
}

bool Client::fill() {
  pollfd waiting{fd_, POLLIN, 0};
  if (ssl_ == nullptr || SSL_pending(ssl_) == 0)
    if (::poll(&waiting, 1, patience_ms) != 1) {
      FAIL_CHECK("nothing came; so far: " << received_);
      return false;
    }
  char buffer[16384];
  const auto n = ssl_ != nullptr ? SSL_read(ssl_, buffer, sizeof buffer)
                                 : ::recv(fd_, buffer, sizeof buffer, 0);
  if (n <= 0) return false;
  received_.append(buffer, static_cast<std::size_t>(n));
  return true;
}

std::string Client::expect(std::string_view text) {
  for (;;) {
    const auto at = received_.find(text);
    if (at != std::string::npos) {
      std::string got = received_.substr(0, at + text.size());
      received_.erase(0, got.size());
      return got;
    }
    if (!fill()) {
      FAIL_CHECK("expected " << text << ", got " << received_);
      return {};
    }
  }
}

std::string Client::rest() {
  while (fill()) {
  }
  return take();
}

bool Client::refused() { return rest().empty(); }

void Client::open(std::string_view extra) {
  send(
      "<?xml version='1.0'?><stream:stream to='localhost' version='1.0' xmlns='jabber:client' "
      "xmlns:stream='http://etherx.jabber.org/streams'");
  send(extra);
  send(">");
  features = expect("</stream:features>");
}

void Client::start_tls() {
  send("<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>");
  expect("<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>");
  handshake();
  open();
}

std::string Client::login(const std::string& mechanism, const std::string& user,
                          const std::string& password, const std::string& authzid) {
  Gsasl* library = nullptr;
  Gsasl_session* sasl = nullptr;
  REQUIRE(gsasl_init(&library) == GSASL_OK);
  gsasl_callback_set(library, supply);
  REQUIRE(gsasl_client_start(library, mechanism.c_str(), &sasl) == GSASL_OK);
  gsasl_session_hook_set(sasl, this);
  gsasl_property_set(sasl, GSASL_AUTHID, user.c_str());
  gsasl_property_set(sasl, GSASL_PASSWORD, password.c_str());
  if (!authzid.empty()) gsasl_property_set(sasl, GSASL_AUTHZID, authzid.c_str());

  std::string input, answer;
  for (bool first = true;; first = false) {
    char* output = nullptr;
    const int code = gsasl_step64(sasl, input.c_str(), &output);
    INFO(gsasl_strerror_name(code) << " on " << input);
    REQUIRE((code == GSASL_OK || code == GSASL_NEEDS_MORE));
    const std::string name = first ? "auth" : "response";
    send("<" + name + " " + std::string(sasl_ns) + (first ? " mechanism='" + mechanism + "'" : "") +
         ">" + output + "</" + name + ">");
    gsasl_free(output);
    answer = expect(">");
    if (answer.find("<challenge") == std::string::npos) break;
    input = expect("</challenge>");
    input.resize(input.find('<'));
  }
  if (answer.find("<failure") != std::string::npos) answer += expect("</failure>");
  if (answer.find("<success") != std::string::npos && answer.find("/>") == std::string::npos) {
    const std::string proof = between(">" + expect("</success>"), ">", "<");
    answer += proof;
    char* output = nullptr;
    CHECK(gsasl_step64(sasl, proof.c_str(), &output) == GSASL_OK);  // the server proved itself
    gsasl_free(output);
  }
  gsasl_finish(sasl);
  gsasl_done(library);
  return answer;
}

std::string Client::bind(const std::string& resource) {
  send("<iq type='set' id='bind'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'>" +
       (resource.empty() ? "" : "<resource>" + resource + "</resource>") + "</bind></iq>");
  return between(expect("</iq>"), "<jid>", "</jid>");
}

std::string Client::session(const std::string& user, const std::string& resource) {
  open();
  start_tls();
  login("SCRAM-SHA-256", user, "pencil");
  open();
  return bind(resource);
}

}  // namespace tests
