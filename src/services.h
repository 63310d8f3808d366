// SPDX-License-Identifier: Apache-2.0
// The MUC services of this server. Today there is one, the Lobby; categories will add more.
#pragma once

#include <string>
#include <vector>

#include "accounts/account_store.h"
#include "base/result.h"
#include "db/content.h"
#include "muc/service.h"
#include "src/config/config.h"

namespace server {

inline std::string first_service(const Config& config) { return "chat." + config.domain; }

// `admins`: bare JIDs.
muc::ServiceConfig lobby(const Config& config, const db::Secrets& secrets,
                         std::vector<xmpp::Jid> admins);

// Who may do in rooms as owners do: named in the configuration, or made with --admin. The error is
// a sentence.
base::Result<std::vector<xmpp::Jid>, std::string> room_admins(const Config& config,
                                                              accounts::AccountStore& accounts);

}  // namespace server
