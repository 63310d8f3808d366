// SPDX-License-Identifier: Apache-2.0
// A room comes into being when somebody enters one that does not exist, XEP-0045 7.2.11 and 10.1.1:
// its creator is owner and alone until it has been configured or accepted as it is.
#include "muc/verbs/verbs.h"

namespace muc {

void create(Turn& turn, const Incoming& in) {
  Room& room = turn.room;
  room.settings.set(locked, SettingText::write(true));
  room.refresh_settings();

  const record::Actor creator{in.from, {}, Affiliation::none, Role::none};
  const auto& stored = room.settings.stored();
  turn.record(creator, record::RoomCreated{room.jid, {stored.begin(), stored.end()}});
  room.affiliations.set(in.from, Affiliation::owner);
  turn.record(creator, record::AffiliationChanged{.target = in.from.bare(),
                                                  .old_value = Affiliation::none,
                                                  .new_value = Affiliation::owner});
  enter(turn, in, {Status::room_created});
}

}  // namespace muc
