// SPDX-License-Identifier: Apache-2.0
#include "xmpp/errors/stream_error.h"

#include "base/check.h"
#include "xmpp/ns.h"

namespace xmpp {

std::string_view name(StreamCondition condition) {
  switch (condition) {
    case StreamCondition::bad_format:
      return "bad-format";
    case StreamCondition::bad_namespace_prefix:
      return "bad-namespace-prefix";
    case StreamCondition::conflict:
      return "conflict";
    case StreamCondition::connection_timeout:
      return "connection-timeout";
    case StreamCondition::host_gone:
      return "host-gone";
    case StreamCondition::host_unknown:
      return "host-unknown";
    case StreamCondition::improper_addressing:
      return "improper-addressing";
    case StreamCondition::internal_server_error:
      return "internal-server-error";
    case StreamCondition::invalid_from:
      return "invalid-from";
    case StreamCondition::invalid_namespace:
      return "invalid-namespace";
    case StreamCondition::invalid_xml:
      return "invalid-xml";
    case StreamCondition::not_authorized:
      return "not-authorized";
    case StreamCondition::not_well_formed:
      return "not-well-formed";
    case StreamCondition::policy_violation:
      return "policy-violation";
    case StreamCondition::remote_connection_failed:
      return "remote-connection-failed";
    case StreamCondition::reset:
      return "reset";
    case StreamCondition::resource_constraint:
      return "resource-constraint";
    case StreamCondition::restricted_xml:
      return "restricted-xml";
    case StreamCondition::see_other_host:
      return "see-other-host";
    case StreamCondition::system_shutdown:
      return "system-shutdown";
    case StreamCondition::undefined_condition:
      return "undefined-condition";
    case StreamCondition::unsupported_encoding:
      return "unsupported-encoding";
    case StreamCondition::unsupported_feature:
      return "unsupported-feature";
    case StreamCondition::unsupported_stanza_type:
      return "unsupported-stanza-type";
    case StreamCondition::unsupported_version:
      return "unsupported-version";
  }
  base::check_failed("a known stream condition", __FILE__, __LINE__);
}

std::string_view name(SaslCondition condition) {
  switch (condition) {
    case SaslCondition::aborted:
      return "aborted";
    case SaslCondition::account_disabled:
      return "account-disabled";
    case SaslCondition::credentials_expired:
      return "credentials-expired";
    case SaslCondition::encryption_required:
      return "encryption-required";
    case SaslCondition::incorrect_encoding:
      return "incorrect-encoding";
    case SaslCondition::invalid_authzid:
      return "invalid-authzid";
    case SaslCondition::invalid_mechanism:
      return "invalid-mechanism";
    case SaslCondition::malformed_request:
      return "malformed-request";
    case SaslCondition::mechanism_too_weak:
      return "mechanism-too-weak";
    case SaslCondition::not_authorized:
      return "not-authorized";
    case SaslCondition::temporary_auth_failure:
      return "temporary-auth-failure";
  }
  base::check_failed("a known SASL condition", __FILE__, __LINE__);
}

Element to_element(const StreamError& error) {
  Element e("error", ns::streams);
  e.add(name(error.condition), ns::stream_errors);
  if (!error.text.empty()) {
    Element& text = e.add("text", ns::stream_errors);
    text.set_lang("en");
    text.add_text(error.text);
  }
  return e;
}

}  // namespace xmpp
