// SPDX-License-Identifier: Apache-2.0
// Lists of affiliations and roles, XEP-0045 8 and 9, whole or by pages (XEP-0059).
#pragma once

#include <optional>
#include <string_view>

#include "muc/turn.h"
#include "record/codes.h"

namespace muc {

std::optional<record::Affiliation> parse_affiliation(std::string_view text);
std::optional<record::Role> parse_role(std::string_view text);

// Whether this occupant's role lets it fetch the list of members (features/person/member_list.cpp).
bool role_gets_member_list(const Room& room, const Occupant& occupant);

// Answers a get: `query` is its <query xmlns='…muc#admin'/>.
void give_list(Turn& turn, const Incoming& in, const xmpp::Element& query);

}  // namespace muc
