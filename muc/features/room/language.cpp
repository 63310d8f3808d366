// SPDX-License-Identifier: Apache-2.0
// The language spoken in the room.
#include "muc/feature.h"

namespace muc {
namespace {

const Setting<std::string> language{
    .var = "muc#roomconfig_lang", .label = "Language", .bytes_max = 35};
const AnySetting settings[] = {language};

void disco(const Room& room, DiscoInfo& info) {
  const auto spoken = room.settings.get(language);
  if (spoken.empty()) return;
  info.roominfo.push_back({.var = "muc#roominfo_lang", .label = "Language", .values = {spoken}});
}

}  // namespace

extern const Feature language_feature{
    .name = "language", .spec = "XEP-0045 6.4", .settings = settings, .disco = disco};

}  // namespace muc
