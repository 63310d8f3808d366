// SPDX-License-Identifier: Apache-2.0
// Being registered with a room (XEP-0045 7.10, 9.9): a reserved nick, and membership with it. Kept
// about a person are a request that waits for an admin, and what somebody registered with.
#pragma once

#include <string_view>

#include "muc/people/registration.h"
#include "muc/verbs/verbs.h"

namespace muc {

// Keys of Room::people. Of what waits, Registration::text(); of one who is registered, only whether
// membership came of it: what else was said was for the admin who decided.
inline constexpr std::string_view waiting_key = "registration", registered_key = "registered";
inline constexpr std::string_view made_member = "1", was_member = "0";
inline constexpr std::size_t registrations_waiting_max = 100;

// The nick that is reserved for this person; "" if none.
std::string_view reserved_nick(const Room& room, const xmpp::Jid& real);

// The affiliation of this person, not of the domain.
Affiliation personal_affiliation(const Room& room, const xmpp::Jid& real);
// Whether who has a reserved nick goes by no other (features/entry/nick_lockdown.cpp).
bool locks_nicks(const Room& room);

// Whether the nick can be reserved for this person: valid, nobody else's, like nobody else's.
Refusal may_reserve(const Room& room, const xmpp::Jid& real, std::string_view nick);

// Does it: the nick, and membership if there was none.
void take_registration(Turn& turn, const xmpp::Jid& actor, const xmpp::Jid& target,
                       const Registration& said, Later& later);
// One who is inside goes by the nick from now on. Once the others have been told of the membership.
void rename_registered(Turn& turn, const xmpp::Jid& target);
// The nick goes, membership that came of registering too, and a request that waits.
void unregister(Turn& turn, const xmpp::Jid& real, Later& later);

// Shows the admins who are inside what waits.
void ask_admins(Turn& turn, const xmpp::Jid& applicant, const Registration& said);

}  // namespace muc
