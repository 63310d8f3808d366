// SPDX-License-Identifier: Apache-2.0
// XML in tests: text to elements and back.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/payload.h"
#include "xmpp/element.h"

namespace tests {

// Attributes that steer the comparison (scansion:strict='yes').
inline constexpr std::string_view scansion_ns = "https://matthewwild.co.uk/projects/scansion";

// All top-level elements, in scope jabber:client. Throws std::runtime_error.
std::vector<xmpp::Element> parse_xml(std::string_view text);

// A payload as its receiver sees it.
xmpp::Element received(const base::Payload& payload, std::string_view to);

}  // namespace tests
