// SPDX-License-Identifier: Apache-2.0
// The rules every server has: service discovery (XEP-0030) of the server and of one's own account,
// entity capabilities of the server (XEP-0115), ping (XEP-0199), the legacy session.
#pragma once

#include <functional>

#include "bridge/iq_registry.h"

namespace bridge {

// What the server's capabilities are called (XEP-0115 §4).
inline constexpr std::string_view caps_node = "urn:hansard:server";
inline constexpr std::size_t node_bytes_max = 1024;  // a longer one is not looked up: BI-STZ-18

// A handler that knows its answer at once. `reply` routes it.
std::function<void(IqRequest)> at_once(std::function<void(std::size_t shard, xmpp::Element)> reply,
                                       std::function<IqAnswer(const IqRequest&)> outcome);

// The basic rule for disco#info of an account, for whoever adds one for its nodes.
std::function<void(IqRequest)> account_info(
    const IqRegistry& registry, std::function<void(std::size_t shard, xmpp::Element)> reply);

// `registry` must outlive what it is given.
void add_basic_rules(IqRegistry& registry,
                     const std::function<void(std::size_t shard, xmpp::Element)>& reply);

}  // namespace bridge
