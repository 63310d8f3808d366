// SPDX-License-Identifier: Apache-2.0
#include <utility>

#include "muc/verbs/verbs.h"
#include "xmpp/ns.h"
#include "xmpp/writer.h"

namespace muc {

void tell_all_out(Turn& turn, Status why) {
  for (const auto& occupant : turn.room.occupants) {
    xmpp::Element presence =
        outsider_presence(occupant->jid, occupant->affiliation, {Status::self_presence, why});
    for_each_hook<&Feature::decorate_presence>(std::as_const(turn.room), *occupant, presence);
    const auto payload = xmpp::to_payload(presence, xmpp::ns::client);
    for (const auto& session : occupant->sessions) turn.send(session.jid, payload);
  }
}

void all_leave(Turn& turn) {
  Room& room = turn.room;
  for (const auto& occupant : room.occupants)
    for (const auto& session : occupant->sessions)
      turn.record(
          actor_of(*occupant, session),
          record::OccupantLeft{.nick = occupant->nick(), .cause = record::LeaveCause::shutdown});
  tell_all_out(turn, Status::service_shutdown);
  room.occupants.clear();
  after_leaving(turn);
  if (!room.destroyed && room.settings.get(locked)) destroy(turn, {}, {});
}

}  // namespace muc
