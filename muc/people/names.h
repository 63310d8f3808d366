// SPDX-License-Identifier: Apache-2.0
// What may be a nick: visible, within limits, without characters that turn text around
// (XEP-0045 17.1, BI-MUC-02, BI-MUC-03). The preparation itself (resourceprep) is the Jid's.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace muc {

// As it can be held and stands in an occupant JID; "" for what cannot.
std::string prepared_nick(std::string_view nick);

bool acceptable_nick(std::string_view nick, std::size_t bytes_max);

// Characters (code points) of well-formed UTF-8: what history's maxchars counts.
std::size_t count_characters(std::string_view text);

}  // namespace muc
