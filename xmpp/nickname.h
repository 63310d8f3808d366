// SPDX-License-Identifier: Apache-2.0
// Nicknames as people see them: the PRECIS profile Nickname (RFC 8266) and what looks alike
// (Unicode Technical Standard 39). The preparation that an occupant JID needs is the Jid's.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace xmpp {

// RFC 8266 2.3, enforcement: spaces at the ends gone, others single and plain, NFKC; nullopt for
// what no nickname may hold (RFC 8264 4.3.3) or if nothing is left.
std::optional<std::string> enforce_nickname(std::string_view nick);

// Two nicknames with the same look are taken for each other: compared without regard to case
// (RFC 8266 2.4), then by their skeletons (UTS 39). Not for display.
std::string look_of(std::string_view nick);

}  // namespace xmpp
