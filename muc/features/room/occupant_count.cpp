// SPDX-License-Identifier: Apache-2.0
// How many are inside; not who.
#include "muc/feature.h"

namespace muc {
namespace {

void disco(const Room& room, DiscoInfo& info) {
  info.roominfo.push_back({.var = "muc#roominfo_occupants",
                           .label = "Number of occupants",
                           .values = {std::to_string(room.occupants.size())}});
}

}  // namespace

extern const Feature occupant_count_feature{
    .name = "occupant_count", .spec = "XEP-0045 6.4", .disco = disco};

}  // namespace muc
