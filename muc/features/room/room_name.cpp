// SPDX-License-Identifier: Apache-2.0
// The room's name for people.
#include "muc/feature.h"

namespace muc {
namespace {

const Setting<std::string> room_name{.var = "muc#roomconfig_roomname", .label = "Name"};
const AnySetting settings[] = {room_name};

void disco(const Room& room, DiscoInfo& info) {
  if (auto name = room.settings.get(room_name); !name.empty()) info.name = std::move(name);
}

}  // namespace

extern const Feature room_name_feature{
    .name = "room_name", .spec = "XEP-0045 6.4", .settings = settings, .disco = disco};

}  // namespace muc
