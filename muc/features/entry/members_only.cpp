// SPDX-License-Identifier: Apache-2.0
// Members-only rooms: who is not at least a member does not enter, and has to go when a room
// becomes one. Admins invite others and so make them members; members only if the room says so.
#include "muc/verbs/verbs.h"

namespace muc {
namespace {

const Setting<bool> members_only{.var = "muc#roomconfig_membersonly",
                                 .label = "Only members may enter"};
const Setting<bool> allow_invites{.var = "muc#roomconfig_allowinvites",
                                  .label = "Members may invite others and so make them members"};
const AnySetting settings[] = {members_only, allow_invites};

void disco(const Room& room, DiscoInfo& info) {
  info.features.emplace_back(room.settings.get(members_only) ? "muc_membersonly" : "muc_open");
}

Refusal gate_access(const Room& room, const xmpp::Jid&, Affiliation affiliation) {
  if (affiliation >= Affiliation::member || !room.settings.get(members_only)) return std::nullopt;
  return xmpp::StanzaError{xmpp::Condition::registration_required,
                           "Only members may enter this room."};
}

// 7.8.2, 9.5. In a room open to all, everybody may invite.
Refusal gate_invitation(const Room& room, const Occupant& inviter) {
  if (!room.settings.get(members_only) || room.settings.get(allow_invites)) return std::nullopt;
  if (inviter.affiliation >= Affiliation::admin) return std::nullopt;
  return xmpp::StanzaError{xmpp::Condition::forbidden, "Only admins invite people into this room."};
}

void on_config(Turn& turn, const Settings& before) {
  Room& room = turn.room;
  if (before.get(members_only) || !room.settings.get(members_only)) return;
  std::vector<Occupant*> strangers;
  for (const auto& occupant : room.occupants)
    if (occupant->affiliation < Affiliation::member) strangers.push_back(occupant.get());
  for (Occupant* stranger : strangers)
    turn.broadcast(
        evict(turn, *stranger,
              {.cause = record::LeaveCause::members_only, .codes = {Status::now_members_only}}));
}

}  // namespace

extern const Feature members_only_feature{.name = "members_only",
                                          .spec = "XEP-0045 7.2.6, 7.8.2, 9.5",
                                          .settings = settings,
                                          .disco = disco,
                                          .gate_access = gate_access,
                                          .gate_invitation = gate_invitation,
                                          .on_config = on_config};

}  // namespace muc
