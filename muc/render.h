// SPDX-License-Identifier: Apache-2.0
// What a room says about its occupants, as text ready to send. An occupant's available presence is
// written once, as ordinary occupants of the room see it, and kept: who enters a room of a thousand
// is given a thousand references. Where real JIDs are for moderators only, theirs is that text with
// the JID put in.
#pragma once

#include <string>
#include <string_view>

#include "muc/state/room.h"
#include "muc/state/status.h"
#include "muc/turn.h"
#include "xmpp/element.h"

namespace muc {

// The children of a presence that go through to others, canonical.
std::string presence_payload(const xmpp::Element& presence);

// How a presence of an occupant differs from its usual one.
struct Shape {
  Codes codes = {};
  std::string_view id = {};
  // Unavailable for good: no role any more.
  bool unavailable = false;
  bool inside = false;             // unavailable, but only out of sight: its role is what it was
  std::string_view farewell = {};  // unavailable: what it says in place of the last presence
  std::string_view new_nick = {};  // unavailable: is now known as
  std::string_view actor_nick = {};
  std::string_view reason = {};
};

// The presence of `session` or, if null, of the occupant's primary session.
base::Payload render(const Room& room, const Occupant& occupant, const Shape& shape, bool with_jid,
                     const Session* session = nullptr);
// Where everybody sees real JIDs both are the same.
Variants render_both(const Room& room, const Occupant& occupant, const Shape& shape);

// Writes the kept presence anew, after anything in it changed or who sees real JIDs.
void refresh(const Room& room, Occupant& occupant);
// The kept presence for one who sees real JIDs or does not; for everybody.
base::Payload kept_with_jid(const Occupant& occupant);
inline base::Payload kept(const Room& room, const Occupant& occupant, bool sees_jid) {
  return sees_jid && !room.shows_jids ? kept_with_jid(occupant) : occupant.presence;
}
Variants kept(const Room& room, const Occupant& occupant);

// A presence to one who is not, or no longer, inside: role none, these codes.
xmpp::Element outsider_presence(const xmpp::Jid& occupant_jid, Affiliation affiliation,
                                const Codes& codes);
// A message of the room itself that says only status codes (XEP-0045 10.2.1).
xmpp::Element status_message(const Room& room, const Codes& codes);

xmpp::Element status_element(Status status);

}  // namespace muc
