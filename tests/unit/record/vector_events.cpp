// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/record/vector_events.h"

#include <nlohmann/json.hpp>
#include <stdexcept>

namespace tests {
namespace {

using nlohmann::json;
using namespace record;

std::string text(const json& e, const char* key) { return e.value(key, std::string()); }

xmpp::Jid jid(const json& e, const char* key) {
  const std::string t = text(e, key);
  return t.empty() ? xmpp::Jid{} : xmpp::Jid::parse(t).value();
}

template <class Enum>
Enum named(const std::string& word, Enum last) {
  for (int i = 0; i <= static_cast<int>(last); ++i)
    if (name(static_cast<Enum>(i)) == word) return static_cast<Enum>(i);
  throw std::runtime_error("no such word: " + word);
}
Affiliation affiliation(const json& e, const char* key) {
  return named(text(e, key), Affiliation::owner);
}
Role role(const json& e, const char* key) { return named(text(e, key), Role::moderator); }

AccountChanged::Action action(const std::string& word) {
  using enum AccountChanged::Action;
  if (word == "added") return added;
  if (word == "password") return password;
  throw std::runtime_error("no such action: " + word);
}

GroupChanged::Action group_action(const std::string& word) {
  using enum GroupChanged::Action;
  if (word == "added") return added;
  if (word == "member_added") return member_added;
  if (word == "member_removed") return member_removed;
  throw std::runtime_error("no such action: " + word);
}

MessagePosted message(const json& e) {
  return MessagePosted{text(e, "nick"),      text(e, "stanza"),    text(e, "body"),
                       text(e, "stanza_id"), text(e, "origin_id"), e.value("is_private", false),
                       text(e, "to_nick"),   e.value("keep", true)};
}

Body room_body(const json& e, Code code) {
  const auto history = e.value("history", std::vector<std::int64_t>(3));
  switch (code) {
    case Code::message_posted:
      return message(e);
    case Code::message_corrected:
      return MessageCorrected{message(e), e.value("target", std::int64_t{0}), text(e, "replaces")};
    case Code::message_reaction:
      return MessageReaction{message(e), e.value("target", std::int64_t{0}), text(e, "target_id")};
    case Code::message_retracted:
      return MessageRetracted{e.at("target").get<std::int64_t>(), {}};
    case Code::message_moderated:
      return MessageModerated{e.at("target").get<std::int64_t>(),
                              text(e, "stanza"),
                              text(e, "stanza_id"),
                              text(e, "reason"),
                              {}};
    case Code::subject_changed:
      return SubjectChanged{text(e, "nick"), text(e, "stanza"), text(e, "subject"),
                            text(e, "stanza_id")};
    case Code::occupant_joined:
      return OccupantJoined{text(e, "nick"), history[0], history[1], history[2]};
    case Code::occupant_left:
      return OccupantLeft{text(e, "nick"),
                          named(text(e, "cause"), LeaveCause::replaced),
                          e.value("synthesised", false),
                          {e.value("last_seen", std::int64_t{0})},
                          jid(e, "by"),
                          text(e, "reason")};
    case Code::nick_changed:
      return NickChanged{text(e, "old_nick"), text(e, "new_nick")};
    case Code::room_created:
      return RoomCreated{jid(e, "room"),
                         e.at("settings").get<std::map<std::string, std::string>>()};
    case Code::config_changed: {
      ConfigChanged changed;
      for (const auto& c : e.at("changes"))
        changed.changes.push_back(
            {text(c, "key"), text(c, "old"), text(c, "new"), c.value("secret", false)});
      return changed;
    }
    case Code::room_destroyed:
      return RoomDestroyed{text(e, "reason"), jid(e, "alternate")};
    case Code::affiliation_changed:
      return AffiliationChanged{jid(e, "target"), affiliation(e, "old"), affiliation(e, "new"),
                                text(e, "reserved_nick"), text(e, "reason")};
    case Code::role_changed:
      return RoleChanged{jid(e, "target"), text(e, "nick"), role(e, "old"), role(e, "new"),
                         text(e, "reason")};
    case Code::invitation_sent:
      return InvitationSent{jid(e, "target"), text(e, "reason"), text(e, "thread")};
    case Code::invitation_answered:
      return InvitationAnswered{jid(e, "target"), text(e, "result"), text(e, "reason")};
    case Code::person_changed: {
      PersonChanged changed{jid(e, "target"), {}};
      for (const auto& c : e.at("changes"))
        changed.changes.push_back({text(c, "key"), text(c, "old"), text(c, "new")});
      return changed;
    }
    case Code::room_vcard_changed:
      return RoomVcardChanged{e.at("hashes").get<std::vector<std::string>>(), text(e, "vcard")};
    case Code::history_viewed:
      return HistoryViewed{text(e, "via"), history[0], history[1], history[2]};
    case Code::join_refused:
      return JoinRefused{text(e, "cause"), text(e, "to"), e.value("n", std::int64_t{1})};
    case Code::message_rejected:
      return MessageRejected{text(e, "cause"),
                             text(e, "about"),
                             e.at("bytes").get<std::int64_t>(),
                             text(e, "to"),
                             text(e, "stanza"),
                             text(e, "stanza_sha256"),
                             e.value("n", std::int64_t{1})};
    case Code::list_read:
      return ListRead{text(e, "what"), e.at("n").get<std::int64_t>()};
    case Code::voice_requested:
      return VoiceRequested{text(e, "phase"), jid(e, "target")};
    case Code::retention_changed: {
      RetentionChanged changed;
      if (e.contains("keep_days")) changed.days = text(e, "keep_days");
      if (e.contains("keep_messages")) changed.messages = text(e, "keep_messages");
      return changed;
    }
    default:
      throw std::runtime_error("no such event about a room");
  }
}

Body other_body(const json& e, Code code) {
  switch (code) {
    case Code::direct_message:
      return DirectMessage{jid(e, "to"), text(e, "stanza"), text(e, "body"), text(e, "origin_id")};
    case Code::account_changed:
      return AccountChanged{
          action(text(e, "action")), text(e, "localpart"), e.value("admin", false), {}};
    case Code::auth_refused:
      return AuthRefused{text(e, "mechanism"), text(e, "cause"), text(e, "ip"),
                         e.value("n", std::int64_t{1})};
    case Code::session_changed:
      return SessionChanged{e.at("opened").get<bool>(), text(e, "cause"), text(e, "mechanism"),
                            text(e, "ip")};
    case Code::own_archive_viewed: {
      OwnArchiveViewed viewed{e.at("n").get<std::int64_t>()};
      if (!e.contains("range")) return viewed;
      viewed.first = {e.at("range").at(0).get<std::int64_t>()};
      viewed.last = {e.at("range").at(1).get<std::int64_t>()};
      return viewed;
    }
    case Code::archive_mode_changed:
      return ArchiveModeChanged{text(e, "old"), text(e, "new"), text(e, "cause")};
    case Code::clock_stepped:
      return ClockStepped{e.at("delta").get<std::int64_t>()};
    case Code::admin_command:
      return AdminCommand{e.at("finished").get<bool>(),
                          text(e, "channel"),
                          text(e, "command"),
                          e.at("uid").get<std::int64_t>(),
                          text(e, "result"),
                          e.value("n", std::int64_t{0}),
                          text(e, "arguments")};
    case Code::server_started: {
      ServerStarted started{text(e, "version"), text(e, "boot"), {}, 0, {}};
      if (!e.contains("previous")) return started;
      started.previous_source = e.at("previous").at(0).get<std::string>();
      started.previous_sn = e.at("previous").at(1).get<std::int64_t>();
      started.previous_hash = e.at("previous").at(2).get<std::string>();
      return started;
    }
    case Code::server_stopped:
      return ServerStopped{text(e, "cause")};
    case Code::crash_detected:
      return CrashDetected{text(e, "source"), {e.at("last_seen").get<std::int64_t>()}};
    case Code::restore_detected: {
      const bool content = text(e, "older") == "content";
      RestoreDetected found{
          content ? RestoreDetected::Older::content : RestoreDetected::Older::archive,
          text(e, "source"), e.at("content_sn").get<std::int64_t>(),
          e.at("archive_sn").get<std::int64_t>()};
      found.rooms = e.value("rooms", std::int64_t{0});
      if (content) return found;
      found.lost_first = e.at("lost").at(0).get<std::int64_t>();
      found.lost_last = e.at("lost").at(1).get<std::int64_t>();
      return found;
    }
    case Code::group_changed:
      return GroupChanged{group_action(text(e, "action")), text(e, "group"), jid(e, "member")};
    default:
      throw std::runtime_error("no such event");
  }
}

}  // namespace

record::Event vector_event(const json& e) {
  const auto code = static_cast<Code>(e.at("t").get<int>());
  Event event;
  event.at = {e.at("ts").get<std::int64_t>()};
  event.room_id = e.at("room_id").get<std::int64_t>();
  event.number = e.at("number").get<std::int64_t>();
  const json& actor = e.at("actor");
  event.actor.jid = jid(actor, "jid");
  event.actor.session = text(actor, "session");
  if (actor.contains("affiliation")) event.actor.affiliation = affiliation(actor, "affiliation");
  if (actor.contains("role")) event.actor.role = role(actor, "role");
  const bool about_room = event.room_id != 0 || record::info(code).cls == record::Class::read;
  event.body = about_room ? room_body(e, code) : other_body(e, code);
  return event;
}

}  // namespace tests
