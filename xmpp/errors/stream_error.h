// SPDX-License-Identifier: Apache-2.0
// Stream errors (RFC 6120 §4.9.3) and SASL failures (§6.5): closed sets, unrecoverable.
#pragma once

#include <string>
#include <string_view>

#include "xmpp/element.h"

namespace xmpp {

enum class StreamCondition {
  bad_format,
  bad_namespace_prefix,
  conflict,
  connection_timeout,
  host_gone,
  host_unknown,
  improper_addressing,
  internal_server_error,
  invalid_from,
  invalid_namespace,
  invalid_xml,
  not_authorized,
  not_well_formed,
  policy_violation,
  remote_connection_failed,
  reset,
  resource_constraint,
  restricted_xml,
  see_other_host,
  system_shutdown,
  undefined_condition,
  unsupported_encoding,
  unsupported_feature,
  unsupported_stanza_type,
  unsupported_version,
};
std::string_view name(StreamCondition condition);

struct StreamError {
  StreamCondition condition;
  std::string text = {};
};
Element to_element(const StreamError& error);  // <error xmlns='http://etherx…'>

enum class SaslCondition {
  aborted,
  account_disabled,
  credentials_expired,
  encryption_required,
  incorrect_encoding,
  invalid_authzid,
  invalid_mechanism,
  malformed_request,
  mechanism_too_weak,
  not_authorized,
  temporary_auth_failure,
};
std::string_view name(SaslCondition condition);

}  // namespace xmpp
