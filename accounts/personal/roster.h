// SPDX-License-Identifier: Apache-2.0
// The roster, RFC 6121 §2, with versions (§2.6: a hash over the items). There are no subscriptions:
// every contact's is `none`.
#pragma once

#include <string>

#include "accounts/personal/turn.h"

namespace accounts {

Answer roster(Turn& turn);
// Of its item as it is sent.
std::size_t contact_bytes(const xmpp::Jid& jid, const Contact& contact);
std::string roster_version(const PersonalData& data);

}  // namespace accounts
