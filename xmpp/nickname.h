// SPDX-License-Identifier: Apache-2.0
// Nicknames as people see them: the PRECIS profile Nickname (RFC 8266) and what looks alike
// (Unicode Technical Standard 39). The preparation that an occupant JID needs is the Jid's.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace xmpp {

// RFC 8266 2.3, enforcement: spaces at the ends gone, others single and plain, NFKC; nullopt for
// what the FreeformClass has no place for (RFC 8264 4.3), joiners included, or if nothing is left.
// The context rules for middle dots, geresh and digits (RFC 5892 A.3 to A.9) are not looked at.
std::optional<std::string> enforce_nickname(std::string_view nick);

// What a nickname may be taken for: its skeleton (UTS 39), as written and without regard to case
// (RFC 8266 2.4). Two that share any are taken for each other. One or two texts, not for display.
std::vector<std::string> looks_of(std::string_view nick);

}  // namespace xmpp
