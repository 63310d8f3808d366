// SPDX-License-Identifier: Apache-2.0
#include "record/details.h"

#include <algorithm>

#include "base/check.h"
#include "base/utf8.h"
#include "record/json.h"

namespace record {
namespace {

constexpr std::size_t word_size_max = 256;

// Words in `d` are short; one that came from outside is cut.
std::string_view word(std::string_view text) { return base::cut_utf8(text, word_size_max); }

// Values of settings that say nothing about people and may stand in the leaf: flags, small numbers.
bool harmless(std::string_view value) {
  return value.size() <= 6 &&
         std::ranges::all_of(value, [](char c) { return c >= '0' && c <= '9'; });
}

// Never recorded, wherever it turns up (XEP-0045 7.2.6).
bool secret_setting(std::string_view key) { return key == "muc#roomconfig_roomsecret"; }

std::string_view action_name(AccountChanged::Action action) {
  using enum AccountChanged::Action;
  switch (action) {
    case added:
      return "added";
    case password:
      return "password";
    case disabled:
      return "disabled";
    case enabled:
      return "enabled";
    case removed:
      return "removed";
  }
  return "";
}

std::string_view action_name(GroupChanged::Action action) {
  using enum GroupChanged::Action;
  switch (action) {
    case added:
      return "added";
    case removed:
      return "removed";
    case member_added:
      return "member_added";
    case member_removed:
      return "member_removed";
  }
  return "";
}

class Builder {
 public:
  Builder(const Actor& actor, Pseudonyms& pseudonyms) : actor_(actor), pseudonyms_(pseudonyms) {}

