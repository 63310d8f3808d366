// SPDX-License-Identifier: Apache-2.0
// The MUC services of this server. Today there is one, the Lobby; categories will add more.
#pragma once

#include <string>

#include "db/content.h"
#include "muc/service.h"
#include "src/config/config.h"

namespace server {

inline std::string first_service(const Config& config) { return "chat." + config.domain; }

muc::ServiceConfig lobby(const Config& config, const db::Secrets& secrets);

}  // namespace server
