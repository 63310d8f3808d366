// SPDX-License-Identifier: Apache-2.0
// Publishing and retracting, XEP-0060 §7.1 and §7.2. For pep.cpp.
#pragma once

#include "accounts/personal/turn.h"

namespace accounts::pep {

Answer publish(Turn& turn, const xmpp::Element& pubsub, const xmpp::Element& publish);
Answer retract(Turn& turn, const xmpp::Element& retract);

}  // namespace accounts::pep
