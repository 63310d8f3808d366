// SPDX-License-Identifier: Apache-2.0
// What hansard.toml says, as each service of this server wants it: client streams, and the MUC
// services, of which there is one today, the Lobby; categories will add more.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "accounts/account_store.h"
#include "base/result.h"
#include "bridge/c2s/config.h"
#include "db/content.h"
#include "muc/service.h"
#include "src/config/config.h"
#include "xmpp/element.h"

namespace server {

inline std::string first_service(const Config& config) { return "chat." + config.domain; }

// `admins`: bare JIDs.
muc::ServiceConfig lobby(const Config& config, const db::Secrets& secrets,
                         std::vector<xmpp::Jid> admins);

// Whom to turn to, as a form of disco#info (XEP-0157); nullopt if nobody is named.
std::optional<xmpp::Element> contact_form(const Config& config);

// The accounts made with --admin, who may administer besides those that the configuration names.
// The error is a sentence.
base::Result<std::vector<xmpp::Jid>, std::string> made_admins(const Config& config,
                                                              accounts::AccountStore& accounts);

// What rooms keep of their history, those without a rule of their own.
db::KeepRules keep_rules(const Config& config);

bridge::c2s::Config c2s_config(const Config& config, const db::Secrets& secrets);

}  // namespace server
