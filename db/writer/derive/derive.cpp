// SPDX-License-Identifier: Apache-2.0
#include "db/writer/derive.h"

#include <limits>
#include <unordered_set>

#include "db/parts_text.h"
#include "db/stores/message_archive_rows.h"
#include "db/stores/rows.h"
#include "db/writer/batched.h"
#include "db/writer/derive_personal.h"
#include "db/writer/setbacks.h"

namespace db {
namespace {

void must_change(long long rows, const char* what) {
  if (rows == 0) throw Refused(what);
}

rows::ScramColumns columns(const xmpp::ScramKeys& keys) {
  return {base::hex(keys.salt), base::hex(keys.stored_key), base::hex(keys.server_key),
          keys.iterations};
}

// Entries and leaves of a batch, each stay once: what comes later for the same stay waits until the
// rows before are in the database.
struct StayRows {
  explicit StayRows(Session& s) : put(s), remove(s), gather(s.dialect() == Dialect::postgres) {}

  void run_put() {
    once(put.row.room_id, put.row.jid, put.row.session);
    put.run();
  }
  void run_remove() {
    once(remove.row.room_id, remove.row.jid, remove.row.session);
    remove.run();
  }
  void flush() {
    put.flush();
    remove.flush();
    seen.clear();
  }
  void discard() noexcept {
    put.discard();
    remove.discard();
    seen.clear();
  }

  Batched<rows::PutOccupancy> put;
  Batched<rows::DeleteOccupancy> remove;

 private:
  void once(std::int64_t room_id, const std::string& jid, const std::string& session) {
    if (!gather) return;
    const std::string stay = std::to_string(room_id) + '\n' + jid + '\n' + session;
    if (seen.contains(stay)) flush();
    seen.insert(stay);
  }
  const bool gather;
  std::unordered_set<std::string> seen;
};

}  // namespace

struct Derivation::Statements {
  explicit Statements(Session& s)
      : outbox(s),
        history(s),
        old_subject(s),
        setbacks(s),
        room(s),
        destroy(s),
        subject(s),
        setting(s),
        affiliation(s),
        no_affiliation(s),
        stays(s),
        rename(s),
        role(s),
        account_affiliation(s),
        domain_affiliation(s),
        no_settings(s),
        no_affiliations(s),
        no_occupancies(s),
        account(s),
        password(s),
        enable(s),
        no_account(s),
        removed_account(s),
        no_removed_account(s),
        no_memberships(s),
        group(s),
        no_group(s),
        no_members(s),
        member(s),
        no_member(s),
        stopped(s),
        archived(s),
        personal(s) {}

  Batched<rows::InsertOutbox> outbox;
  Batched<rows::InsertHistory> history;
  Prepared<rows::InsertSubject> old_subject;
  Setbacks setbacks;
  Prepared<rows::InsertRoom> room;
  Prepared<rows::DestroyRoom> destroy;
  Prepared<rows::SetSubject> subject;
  Prepared<rows::PutSetting> setting;
  Prepared<rows::PutAffiliation> affiliation;
  Prepared<rows::DeleteAffiliation> no_affiliation;
  StayRows stays;
  Prepared<rows::RenameOccupancy> rename;
  Prepared<rows::SetOccupancyRole> role;
  Prepared<rows::SetAccountAffiliation> account_affiliation;
  Prepared<rows::SetDomainAffiliation> domain_affiliation;
  Prepared<rows::ClearRoom<0>> no_settings;
  Prepared<rows::ClearRoom<1>> no_affiliations;
  Prepared<rows::ClearRoom<2>> no_occupancies;
  Prepared<rows::InsertAccount> account;
  Prepared<rows::SetPassword> password;
  Prepared<rows::EnableAccount> enable;
  Prepared<rows::DeleteAccount> no_account;
  Prepared<rows::PutRemovedAccount> removed_account;
  Prepared<rows::DeleteRemovedAccount> no_removed_account;
  Prepared<rows::DeleteMemberships> no_memberships;
  Prepared<rows::InsertGroup> group;
  Prepared<rows::DeleteGroup> no_group;
  Prepared<rows::DeleteGroupMembers> no_members;
  Prepared<rows::InsertMember> member;
  Prepared<rows::DeleteMember> no_member;
  Prepared<rows::MarkStopped> stopped;
  Batched<rows::InsertArchived> archived;
  PersonalDerivation personal;

