// SPDX-License-Identifier: Apache-2.0
// Whose presence is broadcast: of the roles that the room says. The others are inside, hear and, if
// they may, speak; nobody is told of them.
#include <algorithm>

#include "muc/feature.h"
#include "muc/turn.h"

namespace muc {
namespace {

constexpr Option roles[] = {
    {"moderator", "Moderators"}, {"participant", "Participants"}, {"visitor", "Visitors"}};
const Setting<std::vector<std::string>> presence_broadcast{
    .var = "muc#roomconfig_presencebroadcast",
    .fallback = {"moderator", "participant", "visitor"},
    .label = "Roles whose presence is shown to everybody",
    .options = roles};
const AnySetting settings[] = {presence_broadcast};

Sight sight(const Room& room, const Occupant& occupant) {
  if (!room.settings.differs(presence_broadcast)) return Sight::shown;
  const auto shown = room.settings.get(presence_broadcast);
  const bool is_shown = std::ranges::find(shown, record::name(occupant.role)) != shown.end();
  return is_shown ? Sight::shown : Sight::hidden;
}

// Told once the room has said what changed (after_leaving).
void on_config(Turn& turn, const Settings& before) {
  if (before.text(settings[0]) != turn.room.settings.text(settings[0])) turn.room.unsettled = true;
}

}  // namespace

extern const Feature presence_broadcast_feature{.name = "presence_broadcast",
                                                .spec = "XEP-0045 5.1, 7.2.2",
                                                .settings = settings,
                                                .sight = sight,
                                                .on_config = on_config};

}  // namespace muc
