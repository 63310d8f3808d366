// SPDX-License-Identifier: Apache-2.0
// Errors of XEP-0060: a condition of RFC 6120 and one of pubsub#errors.
#pragma once

#include <string_view>

#include "xmpp/errors/stanza_error.h"
#include "xmpp/ns.h"

namespace accounts::pep {

inline xmpp::StanzaError error(xmpp::Condition condition, std::string_view detail) {
  xmpp::StanzaError error{condition};
  error.detail = xmpp::Element(detail, xmpp::ns::pubsub_errors);
  return error;
}

// A feature of XEP-0060 that we do not have.
inline xmpp::StanzaError unsupported(std::string_view feature) {
  auto refused = error(xmpp::Condition::feature_not_implemented, "unsupported");
  refused.detail->set_attr("feature", feature);
  return refused;
}

}  // namespace accounts::pep