  void operator()(const MessagePosted& e) {
    d_.text("kind", e.is_private ? "private" : "groupchat");
    d_.boolean("keep", e.keep && !e.is_private);
    word_unless_empty("stanza_id", e.stanza_id);
    part_unless_empty("body", e.body);
    part("stanza", e.stanza);
    part_unless_empty("origin_id", e.origin_id);
    part_unless_empty("to_nick", e.to_nick);
  }
  void operator()(const MessageCorrected& e) {
    if (e.target != 0) d_.integer("target_rn", e.target);
    (*this)(static_cast<const MessagePosted&>(e));
    if (e.target == 0) part("replaces", e.replaces);
  }
  void operator()(const MessageReaction& e) {
    if (e.target != 0) d_.integer("target_rn", e.target);
    (*this)(static_cast<const MessagePosted&>(e));
    part("target", e.target_id);
  }
  void operator()(const MessageRetracted& e) { d_.integer("target_rn", e.target); }
  void operator()(const MessageModerated& e) {
    d_.integer("target_rn", e.target);
    word_unless_empty("stanza_id", e.stanza_id);
    part("stanza", e.stanza);
    part_unless_empty("reason", e.reason);
  }
  void operator()(const SubjectChanged& e) {
    word_unless_empty("stanza_id", e.stanza_id);
    part("subject", e.subject);
    part("stanza", e.stanza);
  }
  void operator()(const OccupantJoined& e) {
    if (e.history_count > 0) {
      d_.integer("history_from_rn", e.history_first);
      d_.integer("history_to_rn", e.history_last);
    }
    d_.integer("history_n", e.history_count);
    part("nick", e.nick);
    actor_jid();
  }
  void operator()(const OccupantLeft& e) {
    d_.text("cause", record::name(e.cause));
    d_.boolean("synthesised", e.synthesised);
    if (e.synthesised) d_.integer("last_seen_ts", e.last_seen.us);
    part("nick", e.nick);
    person("by", e.by);
    part_unless_empty("reason", e.reason);
  }
  void operator()(const NickChanged& e) {
    part("old_nick", e.old_nick);
    part("new_nick", e.new_nick);
  }
  void operator()(const RoomCreated& e) {
    part("room", e.room.str());
    actor_jid();
    json::Array settings;
    for (const auto& [key, value] : e.settings) {
      json::Object entry;
      entry.text("key", word(key));
      if (!secret_setting(key)) setting(entry, "value", "value_part", value);
      settings.json(entry.end());
    }
    d_.json("settings", settings.end());
  }
  void operator()(const ConfigChanged& e) {
    actor_jid();
    json::Array changes;
    for (const auto& change : e.changes) {
      json::Object entry;
      entry.text("key", word(change.key));
      if (!change.secret && !secret_setting(change.key)) {
        setting(entry, "old", "old_part", change.old_value);
        setting(entry, "new", "new_part", change.new_value);
      }
      changes.json(entry.end());
    }
    d_.json("changes", changes.end());
  }
  void operator()(const RoomDestroyed& e) {
    actor_jid();
    part_unless_empty("reason", e.reason);
    if (!e.alternate.empty()) part("alternate", e.alternate.str());
  }
  void operator()(const AffiliationChanged& e) {
    d_.text("old", record::name(e.old_value));
    d_.text("new", record::name(e.new_value));
    actor_jid();
    person("target", e.target);
    part_unless_empty("reserved_nick", e.reserved_nick);
    part_unless_empty("reason", e.reason);
  }
  void operator()(const RoleChanged& e) {
    d_.text("old", record::name(e.old_value));
    d_.text("new", record::name(e.new_value));
    actor_jid();
    person("target", e.target);
    part("nick", e.nick);
    part_unless_empty("reason", e.reason);
  }
  void operator()(const InvitationSent& e) {
    d_.text("mode", "mediated");
    actor_jid();
    person("target", e.target);
    part_unless_empty("reason", e.reason);
    part_unless_empty("thread", e.thread);
  }
  void operator()(const InvitationAnswered& e) {
    d_.text("result", word(e.result));
    actor_jid();
    person("target", e.target);
    part_unless_empty("reason", e.reason);
  }
  void operator()(const PersonChanged& e) {
    actor_jid();
    person("target", e.target);
    json::Array changes;
    for (const auto& change : e.changes) {
      json::Object entry;
      entry.text("key", word(change.key));
      if (!change.old_value.empty()) entry.integer("old_part", part("old", change.old_value));
      if (!change.new_value.empty()) entry.integer("new_part", part("new", change.new_value));
      changes.json(entry.end());
    }
    d_.json("changes", changes.end());
  }
  void operator()(const RoomVcardChanged& e) {
    json::Array hashes;
    for (const auto& hash : e.hashes) hashes.text(word(hash));
    d_.json("hash", hashes.end());
    actor_jid();
    part_unless_empty("vcard", e.vcard);
  }
  void operator()(const VoiceRequested& e) {
    d_.text("phase", word(e.phase));
    actor_jid();
    person("target", e.target);
  }
  void operator()(const HistoryViewed& e) {
    d_.text("via", word(e.via));
    d_.integer("first_rn", e.first);
    d_.integer("last_rn", e.last);
    d_.integer("n", e.count);
    actor_jid();
  }
  void operator()(const ListRead& e) {
    d_.text("what", word(e.what));
    d_.integer("n", e.count);
    actor_jid();
  }
  void operator()(const JoinRefused& e) {
    d_.text("cause", word(e.cause));
    d_.integer("n", e.count);
    actor_jid();
    part_unless_empty("to", e.to);
  }
  void operator()(const MessageRejected& e) {
    d_.text("cause", word(e.cause));
    d_.text("about", word(e.about));
    d_.integer("bytes", e.bytes);
    d_.integer("n", e.count);
    word_unless_empty("stanza_sha256", e.stanza_sha256);
    actor_jid();
    part_unless_empty("to", e.to);
    part_unless_empty("stanza", e.stanza);
  }
  void operator()(const OwnArchiveViewed& e) {
    d_.integer("n", e.count);
    if (e.count > 0) {
      d_.integer("first_ts", e.first.us);
      d_.integer("last_ts", e.last.us);
    }
    actor_jid();
  }
  void operator()(const DirectMessage& e) {
    actor_jid();
    person("to", e.to);
    part_unless_empty("body", e.body);
    part("stanza", e.stanza);
    part_unless_empty("origin_id", e.origin_id);
  }
  void operator()(const AccountChanged& e) {
    d_.text("action", action_name(e.action));
    if (e.action == AccountChanged::Action::added) d_.boolean("admin", e.admin);
    part("localpart", e.localpart);
    actor_jid();
  }
  void operator()(const AuthRefused& e) {
    d_.text("mechanism", word(e.mechanism));
    d_.text("cause", word(e.cause));
    d_.integer("n", e.count);
    actor_jid();
    part_unless_empty("ip", e.ip);
  }
  void operator()(const SessionChanged& e) {
    d_.boolean("opened", e.opened);
    word_unless_empty("cause", e.cause);
    word_unless_empty("mechanism", e.mechanism);
    actor_jid();
    part_unless_empty("ip", e.ip);
  }
  void operator()(const AdminCommand& e) {
    d_.text("phase", e.finished ? "finished" : "started");
    d_.text("channel", word(e.channel));
    d_.text("command", word(e.command));
    if (e.uid >= 0) d_.integer("uid", e.uid);
    if (e.finished) {
      d_.text("result", word(e.result));
      d_.integer("n", e.count);
    }
    actor_jid();
    part_unless_empty("arguments", e.arguments);
  }
  void operator()(const ServerStarted& e) {
    d_.text("version", word(e.version));
    word_unless_empty("boot", e.boot);
    if (e.previous_source.empty()) return;
    json::Object previous;
    previous.text("source", word(e.previous_source));
    previous.integer("last_sn", e.previous_sn);
    previous.text("hash", word(e.previous_hash));
    d_.json("previous", previous.end());
  }
  void operator()(const ServerStopped& e) { word_unless_empty("cause", e.cause); }
  void operator()(const CrashDetected& e) {
    d_.text("source", word(e.source));
    d_.integer("last_seen_ts", e.last_seen.us);
  }
  void operator()(const ArchiveModeChanged& e) {
    d_.text("old", word(e.old_mode));
    d_.text("new", word(e.new_mode));
    d_.text("cause", word(e.cause));
  }
  void operator()(const ClockStepped& e) { d_.integer("delta_us", e.delta); }
  void operator()(const RetentionChanged& e) {
    if (e.days) d_.text("keep_days", word(*e.days));
    if (e.messages) d_.text("keep_messages", word(*e.messages));
    actor_jid();
  }
  void operator()(const RestoreDetected& e) {
    const bool content = e.older == RestoreDetected::Older::content;
    d_.text("older", content ? "content" : "archive");
    d_.text("source", word(e.source));
    d_.integer("content_sn", e.content_sn);
    d_.integer("archive_sn", e.archive_sn);
    if (content) {
      d_.integer("rooms", e.rooms);
      return;
    }
    d_.integer("lost_first_sn", e.lost_first);
    d_.integer("lost_last_sn", e.lost_last);
  }
  void operator()(const GroupChanged& e) {
    d_.text("action", action_name(e.action));
    part("group", e.group);
    actor_jid();
    person("member", e.member);
  }

