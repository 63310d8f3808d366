// SPDX-License-Identifier: Apache-2.0
// What the user commands have in common: reading a JID as an account here, finding it, turning a
// password into the keys that are kept.
#pragma once

#include <string>
#include <string_view>

#include "admin/command.h"

namespace admin {

constexpr std::size_t password_bytes_max = 1024;

// A bare JID on this server's domain; else a sentence that says what to write.
base::Result<xmpp::Jid, Refusal> account_jid(std::string_view text, const std::string& domain);

base::Result<std::optional<accounts::Account>, Refusal> find_account(Context& context,
                                                                     const xmpp::Jid& jid);
Refusal no_account(const xmpp::Jid& jid);
// The same, but an account that does not exist is refused.
base::Result<accounts::Account, Refusal> existing_account(Context& context, const xmpp::Jid& jid);

// SASLprep; the error is what is wrong with the password, without showing it.
base::Result<std::string, std::string> prepared_password(std::string_view password);

// Slow on purpose. `password` is prepared. Thread-safe if `random` is.
xmpp::ScramVerifiers derive_verifiers(std::string_view password, int iterations,
                                      base::Random& random);

}  // namespace admin
