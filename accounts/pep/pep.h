// SPDX-License-Identifier: Apache-2.0
// Personal eventing, XEP-0163 over a subset of XEP-0060: nodes of the account that its owner
// publishes to, reads and configures, and whose changes the owner's clients are told. Others may
// read nodes whose access model is open; whatever else they ask is answered as if there were no
// such account (BI-STZ-17). Nobody else subscribes.
#pragma once

#include <array>
#include <string_view>

#include "accounts/personal/turn.h"

namespace accounts::pep {

Answer pubsub(Turn& turn);       // XEP-0060 §6, §7: namespace pubsub
Answer owner(Turn& turn);        // §8: namespace pubsub#owner
Answer disco_info(Turn& turn);   // of a node, §5.3
Answer disco_items(Turn& turn);  // of the account, §5.2, or of a node, §5.5

// What the account's disco#info says because of this.
extern const std::array<std::string_view, 21> features;

}  // namespace accounts::pep