  // Personal events have no leaf.
  void operator()(const ArchivePreferencesChanged&) { CHECK(false); }
  void operator()(const RosterChanged&) { CHECK(false); }
  void operator()(const PrivateXmlChanged&) { CHECK(false); }
  void operator()(const VcardChanged&) { CHECK(false); }
  void operator()(const PepNodeChanged&) { CHECK(false); }
  void operator()(const PepItemChanged&) { CHECK(false); }

  Details end() { return {d_.end(), std::move(parts_)}; }

 private:
  int part(std::string_view kind, std::string_view text) {
    const int n = static_cast<int>(parts_.size());
    parts_.push_back({n, std::string(kind), {}, std::string(text)});
    return n;
  }
  void part_unless_empty(std::string_view kind, std::string_view text) {
    if (!text.empty()) part(kind, text);
  }
  void word_unless_empty(std::string_view key, std::string_view text) {
    if (!text.empty()) d_.text(key, word(text));
  }
  // Whom the actor's pseudonym stands for. Events within a stay have it in the stay's join.
  void actor_jid() {
    if (!actor_.jid.empty()) part("full_jid", actor_.jid.str());
  }
  void person(std::string_view key, const xmpp::Jid& jid) {
    if (jid.empty()) return;
    d_.text(key, pseudonyms_.of(jid));
    part(key, jid.str());
  }
  void setting(json::Object& entry, std::string_view key, std::string_view part_key,
               std::string_view value) {
    if (harmless(value))
      entry.text(key, value);
    else
      entry.integer(part_key, part(key, value));
  }

  const Actor& actor_;
  Pseudonyms& pseudonyms_;
  json::Object d_;
  std::vector<Part> parts_;
};

}  // namespace

Details details(const Event& event, Pseudonyms& pseudonyms) {
  Builder builder(event.actor, pseudonyms);
  std::visit(builder, event.body);
  return builder.end();
}

}  // namespace record
