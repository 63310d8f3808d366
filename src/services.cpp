// SPDX-License-Identifier: Apache-2.0
#include "src/services.h"

#include <algorithm>
#include <utility>

namespace server {

muc::ServiceConfig lobby(const Config& config, const db::Secrets& secrets,
                         std::vector<xmpp::Jid> admins) {
  muc::ServiceConfig service{.domain = first_service(config), .name = "Lobby"};
  service.limits.nick_bytes = config.limits.nick_bytes;
  service.limits.room_occupants = config.limits.room_occupants;
  service.limits.room_affiliations = config.limits.room_affiliations;
  service.limits.rooms_per_owner = config.limits.rooms_per_owner;
  service.limits.history_on_join = config.limits.history_on_join;
  service.limits.history_max = std::max(service.limits.history_max, config.limits.history_on_join);
  service.secrets = {.id_key = secrets.id_key, .occupant_id_key = secrets.occupant_id_key};
  service.admins = std::move(admins);
  return service;
}

base::Result<std::vector<xmpp::Jid>, std::string> room_admins(const Config& config,
                                                              accounts::AccountStore& accounts) {
  constexpr std::size_t page = 1000;
  std::vector<xmpp::Jid> admins;
  for (const auto& jid : admin_jids(config)) admins.push_back(jid.bare());
  std::string after;
  for (;;) {
    const auto found = accounts.list(after, page);
    if (!found) return base::fail(std::string("the accounts cannot be read from the database"));
    for (const auto& account : *found)
      if (account.admin)
        if (auto jid = xmpp::Jid::from_parts(account.localpart, config.domain))
          admins.push_back(std::move(*jid));
    if (found->size() < page) return admins;
    after = found->back().localpart;
  }
}

}  // namespace server
