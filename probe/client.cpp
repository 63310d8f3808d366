// SPDX-License-Identifier: Apache-2.0
#include "probe/client.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include "probe/refusal.h"
#include "xmpp/ns.h"
#include "xmpp/writer.h"

namespace probe {
namespace {

long flags(const Options& options) {
  long result = XMPP_CONN_FLAG_DISABLE_SM;
  switch (options.tls) {
    case Tls::starttls:
      result |= XMPP_CONN_FLAG_MANDATORY_TLS;
      break;
    case Tls::direct:
      result |= XMPP_CONN_FLAG_LEGACY_SSL;
      break;
    case Tls::none:
      return result | XMPP_CONN_FLAG_DISABLE_TLS;
  }
  return options.insecure ? result | XMPP_CONN_FLAG_TRUST_TLS : result;
}

// Small writes that wait for each other's acknowledgement would be measured as the server's delay.
int send_at_once(xmpp_conn_t*, void* socket) {
  const int on = 1;
  return ::setsockopt(*static_cast<int*>(socket), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

}  // namespace

Client::Client(xmpp_ctx_t* context, const User& user, const Options& options, const StreamLog& log)
    : user_(user), options_(options), log_(log), connection_(xmpp_conn_new(context)) {
  auto* conn = connection_.get();
  xmpp_conn_set_flags(conn, flags(options));
  xmpp_conn_set_sockopt_callback(conn, send_at_once);
  xmpp_conn_set_jid(conn, user.jid.str().c_str());
  xmpp_conn_set_pass(conn, user.password.c_str());
  if (!options.ca_file.empty()) xmpp_conn_set_cafile(conn, options.ca_file.c_str());
}

Client::~Client() = default;

void Client::connect(const std::string& address) {
  state_ = State::connecting;
  if (xmpp_connect_client(connection_.get(), address.c_str(), options_.port, on_connection, this) !=
      XMPP_EOK)
    state_ = State::ended;
}

void Client::send(const xmpp::Element& stanza) {
  const auto text = xmpp::to_xml(stanza, xmpp::ns::client);
  xmpp_send_raw(connection_.get(), text.data(), text.size());
}

void Client::end() {
  if (state_ == State::online) xmpp_disconnect(connection_.get());
}

std::optional<Received> Client::take(const std::function<bool(const xmpp::Element&)>& fits) {
  while (!received_.empty()) {
    auto first = std::move(received_.front());
    received_.pop_front();
    if (fits(first.stanza)) return first;
  }
  return std::nullopt;
}

void Client::on_connection(xmpp_conn_t* conn, xmpp_conn_event_t event, int,
                           xmpp_stream_error_t* error, void* self) {
  auto& client = *static_cast<Client*>(self);
  if (event != XMPP_CONN_CONNECT) return client.on_end(error);
  client.state_ = State::online;
  client.was_online_ = true;
  xmpp_handler_add(conn, on_stanza, nullptr, nullptr, nullptr, self);
}

void Client::on_end(xmpp_stream_error_t* error) {
  state_ = State::ended;
  if (!error || !error->stanza) return;
  const auto element = to_element(error->stanza);
  element.for_each_child([this](const xmpp::Element& child) {
    if (child.ns() != xmpp::ns::stream_errors) return;
    (child.name() == "text" ? stream_error_text_ : stream_error_) =
        child.name() == "text" ? child.text() : child.name();
  });
}

int Client::on_stanza(xmpp_conn_t*, xmpp_stanza_t* stanza, void* self) {
  auto& client = *static_cast<Client*>(self);
  client.received_.push_back({to_element(stanza), base::SystemClock().monotonic()});
  if (client.watch) client.watch(client.received_.back().stanza);
  return 1;  // stay
}

std::string Client::why_ended() const {
  if (!was_online_) return why_login_failed();
  if (!stream_error_.empty()) return stream_refusal(stream_error_, stream_error_text_, user_.jid);
  return "the server closed the connection of " + user_.jid.str() + "; look into its log";
}

std::string Client::why_login_failed() const {
  const auto where = options_.host + ":" + std::to_string(options_.port);
  if (log_.not_xmpp())
    return "what listens at " + where + " does not speak XMPP; correct host and port";
  if (!log_.sasl_condition().empty()) return sasl_refusal(log_.sasl_condition(), log_.sasl_text());
  if (!log_.certificate_fault().empty() && !options_.insecure && options_.tls != Tls::none)
    return certificate_refusal(log_.certificate_fault(), std::string(user_.jid.domain()));
  if (log_.tls_missing())
    return where + " offers no TLS here; try --tls direct, or correct the server";
  if (log_.tls_failed())
    return options_.tls == Tls::direct
               ? "the TLS handshake with " + where +
                     " failed; if it is a port for STARTTLS, leave out --tls direct"
               : "the TLS handshake with " + where + " failed; look into the server's log";
  if (!stream_error_.empty()) return stream_refusal(stream_error_, stream_error_text_, user_.jid);
  if (log_.bind_refused())
    return "the server gives " + user_.jid.str() + " no resource; end some of its sessions";
  if (log_.no_mechanism())
    return options_.tls == Tls::none
               ? "the server offers no way to log in without TLS; leave out --tls none"
               : "the server offers no way to log in that is known here; allow SCRAM or PLAIN";
  return where + " closed the connection before the login was done; look into its log" +
         (options_.tls == Tls::starttls ? ", or try --tls direct" : "");
}

}  // namespace probe
