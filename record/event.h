// SPDX-License-Identifier: Apache-2.0
// Event: something that happened and must be on record before anybody sees its effect. The rules
// make events; the writer numbers them within their source, builds the leaf and derives state,
// history and outbox rows from them in one transaction (db/writer/derive/derive.h). There is no
// other "save".
//
// To add an event: its number in codes.h, its line of the table in codes.cpp, its struct here, its
// leaf in details.cpp and, if it changes stored state, its rows in db/writer/derive/derive.cpp.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/time.h"
#include "record/codes.h"
#include "record/personal.h"
#include "xmpp/jid.h"
#include "xmpp/scram.h"

namespace record {

// Who did it. `jid` never stands in a leaf: the writer turns it into a pseudonym.
struct Actor {
  xmpp::Jid jid;        // full or bare; empty for the server itself
  std::string session;  // opaque id of the session or of the stay in the room, "" if none
  Affiliation affiliation = Affiliation::none;
  Role role = Role::none;
};

// ---- room events -------------------------------------------------------------------------------

struct MessagePosted {
  static constexpr Code code = Code::message_posted;
  std::string nick;
  std::string stanza;     // canonical serialisation as relayed, without 'to'       (part)
  std::string body;       // text of <body/>, "" if none                            (part)
  std::string stanza_id;  // what the room put into <stanza-id/>
  std::string origin_id;  // the client's id
  bool is_private = false;
  std::string to_nick;  // private: whom to                                       (part)
  bool keep = true;     // goes into history (never for private ones)
};

// A message that says what an earlier one should have said (XEP-0308). It stands in history as any
// other; so does the one it corrects.
struct MessageCorrected : MessagePosted {
  static constexpr Code code = Code::message_corrected;
  std::int64_t target = 0;  // the number of the one corrected; 0: not known to the room
  std::string replaces;  // the id that the client gave for it       (part, if there is no target)
};

// A message that says which reactions somebody has to an earlier one (XEP-0444).
struct MessageReaction : MessagePosted {
  static constexpr Code code = Code::message_reaction;
  std::int64_t target = 0;  // as above
  std::string target_id;    // the id that the client gave for it                         (part)
};

// The author took a message back (XEP-0424); how it was asked for is an event of its own. The rules
// need not know whose message it is: if it is not the actor's, nothing becomes of it.
struct MessageRetracted {
  static constexpr Code code = Code::message_retracted;
  std::int64_t target = 0;  // the message's number
  // State only: what stands in history in its place, a serialised <retracted/>.
  std::string retracted;
};

// A moderator took a message back (XEP-0425).
struct MessageModerated {
  static constexpr Code code = Code::message_moderated;
  std::int64_t target = 0;
  std::string stanza;     // how everybody was told, in history too            (part)
  std::string stanza_id;  // of that
  std::string reason;     // (part)
  std::string retracted;  // as above
};

struct SubjectChanged {
  static constexpr Code code = Code::subject_changed;
  std::string nick;
  std::string stanza;   // (part)
  std::string subject;  // (part)
  std::string stanza_id;
};

struct OccupantJoined {
  static constexpr Code code = Code::occupant_joined;
  std::string nick;  // (part)
  std::int64_t history_first = 0, history_last = 0,
               history_count = 0;  // what was given out, numbers
};

struct OccupantLeft {
  static constexpr Code code = Code::occupant_left;
  std::string nick;  // (part)
  LeaveCause cause = LeaveCause::leave;
  bool synthesised = false;  // written after a crash for somebody whose end nobody saw
  base::Time last_seen{};    // synthesised: the latest time known
  xmpp::Jid by;              // kick, ban: who did it
  std::string reason;        // (part)
};

struct NickChanged {
  static constexpr Code code = Code::nick_changed;
  std::string old_nick, new_nick;  // (parts)
};

struct RoomCreated {
  static constexpr Code code = Code::room_created;
  xmpp::Jid room;                               // (part)
  std::map<std::string, std::string> settings;  // those that differ from the fallback
};

struct ConfigChanged {
  static constexpr Code code = Code::config_changed;
  struct Change {
    std::string key, old_value, new_value;
    bool secret = false;  // values are left out of the record, only that it changed
  };
  std::vector<Change> changes;  // free text: (parts)
};

struct RoomDestroyed {
  static constexpr Code code = Code::room_destroyed;
  std::string reason;  // (part)
  xmpp::Jid alternate;
};

struct AffiliationChanged {
  static constexpr Code code = Code::affiliation_changed;
  xmpp::Jid target;  // bare JID or domain
  Affiliation old_value = Affiliation::none, new_value = Affiliation::none;
  std::string reserved_nick;  // "" = none
  std::string reason;         // (part)
};

struct RoleChanged {
  static constexpr Code code = Code::role_changed;
  xmpp::Jid target;
  std::string nick;
  Role old_value = Role::none, new_value = Role::none;
  std::string reason;  // (part)
};

struct InvitationSent {
  static constexpr Code code = Code::invitation_sent;
  xmpp::Jid target;    // whom to; as full as the inviter said
  std::string reason;  // (part)
  std::string thread;  // of the one-to-one chat that goes on in the room, "" if none    (part)
};

// By the one who had been invited: the actor.
struct InvitationAnswered {
  static constexpr Code code = Code::invitation_answered;
  xmpp::Jid target;    // who had sent the invitation
  std::string result;  // "declined"
  std::string reason;  // (part)
};

// What a room keeps about somebody besides the affiliation: a registration that waits, voice, hats.
struct PersonChanged {
  static constexpr Code code = Code::person_changed;
  struct Change {
    std::string key, old_value, new_value;  // values: (parts); "": nothing is kept
  };
  xmpp::Jid target;  // bare JID
  std::vector<Change> changes;
};

// What the room shows of itself (XEP-0054, XEP-0486).
struct RoomVcardChanged {
  static constexpr Code code = Code::room_vcard_changed;
  std::vector<std::string> hashes;  // of its photos, in order
  std::string vcard;                // serialised, "" = none any more                 (part)
};

// A visitor asks for voice (XEP-0045 7.13), or a moderator answers that.
struct VoiceRequested {
  static constexpr Code code = Code::voice_requested;
  std::string phase;  // "asked", "granted", "declined"
  xmpp::Jid target;   // answered: who had asked
};

// ---- reads and refusals ------------------------------------------------------------------------

struct HistoryViewed {
  static constexpr Code code = Code::history_viewed;
  std::string via;  // "join", "mam"
  std::int64_t first = 0, last = 0, count = 0;
};

// A list or a form was given out: whose affiliations, who is inside with a role, which rooms.
struct ListRead {
  static constexpr Code code = Code::list_read;
  std::string what;  // "members"
  std::int64_t count = 0;
};

// What was not let happen. Many of one person in one room become one (muc/refusals.h).
struct JoinRefused {
  static constexpr Code code = Code::join_refused;
  std::string cause;       // the error condition
  std::string to;          // as addressed; "" of several                                   (part)
  std::int64_t count = 1;  // aggregated
};

struct MessageRejected {
  static constexpr Code code = Code::message_rejected;
  std::string cause, about;  // the error condition; "message", "private", "subject" …
  std::int64_t bytes = 0;
  std::string to;             // as above                                                   (part)
  std::string stanza;         // "" of several, and where secrets may stand in it           (part)
  std::string stanza_sha256;  // of the whole, in hex, if `stanza` is cut
  std::int64_t count = 1;     // aggregated
};

// ---- between accounts -------------------------------------------------------------------------

// From one account's client (the actor) to an account: said outside of rooms.
struct DirectMessage {
  static constexpr Code code = Code::direct_message;
  xmpp::Jid to;           // as addressed, full or bare                             (part)
  std::string stanza;     // canonical serialisation as delivered                   (part)
  std::string body;       // text of <body/>, "" if none                            (part)
  std::string origin_id;  // the client's id                                        (part)
  // Whose own archives it goes into (XEP-0313), as they wanted it when it was said. State only.
  bool for_sender = false, for_recipient = false;
};

// An account's client has read in the account's own archive.
struct OwnArchiveViewed {
  static constexpr Code code = Code::own_archive_viewed;
  std::int64_t count = 0;
  base::Time first{}, last{};  // when these were said
};

// ---- accounts, administration, the server ------------------------------------------------------

struct AccountChanged {
  static constexpr Code code = Code::account_changed;
  enum class Action : std::uint8_t {
    added = 1,
    password = 2,
    disabled = 3,
    enabled = 4,
    removed = 5
  };
  Action action = Action::added;
  std::string localpart;  // (part)
  bool admin = false;     // added: may administer
  // State only, never in the leaf:
  std::optional<xmpp::ScramVerifiers> verifiers;  // added, password
  bool in_band = false;  // added: by whoever asked for the name, which no removed account may have
  std::optional<base::Time> made;  // password: only of the account that was made then
};

// The actor is the account that somebody tried to log in to, or nobody.
struct AuthRefused {
  static constexpr Code code = Code::auth_refused;
  std::string mechanism, cause;
  std::string ip;          // (part)
  std::int64_t count = 1;  // aggregated
};

struct SessionChanged {
  static constexpr Code code = Code::session_changed;
  bool opened = true;
  std::string cause;      // opened: "bound", "resumed"
  std::string mechanism;  // opened
  std::string ip;         // (part)
};

struct AdminCommand {
  static constexpr Code code = Code::admin_command;
  bool finished = false;  // started is recorded before the command acts, finished after
  std::string channel;    // "cli"
  std::string command;    // "user add"
  std::int64_t uid = -1;
  std::string result;  // finished: "done", "refused"
  std::int64_t count = 0;
  std::string arguments;  // without secrets (part)
};

struct ServerStarted {
  static constexpr Code code = Code::server_started;
  std::string version, boot;
  // Where the source before this one ended, so that its tail cannot be cut unseen.
  std::string previous_source;
  std::int64_t previous_sn = 0;
  std::string previous_hash;  // hex
};
struct ServerStopped {
  static constexpr Code code = Code::server_stopped;
  std::string cause;
};
struct CrashDetected {
  static constexpr Code code = Code::crash_detected;
  std::string source;
  base::Time last_seen{};
};

// Whether what is recorded reaches the archive, and what becomes of new messages if not.
struct ArchiveModeChanged {
  static constexpr Code code = Code::archive_mode_changed;
  std::string old_mode, new_mode, cause;
};

// The wall clock was set.
struct ClockStepped {
  static constexpr Code code = Code::clock_stepped;
  base::Micros delta = 0;
};

// How long a room's history is kept, of the room's own: "" as the server says, a number, or
// "unlimited". Only what is given changes. By an administrator; takes no number of the room, which
// need not be in memory.
struct RetentionChanged {
  static constexpr Code code = Code::retention_changed;
  std::optional<std::string> days, messages;
};

// At a start content and archive did not fit, for one source: one of them comes from an older copy.
struct RestoreDetected {
  static constexpr Code code = Code::restore_detected;
  enum class Older : std::uint8_t { content, archive };
  Older older = Older::content;
  std::string source;
  std::int64_t content_sn = 0, archive_sn = 0;  // the last each knew of it
  std::int64_t rooms = 0;                       // content: whose numbers were raised, in all
  std::int64_t lost_first = 0, lost_last = 0;   // archive: can never be handed to it
};

// A local group of users. What removing an account takes out of groups has no event of its own.
struct GroupChanged {
  static constexpr Code code = Code::group_changed;
  enum class Action : std::uint8_t {
    added = 1,
    removed = 2,  // with all its members
    member_added = 3,
    member_removed = 4
  };
  Action action = Action::added;
  std::string group;  // (part)
  xmpp::Jid member;   // member_added, member_removed: bare (part)
};

// The message that the event is, if it is one.
template <class Body>
const MessagePosted* message_of(const Body& body) {
  return std::visit(
      [](const auto& b) -> const MessagePosted* {
        if constexpr (std::is_convertible_v<decltype(&b), const MessagePosted*>) return &b;
        return nullptr;
      },
      body);
}

using Body = std::variant<
    MessagePosted, MessageCorrected, MessageReaction, MessageRetracted, MessageModerated,
    SubjectChanged, OccupantJoined, OccupantLeft, NickChanged, RoomCreated, ConfigChanged,
    RoomDestroyed, AffiliationChanged, RoleChanged, InvitationSent, InvitationAnswered,
    PersonChanged, RoomVcardChanged, VoiceRequested, HistoryViewed, ListRead, JoinRefused,
    MessageRejected, DirectMessage, OwnArchiveViewed, AccountChanged, AuthRefused, SessionChanged,
    AdminCommand, ServerStarted, ServerStopped, CrashDetected, ArchiveModeChanged, ClockStepped,
    RetentionChanged, RestoreDetected, GroupChanged, RosterChanged, PrivateXmlChanged, VcardChanged,
    PepNodeChanged, PepItemChanged, ArchivePreferencesChanged>;

struct Event {
  base::Time at;             // wall clock of the source
  std::int64_t room_id = 0;  // surrogate id, 0: not about a room
  // Room events: the number this event takes, dense from 1. Reads: the room's number at that
  // moment.
  std::int64_t number = 0;
  Actor actor;
  Body body;

  Code code() const {
    return std::visit([](const auto& b) { return std::decay_t<decltype(b)>::code; }, body);
  }
};

}  // namespace record
