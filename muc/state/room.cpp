// SPDX-License-Identifier: Apache-2.0
#include "muc/state/room.h"

#include <algorithm>

#include "muc/feature.h"

namespace muc {

const Setting<bool> locked{.var = "hansard#locked", .label = "Locked", .internal = true};

Room::Room(const World& shared, xmpp::Jid room_jid, std::int64_t room_id, base::Time created)
    : world(shared),
      jid(std::move(room_jid)),
      id(room_id),
      created_at(created),
      ring(shared.config.limits.history_on_join, shared.config.limits.history_bytes) {
  refresh_settings();
}

Affiliation Room::affiliation_of(const xmpp::Jid& real) const {
  for (const auto& admin : world.config.admins)
    if (admin.str() == real.bare_str()) return Affiliation::owner;
  return affiliations.of(real);
}

void Room::refresh_settings() {
  const auto features = all_features();
  shows_jids = std::any_of(features.begin(), features.end(), [this](const Feature* f) {
    return f->shows_jids != nullptr && f->shows_jids(*this);
  });
}

}  // namespace muc
