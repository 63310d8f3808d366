// SPDX-License-Identifier: Apache-2.0
#include "bench/load/client.h"

#include <fmt/format.h>
#include <sys/epoll.h>

#include <array>
#include <cerrno>
#include <cstring>

namespace bench {
namespace {

// What stands between an element's tags.
std::string_view content(const Stanza& stanza) {
  const auto from = stanza.text.find('>');
  const auto to = stanza.text.rfind("</");
  if (to == std::string_view::npos || from > to) return {};
  return stanza.text.substr(from + 1, to - from - 1);
}

}  // namespace

Client::~Client() {
  if (socket_) poller_.remove(socket_->fd());
}

void Client::connect(const Target& target, const Account& account, const Login& login) {
  domain_ = target.domain;
  account_ = account;
  login_ = login;
  socket_.emplace(login.tls ? target.tls : target.plain, login.tls);
  state_ = State::connecting;
  waiting_to_write_ = true;
  poller_.add(socket_->fd(), *this);
}

void Client::on_ready(std::uint32_t) {
  if (state_ == State::connecting && !establish()) return;
  if (state_ != State::closed) read();
  if (state_ != State::closed && !out_.empty()) flush();
}

bool Client::establish() {
  switch (socket_->establish()) {
    case Socket::Io::ok:
      waiting_to_write_ = false;
      poller_.watch(socket_->fd(), *this, false);
      greet(State::greeting);
      return true;
    case Socket::Io::again:
      poller_.watch(socket_->fd(), *this, false);  // a TLS hello in flight is never write-bound
      return false;
    default:
      lose(socket_->encrypted() ? "no connection or TLS handshake" : std::strerror(errno));
      return false;
  }
}

void Client::read() {
  static std::array<char, 262144> buffer;  // one thread; too large for the stack
  for (;;) {
    std::size_t got = 0;
    switch (socket_->read(buffer.data(), buffer.size(), got)) {
      case Socket::Io::ok:
        consume({buffer.data(), got});
        break;
      case Socket::Io::again:
        return;
      case Socket::Io::closed:
        return lose("closed by the server");
      case Socket::Io::failed:
        return lose(std::strerror(errno));
    }
    if (state_ == State::closed) return;
    // TLS may hold more than epoll knows of; a short read from TCP is the end of it.
    if (!socket_->encrypted() && got < buffer.size()) return;
  }
}

void Client::consume(std::string_view bytes) {
  scanner_.begin(bytes);
  while (state_ != State::closed) {
    const auto stanza = scanner_.next();
    if (!stanza) return;
    if (stanza->kind == Stanza::Kind::close) return lose("stream closed by the server");
    if (stanza->kind == Stanza::Kind::open) continue;
    if (state_ == State::online && stanza->name != "error")
      owner_.on_stanza(*this, *stanza);
    else
      on_element(*stanza);
  }
}

void Client::on_element(const Stanza& stanza) {
  if (stanza.name == "features" && state_ == State::greeting) return authenticate();
  if (stanza.name == "challenge" && scram_) return answer_challenge(stanza);
  if (stanza.name == "success" && state_ == State::authenticating) {
    if (scram_ && !scram_->server_knows(from_base64(content(stanza)).value_or("")))
      return lose("the server does not prove that it knows the password");
    scram_.reset();
    scanner_.restart();
    return greet(State::regreeting);
  }
  if (stanza.name == "features" && state_ == State::regreeting) return after_login(stanza);
  if (stanza.name == "iq" && state_ == State::binding && stanza.attr("type") == "result") {
    queue("<presence/>");
    return go_online();
  }
  if (stanza.name == "resumed" && state_ == State::resuming) {
    resumed_in_ = seconds_between(asked_to_resume_, Clock::now());
    return go_online();
  }
  if (stanza.name == "iq" && state_ == State::binding && stanza.attr("id") != "bind") return;
  lose(stanza.text);  // failure, stream error, refused bind: the server's own words
}

void Client::after_login(const Stanza& features) {
  server_resumes_ = features.has("urn:xmpp:sm:3");
  if (!login_.resume.empty()) {
    state_ = State::resuming;
    asked_to_resume_ = Clock::now();
    return queue(login_.resume);
  }
  state_ = State::binding;
  queue(
      "<iq type='set' id='bind'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'>"
      "<resource>bench</resource></bind></iq>");
}

void Client::go_online() {
  state_ = State::online;
  owner_.on_online(*this);
}

void Client::authenticate() {
  state_ = State::authenticating;
  std::string message;
  if (login_.mechanism == Mechanism::plain) {
    const std::string_view zero("\0", 1);
    message = fmt::format("{}{}{}{}", zero, account_.localpart, zero, account_.password);
  } else {
    scram_.emplace(login_.mechanism, account_.localpart, account_.password);
    message = scram_->first();
  }
  queue(fmt::format("<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='{}'>{}</auth>",
                    name_of(login_.mechanism), to_base64(message)));
}

void Client::answer_challenge(const Stanza& stanza) {
  const auto challenge = from_base64(content(stanza));
  const auto answer = challenge ? scram_->final(*challenge) : std::nullopt;
  if (!answer) return lose("a challenge that is none of SCRAM's");
  queue(fmt::format("<response xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>{}</response>",
                    to_base64(*answer)));
}

void Client::greet(State next) {
  state_ = next;
  queue(
      fmt::format("<?xml version='1.0'?><stream:stream to='{}' version='1.0' "
                  "xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>",
                  domain_));
}

void Client::flush() {
  if (!socket_ || state_ == State::connecting) return;
  while (!out_.empty()) {
    std::size_t put = 0;
    const auto io = socket_->write(out_, put);
    if (io == Socket::Io::ok) {
      out_.erase(0, put);
      continue;
    }
    if (io != Socket::Io::again) return lose(std::strerror(errno));
    break;
  }
  if (waiting_to_write_ == out_.empty()) {
    waiting_to_write_ = !out_.empty();
    poller_.watch(socket_->fd(), *this, waiting_to_write_);
  }
}

void Client::close() {
  if (!socket_) return;
  if (state_ == State::online) {
    queue("</stream:stream>");
    flush();
  }
  if (!socket_) return;
  poller_.remove(socket_->fd());
  socket_.reset();
  state_ = State::closed;
}

void Client::cut() {
  if (!socket_) return;
  poller_.remove(socket_->fd());
  socket_.reset();
  state_ = State::closed;
}

void Client::lose(std::string_view why) {
  const std::string reason(why);
  poller_.remove(socket_->fd());
  socket_.reset();
  state_ = State::closed;
  owner_.on_lost(*this, reason);
}

}  // namespace bench
