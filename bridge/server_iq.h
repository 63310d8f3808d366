// SPDX-License-Identifier: Apache-2.0
// The requests that the server answers for itself or on behalf of an account: service discovery
// (XEP-0030), ping (XEP-0199), the legacy session, the roster. Pure.
#pragma once

#include <string>
#include <vector>

#include "xmpp/element.h"

namespace bridge {

struct ServiceItem {
  std::string domain;
  std::string name;
};

enum class Addressee { server, own_account };

// The answer to a get or set that passed check_stanza(): a result or an error, from whom it was
// for, to whom it was from.
xmpp::Element answer_iq(const std::vector<ServiceItem>& services, Addressee addressee,
                        const xmpp::Element& iq);

}  // namespace bridge
