// SPDX-License-Identifier: Apache-2.0
// Entity capabilities, XEP-0115: the verification string of what disco#info says.
#pragma once

#include <optional>
#include <string>

#include "xmpp/element.h"

namespace xmpp {

// §5.1 with SHA-1 over a <query/> of disco#info. nullopt: ill-formed, §5.4 step 3 (the same
// identity, feature or form twice).
std::optional<std::string> caps_ver(const Element& query);

}  // namespace xmpp
