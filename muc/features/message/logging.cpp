// SPDX-License-Identifier: Apache-2.0
// History, or logging as XEP-0045 calls it: what is said is kept, and whoever may enter can read it
// (archive.cpp), so everybody who enters is told. Switched off, messages pass and are not kept;
// what was kept before stays. Subjects are part of the room, what moderators take back is on show
// as long as the message was, and the record is another matter.
#include "muc/feature.h"

namespace muc {
namespace {

const AnySetting settings[] = {keeps_history};

void entry_codes(const Room& room, Codes& codes) {
  if (room.settings.get(keeps_history)) codes.push_back(Status::logged);
}

}  // namespace

extern const Feature logging_feature{.name = "logging",
                                     .spec = "XEP-0045 7.2.12, 10.2.1, 14.3",
                                     .settings = settings,
                                     .entry_codes = entry_codes};

}  // namespace muc
