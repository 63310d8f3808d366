// SPDX-License-Identifier: Apache-2.0
// Public rooms are listed; hidden ones are not, and are not told of to those who may not enter.
#include "muc/feature.h"

namespace muc {
namespace {

const Setting<bool> public_room{.var = "muc#roomconfig_publicroom",
                                .fallback = true,
                                .label = "Listed in the directory of rooms"};
const AnySetting settings[] = {public_room};

bool hides(const Room& room) { return !room.settings.get(public_room); }

void disco(const Room& room, DiscoInfo& info) {
  info.features.emplace_back(hides(room) ? "muc_hidden" : "muc_public");
}

}  // namespace

extern const Feature public_room_feature{.name = "public_room",
                                         .spec = "XEP-0045 6.3",
                                         .settings = settings,
                                         .disco = disco,
                                         .hides = hides};

}  // namespace muc
