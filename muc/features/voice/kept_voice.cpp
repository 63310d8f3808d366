// SPDX-License-Identifier: Apache-2.0
// Kept voice: in a moderated room voice that was granted to somebody without affiliation, or taken
// from a member, is so on the next visit too, by bare JID. It ends when another changes that
// person's affiliation, which says anew who speaks. While the room is not moderated nothing is
// added and nothing counts; what was kept counts again when the room is moderated again.
#include "muc/verbs/verbs.h"

namespace muc {
namespace {

constexpr std::string_view key = "voice";
constexpr std::string_view granted = "1", taken = "0";
const Setting<bool> moderated{.var = "muc#roomconfig_moderatedroom"};  // moderated.cpp declares it

Role initial_role(const Room& room, const xmpp::Jid& real, Affiliation affiliation, Role so_far) {
  if (affiliation >= Affiliation::admin || !room.settings.get(moderated)) return so_far;
  const auto kept = room.people.get(real, key);
  if (kept == granted) return std::max(so_far, Role::participant);
  return kept == taken ? Role::visitor : so_far;
}

// Only what differs from how the person enters anyway. If there is no place for more, voice is for
// this visit.
void on_role(Turn& turn, const record::Actor& who, const Occupant& occupant, const Role& now) {
  const Room& room = turn.room;
  if (!room.settings.get(moderated)) return;
  const bool speaks = now >= Role::participant;
  const bool usual = occupant.affiliation >= Affiliation::member;
  const xmpp::Jid real = occupant.real();
  std::string value;
  if (speaks != usual) value = speaks ? granted : taken;
  if (!value.empty() && room.people.get(real, key).empty() && !room.has_place_for(1)) return;
  keep(turn, who, real, {{key, value}});
}

// Nobody gets back by registering what a moderator took.
void on_affiliation(Turn& turn, const record::Actor& who, const xmpp::Jid& target) {
  if (who.jid.bare_str() == target.bare_str() && turn.room.people.get(target, key) == taken) return;
  keep(turn, who, target, {{key, ""}});
}

}  // namespace

extern const Feature kept_voice_feature{.name = "kept_voice",
                                        .spec = "XEP-0045 5.1",
                                        .initial_role = initial_role,
                                        .on_role = on_role,
                                        .on_affiliation = on_affiliation};

}  // namespace muc
