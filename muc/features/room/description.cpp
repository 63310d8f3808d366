// SPDX-License-Identifier: Apache-2.0
// What the room is about.
#include "muc/feature.h"

namespace muc {
namespace {

const Setting<std::string> description{.var = "muc#roomconfig_roomdesc", .label = "Description"};
const AnySetting settings[] = {description};

void disco(const Room& room, DiscoInfo& info) {
  info.roominfo.push_back({.var = "muc#roominfo_description",
                           .label = "Description",
                           .values = {room.settings.get(description)}});
}

}  // namespace

extern const Feature description_feature{
    .name = "description", .spec = "XEP-0045 6.4", .settings = settings, .disco = disco};

}  // namespace muc
