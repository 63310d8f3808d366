// SPDX-License-Identifier: Apache-2.0
#include "record/codes.h"

#include <algorithm>
#include <array>

#include "base/check.h"

namespace record {
namespace {

constexpr std::array codes{
    CodeInfo{Code::message_posted, "message.posted", Class::room,
             "`kind` groupchat/private, `keep` (went into history), `stanza_id`",
             "(body), stanza, (origin_id), (to_nick)"},
    CodeInfo{Code::message_corrected, "message.corrected", Class::room,
             "as 101; `target_rn`: the number of the message that is corrected, where the room "
             "remembers it",
             "(body), stanza, (origin_id), (to_nick), (replaces): the id named by the client, if "
             "`target_rn` is not there"},
    CodeInfo{Code::message_retracted, "message.retracted", Class::room,
             "`target_rn`: the message's number; it counts if the actor is the message's own", ""},
    CodeInfo{Code::message_moderated, "message.moderated", Class::room,
             "`target_rn`, `stanza_id` of what everybody was told", "stanza, (reason)"},
    CodeInfo{
        Code::message_reaction, "message.reaction", Class::room,
        "as 101; `target_rn`: the number of the message reacted to, if the id is one of the room's",
        "(body), stanza, (origin_id), (to_nick), target: the id reacted to"},
    CodeInfo{
        Code::message_rejected, "message.rejected", Class::read,
        "`cause`: the error condition, `about`: what was refused, `bytes` of the stanza, `n`: see "
        "below; `stanza_sha256` (hex) of the whole if it is cut",
        "(full_jid), (to), (stanza)"},
    CodeInfo{Code::subject_changed, "subject.changed", Class::room, "`stanza_id`",
             "subject, stanza"},
    CodeInfo{Code::direct_message, "message.direct", Class::account, "`to`: pseudonym",
             "full_jid, to, (body), stanza, (origin_id)"},
    CodeInfo{Code::occupant_joined, "occupant.joined", Class::room,
             "`history_n`; if not 0 `history_from_rn`, `history_to_rn`", "nick, (full_jid)"},
    CodeInfo{Code::occupant_left, "occupant.left", Class::room,
             "`cause`; `synthesised`: written later, see below, then with `last_seen_ts`; `by`: "
             "pseudonym",
             "nick, (by), (reason)"},
    CodeInfo{Code::nick_changed, "nick.changed", Class::room, "", "old_nick, new_nick"},
    CodeInfo{Code::join_refused, "join.refused", Class::read,
             "`cause`: the error condition, `n`: see below", "(full_jid), (to)"},
    CodeInfo{Code::history_viewed, "history.viewed", Class::read,
             "`via`, `first_rn`, `last_rn`, `n`", "(full_jid)"},
    CodeInfo{Code::list_read, "list.read", Class::read,
             "`what`: see below, `n`: how many entries were given out", "(full_jid)"},
    CodeInfo{
        Code::own_archive_viewed, "own_archive.viewed", Class::account,
        "`n`: how many messages of the own archive were given out; if not 0 `first_ts`, `last_ts`: "
        "when the first and the last of them were said",
        "full_jid"},
    CodeInfo{Code::room_created, "room.created", Class::room,
             "`settings`: list of `key` and `value` or `value_part`", "room, (full_jid), values"},
    CodeInfo{Code::config_changed, "config.changed", Class::room,
             "`changes`: list of `key`, `old` or `old_part`, `new` or `new_part`",
             "(full_jid), values"},
    CodeInfo{Code::room_destroyed, "room.destroyed", Class::room, "",
             "(full_jid), (reason), (alternate)"},
    CodeInfo{Code::affiliation_changed, "affiliation.changed", Class::room,
             "`old`, `new`, `target`: pseudonym", "(full_jid), target, (reserved_nick), (reason)"},
    CodeInfo{Code::role_changed, "role.changed", Class::room, "`old`, `new`, `target`: pseudonym",
             "(full_jid), (target), nick, (reason)"},
    CodeInfo{Code::invitation_sent, "invitation.sent", Class::room,
             "`mode` mediated, `target`: pseudonym", "(full_jid), target, (reason), (thread)"},
    CodeInfo{Code::invitation_answered, "invitation.answered", Class::room,
             "`result` declined, `target`: pseudonym of the inviter",
             "(full_jid), target, (reason)"},
    CodeInfo{Code::retention_changed, "retention.changed", Class::read,
             "`keep_days`, `keep_messages`: what is changed of them; a number, `unlimited`, or "
             "empty, as the server says",
             "(full_jid)"},
    CodeInfo{Code::person_changed, "person.changed", Class::room,
             "`target`: pseudonym; `changes`: list of `key` and, where there is a value, "
             "`old_part`, `new_part`: what the room keeps about somebody",
             "(full_jid), target, values"},
    CodeInfo{Code::room_vcard_changed, "room.vcard_changed", Class::room,
             "`hash`: list of the SHA-1 of each photo, in hex",
             "(full_jid), (vcard), which is left out when it is taken away"},
    CodeInfo{Code::voice_requested, "voice.requested", Class::room,
             "`phase` asked/granted/declined; the latter two: `target`, pseudonym of who had "
             "asked; what is "
             "granted has its 508 besides",
             "(full_jid), (target)"},
    CodeInfo{Code::account_changed, "account.changed", Class::account,
             "`action` added/password/disabled/enabled/removed; added: `admin`",
             "localpart, (full_jid)"},
    CodeInfo{Code::auth_refused, "auth.refused", Class::account,
             "`mechanism`, `cause`: the error condition of SASL, `n`: see below",
             "(full_jid): the account that was tried, (ip)"},
    CodeInfo{Code::session_changed, "session.changed", Class::account,
             "`opened`; opened: `cause` bound/resumed, `mechanism`; else `cause`: why it ended",
             "(full_jid), (ip)"},
    CodeInfo{Code::admin_command, "admin.command", Class::account,
             "`phase` started/finished, `channel`, `command`, `uid`; finished: `result`, `n`",
             "(full_jid), (arguments)"},
    CodeInfo{Code::server_started, "server.started", Class::account,
             "`version`, `boot`; `previous`: `source`, `last_sn`, `hash` (hex) of the source "
             "before",
             ""},
    CodeInfo{Code::server_stopped, "server.stopped", Class::account, "`cause`", ""},
    CodeInfo{Code::crash_detected, "crash.detected", Class::account, "`source`, `last_seen_ts`",
             ""},
    CodeInfo{Code::archive_mode_changed, "archive.mode", Class::account,
             "`old`, `new`: following/buffering/refusing, `cause` trouble/outbox_limit/recovered",
             ""},
    CodeInfo{Code::clock_stepped, "clock.stepped", Class::account,
             "`delta_us`: by how much the wall clock moved against the monotonic one", ""},
    CodeInfo{Code::restore_detected, "restore.detected", Class::account,
             "`older` content/archive, `source`, `content_sn`, `archive_sn`: the last each knew "
             "of it; content: `rooms`; archive: `lost_first_sn`, `lost_last_sn`",
             ""},
    CodeInfo{Code::group_changed, "group.changed", Class::account,
             "`action` added/removed/member_added/member_removed, `member`: pseudonym",
             "group, (full_jid), (member)"},
    CodeInfo{Code::roster_changed, "roster.changed", Class::personal, "", ""},
    CodeInfo{Code::private_xml_changed, "private_xml.changed", Class::personal, "", ""},
    CodeInfo{Code::vcard_changed, "vcard.changed", Class::personal, "", ""},
    CodeInfo{Code::pep_node_changed, "pep_node.changed", Class::personal, "", ""},
    CodeInfo{Code::pep_item_changed, "pep_item.changed", Class::personal, "", ""},
    CodeInfo{Code::archive_preferences_changed, "archive_preferences.changed", Class::personal, "",
             ""},
};

constexpr std::string_view table_begins = "<!-- events: script/generate -->\n",
                           table_ends = "<!-- end of events -->\n";

constexpr bool before(const CodeInfo& a, Code b) { return a.code < b; }

static_assert(std::ranges::is_sorted(codes, {}, &CodeInfo::code));

// The words of an enum in the order of its values.
template <std::size_t N, class Enum>
std::string_view word(const std::array<std::string_view, N>& words, Enum value) {
  const auto at = static_cast<std::size_t>(value);
  CHECK(at < N);
  return words[at];
}

constexpr std::array<std::string_view, 4> classes{"room", "read", "account", "personal"};
constexpr std::array<std::string_view, 5> affiliations{"outcast", "none", "member", "admin",
                                                       "owner"};
constexpr std::array<std::string_view, 4> roles{"none", "visitor", "participant", "moderator"};
constexpr std::array<std::string_view, 11> leave_causes{
    "leave",   "kick",     "ban",          "timeout",     "s2s",     "crash",
    "destroy", "shutdown", "members_only", "affiliation", "replaced"};

}  // namespace

std::span<const CodeInfo> all_codes() { return codes; }

const CodeInfo& info(Code code) {
  const auto* const found = std::lower_bound(codes.begin(), codes.end(), code, before);
  CHECK(found != codes.end() && found->code == code);
  return *found;
}

std::string with_event_table(std::string_view text) {
  const std::size_t begin = text.find(table_begins), end = text.find(table_ends);
  CHECK(begin != std::string_view::npos && end != std::string_view::npos && begin < end);
  std::string out(text.substr(0, begin + table_begins.size()));
  out += "| t | event | class | `d` | parts, in order |\n|---|---|---|---|---|\n";
  const auto cell = [&](std::string_view content) {
    out += "| ";
    out += content;
    out += content.empty() ? "" : " ";
  };
  for (const auto& code : codes) {
    if (code.cls == Class::personal) continue;
    cell(std::to_string(static_cast<int>(code.code)));
    cell(code.name);
    cell(name(code.cls));
    cell(code.d);
    cell(code.parts);
    out += "|\n";
  }
  return out += text.substr(end);
}

std::string_view name(Class c) { return word(classes, c); }
std::string_view name(Affiliation a) { return word(affiliations, a); }
std::string_view name(Role r) { return word(roles, r); }
std::string_view name(LeaveCause c) { return word(leave_causes, c); }

}  // namespace record
