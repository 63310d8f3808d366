// SPDX-License-Identifier: Apache-2.0
#include "muc/state/room.h"

#include <algorithm>

#include "muc/feature.h"
#include "muc/history/ids.h"
#include "xmpp/ns.h"
#include "xmpp/parser/read_stanza.h"

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

bool Room::has_place_for(std::size_t more) const {
  return more == 0 ||
         affiliations.size() + people.size() + more <= world.config.limits.room_affiliations;
}

Affiliation Room::affiliation_of(const xmpp::Jid& real) const {
  for (const auto& admin : world.config.admins)
    if (admin.str() == real.bare_str()) return Affiliation::owner;
  return affiliations.of(real);
}

std::string Room::occupant_id(const Occupant& occupant) const {
  return make_occupant_id(world.config.secrets.occupant_id_key, jid, occupant.sessions.front().jid);
}

std::string Room::stanza_id(std::int64_t event_number) const {
  return make_stanza_id(world.config.secrets.id_key, {id, event_number});
}

std::optional<std::int64_t> Room::number_named(std::string_view named) const {
  const auto read = read_stanza_id(world.config.secrets.id_key, named);
  if (!read || read->room_id != id || read->number > number) return std::nullopt;
  return read->number;
}

bool Room::is_current_subject(std::int64_t event_number) const {
  if (subject.stanza.empty()) return false;
  const auto message = xmpp::read_stanza(subject.stanza);
  bool same = false;
  if (message)
    message->for_each_child([&](const xmpp::Element& child) {
      if (child.is("stanza-id", xmpp::ns::stanza_id) && child.attr("by") == jid.str())
        same = number_named(child.attr("id")) == event_number;
    });
  return same;
}

void Room::refresh_settings() {
  const auto features = all_features();
  shows_jids = std::any_of(features.begin(), features.end(), [this](const Feature* f) {
    return f->shows_jids != nullptr && f->shows_jids(*this);
  });
}

}  // namespace muc
