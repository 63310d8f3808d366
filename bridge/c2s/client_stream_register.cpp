// SPDX-License-Identifier: Apache-2.0
// In-band registration before login, XEP-0077 §3.1.
#include <utility>

#include "bridge/c2s/client_stream.h"
#include "bridge/c2s/negotiation.h"
#include "bridge/registrar.h"
#include "xmpp/ns.h"

namespace bridge::c2s {
namespace {

namespace ns = xmpp::ns;
using xmpp::Condition;
using xmpp::Element;
using xmpp::StanzaError;

constexpr std::size_t registration_tries = 10;  // refused ones on one stream

Element registration_form(const Element& iq) {
  Element result = xmpp::iq_result(iq);
  Element& query = result.add("query", ns::registration);
  query.add("instructions", ns::registration).set_text("Choose a name and a password.");
  query.add("username", ns::registration);
  query.add("password", ns::registration);
  return result;
}

}  // namespace

// Passwords are as readable as in SASL PLAIN.
bool ClientStream::offers_registration() const {
  if (!config_->registration || host_.common.registrar == nullptr || authenticated()) return false;
  return connection_->encrypted() || (config_->allow_plain_without_tls && !config_->require_tls);
}

bool ClientStream::is_registration(const Element& element) const {
  return state_ == State::negotiating && element.is("iq", ns::client) &&
         element.child("query", ns::registration) != nullptr;
}

void ClientStream::register_account(const Element& iq) {
  const auto refuse = [&](const StanzaError& error) { registered(iq, error); };
  if (!is_iq_request(iq)) return;  // nobody asked
  if (const auto error = check_stanza(iq)) return refuse(*error);
  if (!offers_registration()) return refuse(Condition::service_unavailable);
  const std::string_view to = iq.attr("to");
  if (!to.empty() && to != config_->domain) return refuse(Condition::service_unavailable);
  if (iq.attr("type") == "get") return send_xml(registration_form(iq));

  const Element& query = *iq.child("query", ns::registration);
  auto username = xmpp::child_text(query, "username", ns::registration);
  auto password = xmpp::child_text(query, "password", ns::registration);
  if (!username || !password || query.child("remove", ns::registration) != nullptr)
    return refuse({Condition::not_acceptable, "A name and a password are needed."});
  state_ = State::waiting;
  host_.common.registrar->add_account(
      host_.loop, connection_->peer_address(), std::move(*username), std::move(*password),
      [weak = weak_from_this(), iq](std::optional<StanzaError> error) {
        const auto self = weak.lock();
        if (!self || self->state_ != State::waiting) return;
        self->state_ = State::negotiating;
        self->registered(iq, error);
        if (self->state_ != State::closing) self->resume();
      });
}

void ClientStream::registered(const Element& iq, const std::optional<StanzaError>& error) {
  if (!error) return send_xml(xmpp::iq_result(iq));
  host_.common.rejects.count("register", xmpp::name(error->condition));
  if (++negotiation_->registration_failures > registration_tries)
    return fail(xmpp::StreamCondition::policy_violation);
  if (const auto reply = refusal(iq, *error)) send_xml(*reply);
}

}  // namespace bridge::c2s
