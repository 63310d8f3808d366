// SPDX-License-Identifier: Apache-2.0
// Persistent rooms stay when the last occupant has left; others end then.
#include "muc/verbs/verbs.h"

namespace muc {
namespace {

const Setting<bool> persistent{.var = "muc#roomconfig_persistentroom",
                               .fallback = true,
                               .label = "The room stays when everybody has left"};
const AnySetting settings[] = {persistent};

void disco(const Room& room, DiscoInfo& info) {
  info.features.emplace_back(room.settings.get(persistent) ? "muc_persistent" : "muc_temporary");
}

void on_left(Turn& turn) {
  if (turn.room.occupants.empty() && !turn.room.settings.get(persistent)) destroy(turn, {}, {});
}

}  // namespace

extern const Feature persistent_feature{.name = "persistent",
                                        .spec = "XEP-0045 7.14",
                                        .settings = settings,
                                        .disco = disco,
                                        .on_left = on_left};

}  // namespace muc