  // State and history of one event.
  struct State {
    Statements& to;
    const record::Event& event;
    const record::Placement& placement;
    std::int64_t incarnation;

    void operator()(const record::MessagePosted& e) {
      if (!e.keep || e.is_private) return;
      fill(to.history.row, e);
      to.history.run();
    }
    void operator()(const record::SubjectChanged& e) {
      fill(to.old_subject.row, e);
      to.old_subject.run();
      auto& row = to.subject.row;
      row.stanza = e.stanza;
      row.at = event.at.us;
      row.id = event.room_id;
      must_change(to.subject.run(), "no such room");
    }
    void operator()(const record::OccupantJoined& e) {
      auto& row = to.stays.put.row;
      row.room_id = event.room_id;
      row.jid = event.actor.jid.str();
      row.session = event.actor.session;
      row.nick = e.nick;
      row.affiliation = static_cast<int>(event.actor.affiliation);
      row.role = static_cast<int>(event.actor.role);
      row.joined_at = event.at.us;
      row.source = placement.source;
      row.incarnation = incarnation;
      to.stays.run_put();
    }
    void operator()(const record::OccupantLeft&) {
      auto& row = to.stays.remove.row;
      row.room_id = event.room_id;
      row.jid = event.actor.jid.str();
      row.session = event.actor.session;
      to.stays.run_remove();
    }
    void operator()(const record::NickChanged& e) {
      auto& row = to.rename.row;
      row.new_nick = e.new_nick;
      row.room_id = event.room_id;
      row.jid = event.actor.jid.str();
      row.session = event.actor.session;
      row.first = std::string(event.actor.jid.bare_str()) + "/";
      row.end = std::string(event.actor.jid.bare_str()) + "0";
      to.stays.flush();
      to.rename.run();
    }
    void operator()(const record::RoomCreated& e) {
      auto& row = to.room.row;
      row.id = event.room_id;
      row.jid = e.room.str();
      row.service = e.room.domain();
      row.created_at = event.at.us;
      to.room.run();
      for (const auto& [key, value] : e.settings) put_setting(key, value);
    }
    void operator()(const record::ConfigChanged& e) {
      for (const auto& change : e.changes) put_setting(change.key, change.new_value);
    }
    void operator()(const record::RoomDestroyed&) {
      to.destroy.row.at = event.at.us;
      to.destroy.row.id = event.room_id;
      must_change(to.destroy.run(), "no such room");
      to.no_settings.row.room_id = event.room_id;
      to.no_settings.run();
      to.no_affiliations.row.room_id = event.room_id;
      to.no_affiliations.run();
      to.no_occupancies.row.room_id = event.room_id;
      to.stays.flush();
      to.no_occupancies.run();
    }
    void operator()(const record::AffiliationChanged& e) {
      set_stored_affiliation(e);
      if (!e.target.has_local()) return set_domain_affiliation(e);
      auto& row = to.account_affiliation.row;
      row.room_id = event.room_id;
      row.jid = e.target.bare_str();
      row.domain = e.target.domain();
      row.first = row.jid + "/";
      row.end = row.jid + "0";
      to.stays.flush();
      to.account_affiliation.run();
    }
    void operator()(const record::RoleChanged& e) {
      auto& row = to.role.row;
      row.role = static_cast<int>(e.new_value);
      row.room_id = event.room_id;
      row.nick = e.nick;
      to.stays.flush();
      to.role.run();
    }
    void operator()(const record::AccountChanged& e) {
      using enum record::AccountChanged::Action;
      switch (e.action) {
        case added:
          return add_account(e);
        case password:
          return set_password(e);
        case disabled:
          return enable_account(e.localpart, 0);
        case enabled:
          return enable_account(e.localpart, 1);
        case removed:
          return remove_account(e.localpart);
      }
    }
    void operator()(const record::GroupChanged& e) {
      using enum record::GroupChanged::Action;
      switch (e.action) {
        case added:
          to.group.row.name = e.group;
          to.group.row.created_at = event.at.us;
          to.group.run();
          return;
        case removed:
          return remove_group(e.group);
        case member_added:
          to.member.row.name = e.group;
          to.member.row.jid = e.member.bare_str();
          return must_change(to.member.run(), "no such group");
        case member_removed:
          to.no_member.row.name = e.group;
          to.no_member.row.jid = e.member.bare_str();
          return must_change(to.no_member.run(), "no such member");
      }
    }
    void operator()(const record::ServerStopped&) {
      to.stopped.row.source = placement.source;
      must_change(to.stopped.run(), "no such source");
    }
    void operator()(const record::RetentionChanged& e) {
      if (e.days) put_setting("hansard#keep_days", *e.days);
      if (e.messages) put_setting("hansard#keep_messages", *e.messages);
    }
    // These change nothing that is stored.
    void operator()(const record::InvitationSent&) {}
    void operator()(const record::InvitationAnswered&) {}
    void operator()(const record::HistoryViewed&) {}
    void operator()(const record::JoinRefused&) {}
    void operator()(const record::MessageRejected&) {}
    // Said to oneself it stands in one's archive once.
    void operator()(const record::DirectMessage& e) {
      if (e.for_sender) archive(event.actor.jid, e.to, e);
      if (e.for_recipient && !(e.for_sender && e.to.bare_str() == event.actor.jid.bare_str()))
        archive(e.to, event.actor.jid, e);
    }
    void operator()(const record::AuthRefused&) {}
    void operator()(const record::SessionChanged&) {}
    void operator()(const record::AdminCommand&) {}
    void operator()(const record::ServerStarted&) {}
    void operator()(const record::CrashDetected&) {}
    void operator()(const record::RestoreDetected&) {}
    void operator()(const record::RosterChanged& e) { to.personal.write(e); }
    void operator()(const record::PrivateXmlChanged& e) { to.personal.write(e); }
    void operator()(const record::VcardChanged& e) { to.personal.write(e); }
    void operator()(const record::PepNodeChanged& e) { to.personal.write(e); }
    void operator()(const record::PepItemChanged& e) { to.personal.write(e); }

