// SPDX-License-Identifier: Apache-2.0
// Stanza errors, RFC 6120 §8.3: a closed set of conditions and the reply that carries one.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "xmpp/element.h"

namespace xmpp {

enum class ErrorType { auth, cancel, continue_, modify, wait };

enum class Condition {
  bad_request,
  conflict,
  feature_not_implemented,
  forbidden,
  gone,
  internal_server_error,
  item_not_found,
  jid_malformed,
  not_acceptable,
  not_allowed,
  not_authorized,
  policy_violation,
  recipient_unavailable,
  redirect,
  registration_required,
  remote_server_not_found,
  remote_server_timeout,
  resource_constraint,
  service_unavailable,
  subscription_required,
  undefined_condition,
  unexpected_request,
};

std::string_view name(Condition condition);  // "bad-request"
std::string_view name(ErrorType type);       // "modify"
std::optional<Condition> parse_condition(std::string_view name);
std::optional<ErrorType> parse_error_type(std::string_view name);
// The type RFC 6120 §8.3.3 associates with the condition.
ErrorType usual_type(Condition condition);

struct StanzaError {
  ErrorType type;
  Condition condition;
  std::string text;                    // human readable, may be empty
  std::optional<Element> detail = {};  // application-specific condition element
  std::string uri = {};                // the new address, for gone and redirect (§8.3.3.5)

  StanzaError(Condition c, std::string t = {})
      : type(usual_type(c)), condition(c), text(std::move(t)) {}  // NOLINT
  StanzaError(ErrorType ty, Condition c, std::string t = {})
      : type(ty), condition(c), text(std::move(t)) {}
};

Element to_element(const StanzaError& error, std::string_view stanza_ns);

// The error reply to `stanza`: same name and id, to/from swapped, the payload left out.
// nullopt where no answer is allowed: the stanza is itself an error, or an IQ result.
std::optional<Element> error_reply(const Element& stanza, const StanzaError& error);
// What an error stanza says; nullopt: it is no error, or says nothing that is known.
std::optional<Condition> condition_of(const Element& stanza);
// The empty result to an IQ get or set; add a payload to it as needed.
Element iq_result(const Element& iq);

}  // namespace xmpp
