// SPDX-License-Identifier: Apache-2.0
// Large rooms: above limits.large_room_occupants the others are not told who comes, but for
// moderators and those who speak. Below four fifths of it all are shown again, some at a time.
#include "muc/feature.h"

namespace muc {
namespace {

Sight sight(const Room& room, const Occupant& occupant) {
  return room.crowded && occupant.role != Role::moderator ? Sight::when_it_speaks : Sight::shown;
}

void disco(const Room& room, DiscoInfo& info) {
  if (!room.crowded) return;
  info.roominfo.push_back({.var = "hansard#large_room",
                           .type = xmpp::FieldType::boolean,
                           .label = "Only moderators and those who speak are shown",
                           .values = {"1"}});
}

}  // namespace

extern const Feature large_room_feature{
    .name = "large_room", .spec = "XEP-0045 7.2.2", .disco = disco, .sight = sight};

}  // namespace muc