    void operator()(const record::ArchivePreferencesChanged& e) { to.personal.write(e); }

   private:
    void archive(const xmpp::Jid& owner, const xmpp::Jid& other, const record::DirectMessage& e) {
      auto& row = to.archived.row;
      row.localpart = owner.local();
      row.number = outbox_position(incarnation, placement.sn);
      row.at_us = event.at.us;
      row.peer = other.bare_str();
      row.resource = other.resource();
      row.stanza = e.stanza;
      to.archived.run();
    }
    // A row of history.
    template <class Row, class Said>
    void fill(Row& row, const Said& e) {
      to.setbacks.note(event.room_id, event.at);
      row.room_id = event.room_id;
      row.number = event.number;
      row.at_us = event.at.us;
      row.nick = e.nick;
      row.sender = event.actor.jid.str();
      row.stanza = e.stanza;
    }
    void put_setting(const std::string& key, const std::string& value) {
      auto& row = to.setting.row;
      row.room_id = event.room_id;
      row.key = key;
      row.value = value;
      to.setting.run();
    }
    void set_stored_affiliation(const record::AffiliationChanged& e) {
      if (e.new_value == record::Affiliation::none) {
        to.no_affiliation.row.room_id = event.room_id;
        to.no_affiliation.row.jid = e.target.bare_str();
        to.no_affiliation.run();
        return;
      }
      auto& row = to.affiliation.row;
      row.room_id = event.room_id;
      row.jid = e.target.bare_str();
      row.affiliation = static_cast<int>(e.new_value);
      row.reserved_nick = e.reserved_nick;
      to.affiliation.run();
    }
    void set_domain_affiliation(const record::AffiliationChanged& e) {
      auto& row = to.domain_affiliation.row;
      row.affiliation = static_cast<int>(e.new_value);
      row.room_id = event.room_id;
      row.domain = e.target.domain();
      to.stays.flush();
      to.domain_affiliation.run();
    }
    void add_account(const record::AccountChanged& e) {
      if (!e.verifiers) throw Refused("an account without keys");
      to.no_removed_account.row.localpart = e.localpart;
      if (to.no_removed_account.run() > 0 && e.in_band)
        throw Refused("an account of that name was removed");
      auto& row = to.account.row;
      row.localpart = e.localpart;
      row.admin = e.admin ? 1 : 0;
      row.created_at = event.at.us;
      row.sha1 = columns(e.verifiers->sha1);
      row.sha256 = columns(e.verifiers->sha256);
      to.account.run();
    }
    void set_password(const record::AccountChanged& e) {
      if (!e.verifiers) throw Refused("a password without keys");
      auto& row = to.password.row;
      row.localpart = e.localpart;
      row.made_from = e.made ? e.made->us : 0;
      row.made_to = e.made ? e.made->us : std::numeric_limits<std::int64_t>::max();
      row.sha1 = columns(e.verifiers->sha1);
      row.sha256 = columns(e.verifiers->sha256);
      must_change(to.password.run(), "no such account");
    }
    // Whoever gets the name later is somebody else. Rooms may still know it, so that nobody gets it
    // by asking.
    void remove_account(const std::string& localpart) {
      to.no_account.row.localpart = localpart;
      must_change(to.no_account.run(), "no such account");
      to.removed_account.row.localpart = localpart;
      to.removed_account.row.removed_at = event.at.us;
      to.removed_account.run();
      to.archived.flush();
      to.personal.forget(localpart);
      if (placement.local_domain.empty()) return;
      to.no_memberships.row.jid = localpart + "@" + placement.local_domain;
      to.no_memberships.run();
    }
    void remove_group(const std::string& name) {
      to.no_group.row.name = name;
      must_change(to.no_group.run(), "no such group");
      to.no_members.row.name = name;
      to.no_members.run();
    }
    void enable_account(const std::string& localpart, int enabled) {
      to.enable.row.enabled = enabled;
      to.enable.row.localpart = localpart;
      must_change(to.enable.run(), "no such account");
    }
  };
};

Derivation::Derivation(Session& session) : statements_(std::make_unique<Statements>(session)) {}
Derivation::~Derivation() = default;

void Derivation::write(const record::Event& event, const record::Placement& placement,
                       std::int64_t incarnation) {
  std::visit(Statements::State{*statements_, event, placement, incarnation}, event.body);
}

void Derivation::flush() {
  statements_->history.flush();
  statements_->archived.flush();
  statements_->setbacks.flushed();
  statements_->stays.flush();
  statements_->outbox.flush();
}

void Derivation::discard() noexcept {
  statements_->history.discard();
  statements_->archived.discard();
  statements_->stays.discard();
  statements_->outbox.discard();
}

void Derivation::write_outbox(const record::Event& event, const record::Leaf& leaf,
                              const record::Placement& placement, std::int64_t incarnation) {
  auto& row = statements_->outbox.row;
  row.position = outbox_position(incarnation, placement.sn);
  row.source = placement.source;
  row.sn = placement.sn;
  row.event_id = placement.id;
  row.code = static_cast<int>(event.code());
  row.at_us = event.at.us;
  row.room_id = event.room_id;
  row.number = event.number;
  row.leaf = leaf.bytes;
  row.leaf_hash = base::hex(base::as_chars(leaf.hash));
  row.parts = write_parts(leaf.parts);
  statements_->outbox.run();
}

}  // namespace db
