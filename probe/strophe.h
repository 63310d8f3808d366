// SPDX-License-Identifier: Apache-2.0
// libstrophe's objects with owners, and its stanzas as our elements.
#pragma once

#include <strophe.h>

#include <memory>
#include <optional>

#include "xmpp/element.h"

namespace probe {

struct StropheDelete {
  void operator()(xmpp_ctx_t* context) const { xmpp_ctx_free(context); }
  void operator()(xmpp_conn_t* connection) const { xmpp_conn_release(connection); }
};
using Context = std::unique_ptr<xmpp_ctx_t, StropheDelete>;
using Connection = std::unique_ptr<xmpp_conn_t, StropheDelete>;

// A copy. libstrophe gives each element the namespace in force, so nothing is lost but prefixes.
xmpp::Element to_element(xmpp_stanza_t* stanza);

}  // namespace probe
