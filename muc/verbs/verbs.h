// SPDX-License-Identifier: Apache-2.0
// What can happen in a room: one function for each verb of XEP-0045, each in a file of its name.
// They change the room and put what follows into the turn.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "muc/feature.h"
#include "muc/render.h"
#include "muc/state/room.h"
#include "muc/turn.h"
#include "record/codes.h"

namespace muc {

// ---- enter.cpp (7.2)
// Somebody who is not inside sent presence. `codes`: what the self-presence says besides the usual.
void enter(Turn& turn, const Incoming& in, Codes codes = {});
// Presence without <x xmlns='…muc'/> from one who thinks it is inside (7.2.18).
xmpp::Element desync_kick(const Incoming& in);

// ---- entry.cpp
// Everything one who enters is told: occupants, itself, history, subject.
struct Entry {
  const Occupant& occupant;
  const Session& session;
  Codes codes;          // besides 110 and those of the features
  std::string_view id;  // of the presence it answers
};
void tell_occupants(Turn& turn, const Entry& entry);
void tell_history(Turn& turn, const Entry& entry, HistoryPlan plan);
std::vector<base::Payload> subject_on_entry(const Room& room);

// ---- create.cpp (10.1)
void create(Turn& turn, const Incoming& in);

// ---- leave.cpp (7.14, 8.2, 9.1, 11)
void leave(Turn& turn, const Incoming& in);

// Why somebody is put out, and what is said about it.
struct Eviction {
  record::LeaveCause cause = record::LeaveCause::kick;
  Codes codes = {};
  xmpp::Jid by = {};
  std::string actor_nick = {};
  std::string reason = {};
};
// Takes out all sessions of the occupant and tells them; what the others are to be told is
// returned.
Variants evict(Turn& turn, Occupant& occupant, const Eviction& eviction);
// Takes out one session of several; the occupant stays.
void evict_session(Turn& turn, Occupant& occupant, const xmpp::Jid& real, const Eviction& eviction);
// After people have gone: rooms that do not outlive that end here.
void after_leaving(Turn& turn);

// ---- everybody_out.cpp
// One presence to each session: it is out, and why. Nobody else is told about it, nothing recorded.
void tell_all_out(Turn& turn, Status why);
// The end of the visit for everybody and, as after the last has left, of rooms that do not outlive
// it; an unconfigured one does not outlive its creator's (XEP-0045 10.1.3).
void all_leave(Turn& turn);

// ---- nick_change.cpp (7.6), presence.cpp (7.7, 17.3)
void change_nick(Turn& turn, const Incoming& in, Occupant& occupant);
// All sessions of the occupant have this nick from now on, which the room has chosen and nobody
// else holds; everybody who knows the occupant is told so (210).
void give_nick(Turn& turn, Occupant& occupant, const std::string& nick);
void update_presence(Turn& turn, const Incoming& in, Occupant& occupant);
void resync(Turn& turn, const Incoming& in, Occupant& occupant);
// What the room hands on of somebody's presence, in order of its children.
std::string relayed_presence(const Room& room, const xmpp::Element& stanza);
// Tells everybody what the occupant's presence is now, itself with 110.
void announce(Turn& turn, Occupant& occupant);

// ---- sight.cpp (7.2.2)
// How far the others see the occupant: as much as the least of the features lets them.
Sight sight_of(const Room& room, const Occupant& occupant);
bool is_to_be_shown(const Room& room, const Occupant& occupant);
// What the others are told of one who stays inside unseen: as if it had left, but with its role.
Variants out_of_sight(const Room& room, const Occupant& occupant);
// Its presence as it is now, to the others; or that it is out of their sight from now on.
void tell_presence(Turn& turn, Occupant& occupant);
// Before others hear of it by what it says: from now on it is seen, unless the room hides it.
void make_seen(Turn& turn, const Occupant& occupant);
// After somebody came or went: whether the room is large now.
void note_size(Turn& turn);
// Where the room is unsettled, shows and hides some of those who are to be, every now and then.
void settle_sight(Turn& turn);

// ---- groupchat.cpp (7.4), subject.cpp (8.1), private_message.cpp (7.5), bounce.cpp (18.1.2)
void groupchat(Turn& turn, Incoming in);
bool is_subject_change(const xmpp::Element& message);
void change_subject(Turn& turn, const Incoming& in, const Occupant& occupant);
void private_message(Turn& turn, const Incoming& in);
void bounce(Turn& turn, const Incoming& in);
// `stanza` as the room relays it for `from`: forged elements and addresses out, its own in.
xmpp::Element relayed(const Room& room, const Occupant& from, const xmpp::Element& stanza);

// said.cpp: what the message, as it is relayed, is on record.
record::Body said(const Room& room, const Occupant& author, const xmpp::Element& message,
                  record::MessagePosted event);

// ---- invite.cpp, decline.cpp (7.8.2)
// Whether the message's <x xmlns='…muc#user'/> has an <invite/> or a <decline/>.
bool has_invitation_part(const xmpp::Element& message, std::string_view name);
void invite(Turn& turn, const Incoming& in);
void decline(Turn& turn, const Incoming& in);
// An error from where an invitation may have gone to.
void invitation_bounced(Turn& turn, const Incoming& in);

// ---- affiliation.cpp (5.2, 9, 10), role.cpp (5.1, 8)
struct AffiliationChange {
  xmpp::Jid target;  // bare JID or domain
  Affiliation to = Affiliation::none;
  std::optional<std::string> nick = {};  // reserved nick; "" clears it
  std::string reason = {};
};
struct RoleChange {
  std::string nick;
  Role to = Role::none;
  std::string reason = {};
};
// Told to everybody (but those concerned) once the one who asked has been answered.
struct Telling {
  Variants variants;
  std::optional<OccupantNumber> except = {};
};
using Later = std::vector<Telling>;
void tell(Turn& turn, Later& later);

Refusal may_change(const Room& room, const xmpp::Jid& actor, const AffiliationChange& change);
Refusal may_change(const Room& room, const xmpp::Jid& actor, const RoleChange& change);
void apply(Turn& turn, const xmpp::Jid& actor, const AffiliationChange& change, Later& later);
void apply(Turn& turn, const xmpp::Jid& actor, const RoleChange& change, Later& later);
// The occupant has this role and affiliation from now on; its sessions are told, the others later.
struct Standing {
  Affiliation affiliation = Affiliation::none;
  Role role = Role::none;
  std::string_view actor_nick = {};
  std::string_view reason = {};
};
void reassign(Turn& turn, Occupant& occupant, const Standing& standing, Later& later);
// Who does something, as others are told: "" if not inside, or not to be seen.
std::string nick_of(const Room& room, const xmpp::Jid& real);
Role role_on_entry(const Room& room, const xmpp::Jid& real, Affiliation affiliation);
// The role after the affiliation became `now`: raised or lowered as far as it must.
Role role_after(const Room& room, const Occupant& occupant, Affiliation now);

// keep.cpp: puts it on record and into room.people, by bare JID; "" takes it away. Whether there is
// place for it (Room::has_place_for) is asked before.
using Kept = std::vector<std::pair<std::string_view, std::string>>;  // key, value
void keep(Turn& turn, const record::Actor& actor, const xmpp::Jid& target, const Kept& values);

// Of what an owner, an admin or a moderator says when somebody or the room has to go.
inline constexpr std::size_t reason_bytes_max = 4096;

// invite.cpp (9.5): who gets into a members-only room by this change, and is told so, unless
// `admin` has sent too many invitations by then.
bool to_be_invited(const Room& room, const AffiliationChange& change);
void invite_members(Turn& turn, const xmpp::Jid& admin, const std::vector<xmpp::Jid>& members);

// ---- admin.cpp (muc#admin), config.cpp (muc#owner), destroy.cpp (10.9)
void admin_request(Turn& turn, const Incoming& in);
void owner_request(Turn& turn, const Incoming& in);
struct Destruction {
  std::string reason = {};
  xmpp::Jid alternate = {};
  std::string password = {};  // of the alternate; never recorded
};
void destroy(Turn& turn, const record::Actor& actor, const Destruction& what);

// ---- disco.cpp (6), iq_relay.cpp (17.4)
bool may_know_of(const Room& room, const xmpp::Jid& real);  // hidden rooms: as if not there
void room_info(Turn& turn, const Incoming& in);
void room_items(Turn& turn, const Incoming& in);
void relay_request(Turn& turn, const Incoming& in);
// What one who is not inside is told who asks an occupant: 6.6, XEP-0410.
xmpp::StanzaError outsider_error(const xmpp::Element& iq);
void relay_answer(Turn& turn, const Incoming& in);
void forget_relays(Turn& turn, const xmpp::Jid& real);  // its session has gone
void time_out_relays(Turn& turn);                       // who asked long ago is told so
void give_up_relays(Turn& turn);                        // the room goes: all who asked are told

// ---- dispatch.cpp
void dispatch(Turn& turn, Incoming in);
// The answer to a stanza for a room that does not exist (and is not made by it), if any.
std::optional<xmpp::Element> answer_without_room(const Incoming& in);
// Means nothing to a room that nobody is in; not worth reading one for.
bool concerns_occupants_only(const xmpp::Element& stanza);
// Whether an IQ set to a room leads to something on record, if it is not refused.
bool set_needs_record(const xmpp::Element& iq);
// Whether the stanza asks to enter a room under some nick.
bool asks_to_enter(const Incoming& in);

}  // namespace muc
