// SPDX-License-Identifier: Apache-2.0
#include "tests/scripts/runner/socket_client.h"

#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <stdexcept>

#include "base/crypto.h"
#include "xmpp/errors/stream_error.h"
#include "xmpp/ns.h"
#include "xmpp/writer.h"

namespace tests {
namespace {

constexpr int patience_ms = 10000;

// A language that no transcript speaks.
constexpr std::string_view own_language = "x-none";

void take_out_language(xmpp::Element& element) {
  std::erase_if(element.attributes(), [](const xmpp::Attribute& a) {
    return a.name == "lang" && a.value == own_language;
  });
  for (auto& node : element.nodes())
    if (auto* child = std::get_if<xmpp::Element>(&node)) take_out_language(*child);
}

// Its own presence, and what it may tell occupants of affiliations of those who are absent (10.3).
bool is_of_room_itself(const xmpp::Element& stanza) {
  if (stanza.attr("from").find('/') != std::string::npos || stanza.attr("type") == "error")
    return false;
  if (stanza.name() == "presence") return true;
  const xmpp::Element* x = stanza.child("x", xmpp::ns::muc_user);
  return stanza.name() == "message" && stanza.attr("type") != "groupchat" && x != nullptr &&
         x->child("item", xmpp::ns::muc_user) != nullptr;
}

int dial(const std::string& host, const std::string& port) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (getaddrinfo(host.c_str(), port.c_str(), &hints, &found) != 0)
    throw std::runtime_error("no such address: " + host + ":" + port);
  const int fd = socket(found->ai_family, found->ai_socktype | SOCK_CLOEXEC, 0);
  const bool connected = fd >= 0 && ::connect(fd, found->ai_addr, found->ai_addrlen) == 0;
  freeaddrinfo(found);
  if (connected) return fd;
  if (fd >= 0) ::close(fd);
  throw std::runtime_error("cannot connect to " + host + ":" + port);
}

}  // namespace

SocketClient::SocketClient(const std::string& host, const std::string& port, std::string domain)
    : domain_(std::move(domain)), socket_(dial(host, port)) {}

SocketClient::~SocketClient() {
  if (socket_ >= 0) ::close(socket_);
}

void SocketClient::open_stream() {
  parser_ = std::make_unique<xmpp::StreamParser>(static_cast<xmpp::StreamParser::Handler&>(*this),
                                                 xmpp::ParserLimits{});
  write(
      "<?xml version='1.0'?><stream:stream xmlns='jabber:client' "
      "xmlns:stream='http://etherx.jabber.org/streams' version='1.0' to='" +
      domain_ + (tidy_ ? "' xml:lang='" + std::string(own_language) : "") + "'>");
  expect("features");
}

void SocketClient::log_in(const std::string& account, const std::string& password,
                          const std::string& resource) {
  open_stream();
  xmpp::Element auth("auth", xmpp::ns::sasl);
  const std::string nul(1, '\0');
  auth.set_attr("mechanism", "PLAIN").set_text(base::base64(nul + account + nul + password));
  send(auth);
  expect("success");
  open_stream();
  xmpp::Element iq("iq", xmpp::ns::client);
  iq.set_attr("type", "set").set_attr("id", "bind");
  iq.add("bind", xmpp::ns::bind).add("resource", xmpp::ns::bind).set_text(resource);
  send(iq);
  const xmpp::Element result = expect("iq");
  const xmpp::Element* bind = result.child("bind", xmpp::ns::bind);
  if (bind == nullptr)
    throw std::runtime_error("not bound: " + xmpp::to_xml(result, xmpp::ns::client));
  jid_ = child_text(*bind, "jid", xmpp::ns::bind).value_or("");
}

void SocketClient::close() {
  write("</stream:stream>");
  while (!ended_ && read(patience_ms)) continue;
}

xmpp::Element SocketClient::expect(std::string_view what) {
  auto stanza = receive(patience_ms);
  if (!stanza) throw std::runtime_error("no <" + std::string(what) + "> came");
  if (stanza->name() == what) return std::move(*stanza);
  throw std::runtime_error("in place of <" + std::string(what) +
                           ">: " + xmpp::to_xml(*stanza, xmpp::ns::client));
}

void SocketClient::send(const xmpp::Element& stanza) {
  write(xmpp::to_xml(stanza, xmpp::ns::client));
}

void SocketClient::write(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t n = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (n <= 0) throw std::runtime_error("the server closed the connection");
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
}

bool SocketClient::read(int timeout_ms) {
  pollfd wait{socket_, POLLIN, 0};
  if (poll(&wait, 1, timeout_ms) <= 0) return false;
  char buffer[16384];
  const ssize_t n = recv(socket_, buffer, sizeof buffer, 0);
  if (n <= 0) {
    ended_ = true;
    return false;
  }
  parser_->feed({buffer, static_cast<std::size_t>(n)});
  return true;
}

std::optional<xmpp::Element> SocketClient::take_kept() {
  if (kept_.empty()) return std::nullopt;
  xmpp::Element stanza = std::move(kept_.front());
  kept_.pop_front();
  return stanza;
}

std::optional<xmpp::Element> SocketClient::receive(int timeout_ms) {
  while (kept_.empty() && !ended_)
    if (!read(timeout_ms)) break;
  return take_kept();
}

void SocketClient::sync(const std::string& to) {
  const std::string id = "sync-" + std::to_string(++pings_);
  xmpp::Element ping("iq", xmpp::ns::client);
  ping.set_attr("type", "get").set_attr("id", id).set_attr("to", to);
  ping.add("ping", xmpp::ns::ping);
  send(ping);
  std::deque<xmpp::Element> before;
  while (true) {
    auto stanza = receive(patience_ms);
    if (!stanza) throw std::runtime_error("a ping to " + to + " was not answered");
    if (stanza->name() == "iq" && stanza->attr("id") == id) break;
    before.push_back(std::move(*stanza));
  }
  for (auto& later : kept_) before.push_back(std::move(later));
  kept_ = std::move(before);
}

SocketClient::Flow SocketClient::on_stream_open(const xmpp::StreamHeader&) { return Flow::go_on; }

SocketClient::Flow SocketClient::on_stanza(xmpp::Element stanza) {
  if (tidy_ && is_of_room_itself(stanza)) return Flow::go_on;
  if (tidy_) take_out_language(stanza);
  kept_.push_back(std::move(stanza));
  return Flow::go_on;
}

void SocketClient::on_stream_error(const xmpp::StreamError&) { ended_ = true; }

}  // namespace tests
