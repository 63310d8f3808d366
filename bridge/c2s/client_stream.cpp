// SPDX-License-Identifier: Apache-2.0
#include "bridge/c2s/client_stream.h"

#include <utility>

#include "bridge/c2s/negotiation.h"
#include "bridge/c2s/stream_rules.h"
#include "xmpp/ns.h"
#include "xmpp/writer.h"

namespace bridge::c2s {
namespace {

using xmpp::StreamCondition;
using Status = xmpp::StreamParser::Status;

constexpr std::size_t stream_id_bytes = 16;
constexpr std::size_t burst_seconds = 4;
constexpr std::string_view stream_end = "</stream:stream>";

net::ConnectionLimits connection_limits(const Limits& limits) {
  net::ConnectionLimits connection;
  connection.send_queue_bytes = limits.send_queue_bytes;
  if (limits.bytes_per_second != unlimited) {
    connection.bytes_per_second = limits.bytes_per_second;
    connection.burst_bytes = limits.bytes_per_second * burst_seconds;
  }
  return connection;
}

std::string_view name(net::CloseReason reason) {
  switch (reason) {
    case net::CloseReason::by_peer:
      return "closed by peer";
    case net::CloseReason::by_us:
      return "closed";
    case net::CloseReason::reset:
      return "connection lost";
    case net::CloseReason::tls_failed:
      return "tls failed";
    case net::CloseReason::slow_reader:
      return "slow reader";
  }
  return "";
}

}  // namespace

ClientStream::ClientStream(Host& host) : host_(host), config_(host.config()) {}
ClientStream::~ClientStream() = default;

bool ClientStream::belongs_to(const xmpp::Jid& account) const {
  if (authenticated()) return account_ == account;
  return negotiation_ && negotiation_->exchange &&
         negotiation_->exchange->localpart() == account.local();
}

// ---- beginnings

void ClientStream::begin(std::unique_ptr<net::Connection> connection,
                         std::unique_ptr<Admission::Ticket> ticket, bool direct_tls) {
  connection_ = std::move(connection);
  connection_->set_limits(connection_limits(config_->limits));
  negotiation_ = std::make_unique<Negotiation>(host_.loop);
  negotiation_->ticket = std::move(ticket);
  start_deadline();
  if (direct_tls) {
    state_ = State::handshaking;
    connection_->start_tls(host_.tls());
  } else {
    new_stream();
  }
  connection_->set_handler(this);
}

bool ClientStream::go_on(Handover handover) {
  account_ = std::move(handover.account);
  negotiation_ = std::make_unique<Negotiation>(host_.loop);
  negotiation_->mechanism = std::move(handover.mechanism);
  new_stream();
  connection_ = net::Connection::attach(host_.loop, std::move(handover.connection), this);
  if (connection_) start_deadline();
  return connection_ != nullptr;
}

void ClientStream::start_deadline() {
  if (config_->limits.preauth_time <= 0) return;
  negotiation_->deadline.start(config_->limits.preauth_time, [this] {
    fail(StreamCondition::policy_violation, "Nobody has logged in.");
  });
}

void ClientStream::new_stream() {
  parser_ =
      std::make_unique<xmpp::StreamParser>(*this, parser_limits(config_->limits, authenticated()));
  state_ = State::opening;
  header_sent_ = false;
}

void ClientStream::on_tls_established() {
  if (state_ == State::handshaking) new_stream();
}

// ---- reading

void ClientStream::on_read(std::string_view bytes) {
  heard_ = true;
  if (state_ == State::closing || !parser_) return;
  turn_left_ = config_->stanzas_per_turn;
  advance(parser_->feed(bytes));
}

// The parser has returned: now it may be replaced.
void ClientStream::advance(Status status) {
  if (state_ == State::closing || status == Status::ended) return;
  if (next_ != Next::nothing) return become_next();
  if (status == Status::ok) return go_on_reading();
  hold_reading();
  if (state_ != State::waiting) resume_after(std::exchange(wait_, 0));
}

void ClientStream::become_next() {
  const Next next = std::exchange(next_, Next::nothing);
  if (next == Next::depart) return depart();
  if (next == Next::handshake) {  // BI-TLS-01: plain text behind <starttls/> is thrown away
    parser_.reset();
    state_ = State::handshaking;
    connection_->start_tls(host_.tls());
    return go_on_reading();
  }
  const std::string rest = parser_->take_rest();
  new_stream();
  if (rest.empty()) return go_on_reading();
  advance(parser_->feed(rest));
}

void ClientStream::hold_reading() {
  if (!std::exchange(held_, true)) connection_->pause_reading();
}

void ClientStream::go_on_reading() {
  if (std::exchange(held_, false)) connection_->resume_reading();
}

void ClientStream::resume_after(base::Micros delay) {
  if (delay == 0) {  // the turn is over: the others first
    host_.loop.post([weak = weak_from_this()] {
      if (const auto self = weak.lock()) self->resume();
    });
    return;
  }
  pause_ = std::make_unique<net::Timer>(host_.loop);
  pause_->start(delay, [this] {
    pause_.reset();
    resume();
  });
}

void ClientStream::resume() {
  if (state_ == State::closing || state_ == State::leaving || !parser_) return;
  turn_left_ = config_->stanzas_per_turn;
  advance(next_ == Next::nothing ? parser_->resume() : Status::paused);
}

// ---- the stream

ClientStream::Flow ClientStream::on_stream_open(const xmpp::StreamHeader& header) {
  const std::string identity = header_identity(header);
  const auto error = check_header(header, config_->domain);
  // RFC 6120 §4.9.1.3: to whom names another host, the empty name tells none of ours.
  const bool unknown = error && error->condition == StreamCondition::host_unknown;
  send_header(identity, unknown ? std::string_view{} : config_->domain);
  if (error) {
    fail(error->condition, error->text);
    return Flow::pause;
  }
  if (authenticated() && !header.from.empty() && identity != account_.str()) {
    fail(StreamCondition::invalid_from);
    return Flow::pause;
  }
  if (!authenticated() && identity_changed(header)) {
    fail(StreamCondition::not_authorized);
    return Flow::pause;
  }
  state_ = authenticated() ? State::binding : State::negotiating;
  lang_ = header_lang(header);
  send_features();
  return Flow::go_on;
}

// BI-TLS-06: nobody begins in plain text as one and goes on under TLS as another.
bool ClientStream::identity_changed(const xmpp::StreamHeader& header) {
  if (header.from.empty()) return false;
  std::string identity = header_identity(header);
  if (identity.empty()) identity = header.from;  // malformed: as it stands
  Negotiation& negotiation = *negotiation_;
  if (!negotiation.identity.empty() && identity != negotiation.identity) return true;
  negotiation.identity = std::move(identity);
  negotiation.identity_protected = connection_->encrypted();
  return false;
}

ClientStream::Flow ClientStream::on_stanza(xmpp::Element stanza) {
  if (state_ == State::closing) return Flow::pause;
  dispatch(stanza);
  if (state_ == State::closing || state_ == State::waiting || next_ != Next::nothing || wait_ > 0)
    return Flow::pause;
  return --turn_left_ == 0 ? Flow::pause : Flow::go_on;
}

void ClientStream::dispatch(xmpp::Element& element) {
  if (state_ == State::bound && kind_of(element)) return from_session(std::move(element));
  if (element.ns() == xmpp::ns::sm) return manage(element);
  if (element.ns() == xmpp::ns::csi) return indicate(element);
  if (element.is("starttls", xmpp::ns::tls)) return start_tls(element);
  if (element.ns() == xmpp::ns::sasl) return authenticate(element);
  if (state_ == State::binding && kind_of(element)) return bind_or_answer(element);
  if (is_registration(element)) return register_account(element);
  unexpected(element);
}

void ClientStream::unexpected(const xmpp::Element& element) {
  fail(kind_of(element) ? StreamCondition::not_authorized
                        : StreamCondition::unsupported_stanza_type);
}

void ClientStream::on_stream_close() {
  if (state_ == State::closing) return;
  if (!header_sent_) send_header({}, config_->domain);
  connection_->send(stream_end);
  shut("closed by client", BoundSession::End::revoked);  // XEP-0198 §4: an <a/> goes before it
}

void ClientStream::on_stream_error(const xmpp::StreamError& error) {
  fail(error.condition, error.text);
}

// ---- sending

void ClientStream::send_header(std::string_view to, std::string_view from) {
  header_sent_ = true;
  connection_->send(xmpp::stream_header(xmpp::ns::client, from, to,
                                        base::random_token(host_.common.random, stream_id_bytes)));
}

void ClientStream::send_features() {
  Offer offer;
  if (authenticated()) {
    offer.bind = true;
    offer.caps_ver = host_.common.router.iqs().server_ver();
  } else {
    const bool encrypted = connection_->encrypted();
    offer.starttls = !encrypted && host_.tls() != nullptr;
    offer.starttls_required = config_->require_tls;
    offer.registration = offers_registration();
    offer.mechanisms =
        offered_mechanisms(*config_, encrypted, !connection_->tls_exporter().empty());
  }
  connection_->send(features(offer));
}

void ClientStream::send_xml(const xmpp::Element& element) {
  connection_->send(xmpp::to_xml(element, xmpp::ns::client));
}

// ---- the end

void ClientStream::fail(StreamCondition condition, std::string text, const xmpp::Element* detail) {
  if (state_ == State::closing || state_ == State::leaving) return;
  host_.common.rejects.count("stream", xmpp::name(condition));
  if (state_ == State::handshaking) {  // nothing can be said yet
    state_ = State::closing;
    return connection_->abort();
  }
  if (!header_sent_) send_header({}, config_->domain);
  connection_->send(stream_error({condition, std::move(text)}, detail));
  connection_->send(stream_end);
  shut(xmpp::name(condition), BoundSession::how(condition));
}

void ClientStream::shut(std::string_view why, BoundSession::End end) {
  state_ = State::closing;
  connection_->close();
  negotiation_.reset();
  pause_.reset();
  end_session(why, end);
}

void ClientStream::end_session(std::string_view why, BoundSession::End end) {
  if (const auto session = std::exchange(session_, nullptr)) session->finish(host_, why, end);
}

void ClientStream::on_closed(net::CloseReason reason) {
  if (state_ != State::closing && reason == net::CloseReason::slow_reader)
    host_.common.rejects.count("close", "slow-reader");
  if (reason == net::CloseReason::tls_failed) host_.common.rejects.count("close", "tls-failed");
  state_ = State::closing;
  negotiation_.reset();
  pause_.reset();
  if (session_ && session_->go_away()) {
    const auto session = std::exchange(session_, nullptr);
    host_.common.log.info("session waits to be resumed", {{"jid", session->jid().str()},
                                                          {"session", session->token()},
                                                          {"reason", std::string(name(reason))}});
  }
  end_session(name(reason), BoundSession::End::lost);
  host_.retire(*this);
}

// ---- from time to time

void ClientStream::apply_config() {
  if (state_ == State::closing || state_ == State::leaving) return;
  config_ = host_.config();
  connection_->set_limits(connection_limits(config_->limits));
  if (parser_) parser_->set_limits(parser_limits(config_->limits, authenticated()));
}

void ClientStream::sweep() {
  if (state_ == State::closing || state_ == State::leaving) return;
  const bool heard = std::exchange(heard_, false);
  if (!heard && parser_) parser_->hibernate();
  if (session_) session_->sweep(heard);
  if (heard || connection_->queued_bytes() == 0)
    stalled_ = 0;
  else if (stalled_ < 2)
    ++stalled_;
}

}  // namespace bridge::c2s
