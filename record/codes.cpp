// SPDX-License-Identifier: Apache-2.0
#include "record/codes.h"

#include <algorithm>
#include <array>

#include "base/check.h"

namespace record {
namespace {

constexpr std::array codes{
    CodeInfo{Code::message_posted, "message.posted", Class::room},
    CodeInfo{Code::message_retracted, "message.retracted", Class::room},
    CodeInfo{Code::message_moderated, "message.moderated", Class::room},
    CodeInfo{Code::message_rejected, "message.rejected", Class::read},
    CodeInfo{Code::subject_changed, "subject.changed", Class::room},
    CodeInfo{Code::direct_message, "message.direct", Class::account},
    CodeInfo{Code::occupant_joined, "occupant.joined", Class::room},
    CodeInfo{Code::occupant_left, "occupant.left", Class::room},
    CodeInfo{Code::nick_changed, "nick.changed", Class::room},
    CodeInfo{Code::join_refused, "join.refused", Class::read},
    CodeInfo{Code::history_viewed, "history.viewed", Class::read},
    CodeInfo{Code::room_created, "room.created", Class::room},
    CodeInfo{Code::config_changed, "config.changed", Class::room},
    CodeInfo{Code::room_destroyed, "room.destroyed", Class::room},
    CodeInfo{Code::affiliation_changed, "affiliation.changed", Class::room},
    CodeInfo{Code::role_changed, "role.changed", Class::room},
    CodeInfo{Code::invitation_sent, "invitation.sent", Class::room},
    CodeInfo{Code::invitation_answered, "invitation.answered", Class::room},
    CodeInfo{Code::retention_changed, "retention.changed", Class::read},
    CodeInfo{Code::person_changed, "person.changed", Class::room},
    CodeInfo{Code::room_vcard_changed, "room.vcard_changed", Class::room},
    CodeInfo{Code::account_changed, "account.changed", Class::account},
    CodeInfo{Code::auth_refused, "auth.refused", Class::account},
    CodeInfo{Code::session_changed, "session.changed", Class::account},
    CodeInfo{Code::admin_command, "admin.command", Class::account},
    CodeInfo{Code::server_started, "server.started", Class::account},
    CodeInfo{Code::server_stopped, "server.stopped", Class::account},
    CodeInfo{Code::crash_detected, "crash.detected", Class::account},
    CodeInfo{Code::restore_detected, "restore.detected", Class::account},
    CodeInfo{Code::group_changed, "group.changed", Class::account},
    CodeInfo{Code::roster_changed, "roster.changed", Class::personal},
    CodeInfo{Code::private_xml_changed, "private_xml.changed", Class::personal},
    CodeInfo{Code::vcard_changed, "vcard.changed", Class::personal},
    CodeInfo{Code::pep_node_changed, "pep_node.changed", Class::personal},
    CodeInfo{Code::pep_item_changed, "pep_item.changed", Class::personal},
    CodeInfo{Code::archive_preferences_changed, "archive_preferences.changed", Class::personal},
};

constexpr bool before(const CodeInfo& a, Code b) { return a.code < b; }

static_assert(std::ranges::is_sorted(codes, {}, &CodeInfo::code));

// The words of an enum in the order of its values.
template <std::size_t N, class Enum>
std::string_view word(const std::array<std::string_view, N>& words, Enum value) {
  const auto at = static_cast<std::size_t>(value);
  CHECK(at < N);
  return words[at];
}

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

std::string_view name(Affiliation a) { return word(affiliations, a); }
std::string_view name(Role r) { return word(roles, r); }
std::string_view name(LeaveCause c) { return word(leave_causes, c); }

}  // namespace record
