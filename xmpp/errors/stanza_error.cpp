// SPDX-License-Identifier: Apache-2.0
#include "xmpp/errors/stanza_error.h"

#include <algorithm>
#include <array>

#include "base/check.h"
#include "xmpp/ns.h"

namespace xmpp {
namespace {

struct ConditionRow {
  Condition condition;
  std::string_view name;
  ErrorType usual;
};

// RFC 6120 §8.3.3, in its order; where the RFC names two types, the first.
constexpr std::array<ConditionRow, 22> conditions{{
    {Condition::bad_request, "bad-request", ErrorType::modify},
    {Condition::conflict, "conflict", ErrorType::cancel},
    {Condition::feature_not_implemented, "feature-not-implemented", ErrorType::cancel},
    {Condition::forbidden, "forbidden", ErrorType::auth},
    {Condition::gone, "gone", ErrorType::cancel},
    {Condition::internal_server_error, "internal-server-error", ErrorType::cancel},
    {Condition::item_not_found, "item-not-found", ErrorType::cancel},
    {Condition::jid_malformed, "jid-malformed", ErrorType::modify},
    {Condition::not_acceptable, "not-acceptable", ErrorType::modify},
    {Condition::not_allowed, "not-allowed", ErrorType::cancel},
    {Condition::not_authorized, "not-authorized", ErrorType::auth},
    {Condition::policy_violation, "policy-violation", ErrorType::modify},
    {Condition::recipient_unavailable, "recipient-unavailable", ErrorType::wait},
    {Condition::redirect, "redirect", ErrorType::modify},
    {Condition::registration_required, "registration-required", ErrorType::auth},
    {Condition::remote_server_not_found, "remote-server-not-found", ErrorType::cancel},
    {Condition::remote_server_timeout, "remote-server-timeout", ErrorType::wait},
    {Condition::resource_constraint, "resource-constraint", ErrorType::wait},
    {Condition::service_unavailable, "service-unavailable", ErrorType::cancel},
    {Condition::subscription_required, "subscription-required", ErrorType::auth},
    {Condition::undefined_condition, "undefined-condition", ErrorType::cancel},
    {Condition::unexpected_request, "unexpected-request", ErrorType::wait},
}};

constexpr std::array<std::pair<ErrorType, std::string_view>, 5> types{{
    {ErrorType::auth, "auth"},
    {ErrorType::cancel, "cancel"},
    {ErrorType::continue_, "continue"},
    {ErrorType::modify, "modify"},
    {ErrorType::wait, "wait"},
}};

const ConditionRow& row(Condition condition) {
  const auto found = std::find_if(conditions.begin(), conditions.end(),
                                  [&](const auto& r) { return r.condition == condition; });
  CHECK(found != conditions.end());
  return *found;
}

// id as it was, to and from exchanged; an address that was not there is not made up.
Element reply_to(const Element& stanza, std::string_view type) {
  Element reply(stanza.name(), stanza.ns());
  reply.set_attr("type", type);
  if (const auto* id = stanza.find_attr("id")) reply.set_attr("id", *id);
  if (const auto* from = stanza.find_attr("from")) reply.set_attr("to", *from);
  if (const auto* to = stanza.find_attr("to")) reply.set_attr("from", *to);
  return reply;
}

}  // namespace

std::string_view name(Condition condition) { return row(condition).name; }

std::string_view name(ErrorType type) {
  const auto found =
      std::find_if(types.begin(), types.end(), [&](const auto& t) { return t.first == type; });
  CHECK(found != types.end());
  return found->second;
}

std::optional<Condition> parse_condition(std::string_view name) {
  for (const auto& r : conditions)
    if (r.name == name) return r.condition;
  return std::nullopt;
}

std::optional<ErrorType> parse_error_type(std::string_view name) {
  for (const auto& [type, type_name] : types)
    if (type_name == name) return type;
  return std::nullopt;
}

ErrorType usual_type(Condition condition) { return row(condition).usual; }

Element to_element(const StanzaError& error, std::string_view stanza_ns) {
  Element e("error", stanza_ns);
  e.set_attr("type", name(error.type));
  e.add(name(error.condition), ns::stanza_errors).add_text(error.uri);
  if (!error.text.empty()) {
    Element& text = e.add("text", ns::stanza_errors);
    text.set_lang("en");
    text.add_text(error.text);
  }
  if (error.detail) e.add(*error.detail);
  return e;
}

std::optional<Element> error_reply(const Element& stanza, const StanzaError& error) {
  const std::string_view type = stanza.attr("type");
  if (type == "error" || (stanza.name() == "iq" && type == "result")) return std::nullopt;
  Element reply = reply_to(stanza, "error");
  reply.add(to_element(error, stanza.ns()));
  return reply;
}

std::optional<Condition> condition_of(const Element& stanza) {
  const Element* error =
      stanza.attr("type") == "error" ? stanza.child("error", stanza.ns()) : nullptr;
  const Element* condition = error == nullptr ? nullptr : error->first_child();
  return condition == nullptr ? std::nullopt : parse_condition(condition->name());
}

Element iq_result(const Element& iq) { return reply_to(iq, "result"); }

}  // namespace xmpp
