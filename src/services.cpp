// SPDX-License-Identifier: Apache-2.0
#include "src/services.h"

#include <algorithm>

namespace server {

muc::ServiceConfig lobby(const Config& config, const db::Secrets& secrets) {
  muc::ServiceConfig service{.domain = first_service(config), .name = "Lobby"};
  service.limits.nick_bytes = config.limits.nick_bytes;
  service.limits.room_occupants = config.limits.room_occupants;
  service.limits.room_affiliations = config.limits.room_affiliations;
  service.limits.rooms_per_owner = config.limits.rooms_per_owner;
  service.limits.history_on_join = config.limits.history_on_join;
  service.limits.history_max = std::max(service.limits.history_max, config.limits.history_on_join);
  service.secrets = {.id_key = secrets.id_key, .occupant_id_key = secrets.occupant_id_key};
  for (const auto& admin : config.admins)
    if (auto jid = xmpp::Jid::parse(admin)) service.admins.push_back(jid->bare());
  return service;
}

}  // namespace server
