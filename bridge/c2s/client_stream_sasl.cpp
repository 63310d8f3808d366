// SPDX-License-Identifier: Apache-2.0
// STARTTLS (RFC 6120 §5.4) and SASL (§6.4) on a client stream.
#include <algorithm>
#include <utility>

#include "bridge/c2s/client_stream.h"
#include "bridge/c2s/negotiation.h"
#include "xmpp/ns.h"

namespace bridge::c2s {
namespace {

using xmpp::Element;
using xmpp::SaslCondition;
using xmpp::StreamCondition;

bool lists(const std::vector<std::string>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

Element sasl_element(std::string_view name, std::string_view text) {
  Element element(name, xmpp::ns::sasl);
  if (!text.empty()) element.set_text(text);
  return element;
}

}  // namespace

void ClientStream::start_tls(const Element& starttls) {
  const bool possible = state_ == State::negotiating && !connection_->encrypted() &&
                        host_.tls() != nullptr && starttls.nodes().empty();
  if (possible) {
    send_xml(Element("proceed", xmpp::ns::tls));
    next_ = Next::handshake;
    return;
  }
  host_.common.rejects.count("tls", "failure");
  send_xml(Element("failure", xmpp::ns::tls));  // §5.4.2.2
  on_stream_close();
}

void ClientStream::authenticate(const Element& element) {
  if (authenticated()) return fail(StreamCondition::policy_violation);  // BI-SASL-11
  const std::string& name = element.name();
  if (name == "auth") return start_exchange(element);
  if (name != "response" && name != "abort") return fail(StreamCondition::unsupported_stanza_type);
  if (name == "abort") return refuse_sasl(SaslCondition::aborted);
  if (state_ != State::exchanging || element.child_count() != 0)
    return refuse_sasl(SaslCondition::malformed_request);
  perform(negotiation_->exchange->respond(element.text()));
}

// A second <auth/> discards the exchange under way: §6.4.2.
void ClientStream::start_exchange(const Element& auth) {
  const bool encrypted = connection_->encrypted();
  const std::string mechanism(auth.attr("mechanism"));
  const std::string exporter = connection_->tls_exporter();
  const auto offered = offered_mechanisms(*config_, encrypted, !exporter.empty());
  if (!lists(offered, mechanism)) {
    const bool later =
        !encrypted && (config_->require_tls || lists(config_->mechanisms, mechanism));
    return refuse_sasl(later ? SaslCondition::encryption_required
                             : SaslCondition::invalid_mechanism);
  }
  if (auth.child_count() != 0) return refuse_sasl(SaslCondition::malformed_request);
  const bool plus = std::any_of(offered.begin(), offered.end(), is_plus);
  negotiation_->exchange = std::make_unique<SaslExchange>(host_.sasl, config_, mechanism,
                                                          plus ? exporter : std::string());
  perform(negotiation_->exchange->start(auth.text()));
}

void ClientStream::perform(SaslStep step) {
  switch (step.kind) {
    case SaslStep::Kind::challenge:
      state_ = State::exchanging;
      return send_xml(sasl_element("challenge", base::base64(step.data)));
    case SaslStep::Kind::lookup:
      return look_up();
    case SaslStep::Kind::check:
      return check_password();
    case SaslStep::Kind::failure:
      return refuse_sasl(step.condition);
    case SaslStep::Kind::success:
      return succeed(step.data);
  }
}

void ClientStream::look_up() {
  state_ = State::waiting;
  host_.common.credentials.find(
      host_.loop, negotiation_->exchange->localpart(), [weak = weak_from_this()](Lookup lookup) {
        const auto self = weak.lock();
        if (self && self->state_ == State::waiting)
          self->on_step(self->negotiation_->exchange->credentials(std::move(lookup)));
      });
}

void ClientStream::check_password() {
  state_ = State::waiting;
  const bool taken =
      host_.common.workers.submit([weak = weak_from_this(), &loop = host_.loop,
                                   check = negotiation_->exchange->take_check()]() mutable {
        loop.post([weak = std::move(weak), matches = check.run()] {
          const auto self = weak.lock();
          if (self && self->state_ == State::waiting)
            self->on_step(self->negotiation_->exchange->checked(matches));
        });
      });
  if (!taken) refuse_sasl(SaslCondition::temporary_auth_failure);
}

// An answer came while nothing was read.
void ClientStream::on_step(SaslStep step) {
  perform(std::move(step));
  if (state_ != State::waiting) resume();
}

void ClientStream::refuse_sasl(SaslCondition condition) {
  const auto exchange = std::exchange(negotiation_->exchange, nullptr);
  const std::string& address = connection_->peer_address();
  host_.common.log.info(
      "authentication failed",
      {{"account",
        exchange && exchange->account_known() ? exchange->localpart() : std::string("unknown")},
       {"mechanism", exchange ? exchange->mechanism() : std::string()},
       {"reason", std::string(xmpp::name(condition))},
       {"address", address}});
  if (SessionJournal* journal = host_.common.journal) {
    const bool known = exchange && exchange->account_known();
    const auto account =
        known ? xmpp::Jid::from_parts(exchange->localpart(), config_->domain) : std::nullopt;
    journal->refused(account.value_or(xmpp::Jid()),
                     exchange ? exchange->mechanism() : std::string(), xmpp::name(condition),
                     address);
  }
  const base::Micros delay =
      condition == SaslCondition::not_authorized
          ? host_.common.admission.failed(address, *config_, host_.common.clock.monotonic())
          : 0;
  if (delay == 0) return send_failure(condition);
  state_ = State::waiting;
  hold_reading();
  negotiation_->penalty.start(delay, [this, condition] {
    send_failure(condition);
    resume();
  });
}

void ClientStream::send_failure(SaslCondition condition) {
  if (++negotiation_->failures > config_->limits.sasl_tries)
    return fail(StreamCondition::policy_violation, "Too many failed logins.");
  host_.common.rejects.count("sasl", xmpp::name(condition));
  state_ = State::negotiating;
  Element failure = sasl_element("failure", {});
  failure.add(xmpp::name(condition), xmpp::ns::sasl);
  send_xml(failure);
}

void ClientStream::succeed(const std::string& data) {
  Negotiation& negotiation = *negotiation_;
  const auto account = xmpp::Jid::from_parts(negotiation.exchange->localpart(), config_->domain);
  const auto claimed = xmpp::Jid::parse(negotiation.identity);
  if (negotiation.identity_protected && (!claimed || claimed->bare() != *account))
    return fail(StreamCondition::invalid_from);  // §6.4.6, BI-SASL-19
  negotiation.mechanism = negotiation.exchange->mechanism();
  negotiation.exchange.reset();
  negotiation.ticket.reset();
  account_ = *account;
  send_xml(sasl_element("success", base::base64(data)));
  state_ = State::opening;
  next_ = host_.common.router.home(account_) == host_.shard ? Next::restart : Next::depart;
  if (next_ == Next::restart) start_deadline();
}

// To the home of the account, with all that was read and not used.
void ClientStream::depart() {
  const std::string rest = parser_->take_rest();
  std::string mechanism = std::move(negotiation_->mechanism);
  parser_.reset();
  negotiation_.reset();
  connection_->unread(rest);
  state_ = State::leaving;
  host_.hand_over({connection_->detach(), account_, std::move(mechanism)});
  host_.retire(*this);
}

}  // namespace bridge::c2s
