// SPDX-License-Identifier: Apache-2.0
// How much history one who enters may fetch.
#include "muc/feature.h"

namespace muc {
namespace {

const AnySetting settings[] = {max_history_fetch};

void disco(const Room& room, DiscoInfo& info) {
  info.roominfo.push_back({.var = std::string(max_history_fetch.var),
                           .label = std::string(max_history_fetch.label),
                           .values = {std::to_string(room.settings.get(max_history_fetch))}});
}

}  // namespace

extern const Feature history_fetch_feature{
    .name = "history_fetch", .spec = "XEP-0045 7.2.14", .settings = settings, .disco = disco};

}  // namespace muc
