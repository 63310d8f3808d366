// SPDX-License-Identifier: Apache-2.0
#include "db/writer/derive/derive.h"

#include "db/parts_text.h"
#include "db/stores/people/message_archive_rows.h"
#include "db/writer/batched.h"
#include "db/writer/derive/accounts.h"
#include "db/writer/derive/must_change.h"
#include "db/writer/derive/personal.h"
#include "db/writer/derive/room_vcards.h"
#include "db/writer/derive/rows.h"
#include "db/writer/derive/setbacks.h"
#include "db/writer/derive/stay_rows.h"
#include "xmpp/retraction.h"

namespace db {
struct Derivation::Statements {
  explicit Statements(Session& s)
      : outbox(s),
        history(s),
        message(s),
        tombstone(s),
        old_subject(s),
        setbacks(s),
        room(s),
        destroy(s),
        subject(s),
        setting(s),
        affiliation(s),
        no_affiliation(s),
        person(s),
        no_person(s),
        stays(s),
        rename(s),
        role(s),
        account_affiliation(s),
        domain_affiliation(s),
        no_settings(s),
        no_affiliations(s),
        no_occupancies(s),
        no_people(s),
        vcards(s),
        accounts(s),
        stopped(s),
        archived(s),
        archive_setbacks(s),
        ahead(s),
        gap(s),
        personal(s) {}

  Batched<rows::InsertOutbox> outbox;
  Batched<rows::InsertHistory> history;
  Prepared<rows::ReadMessage> message;
  Prepared<rows::ReplaceMessage> tombstone;
  Prepared<rows::InsertSubject> old_subject;
  RoomSetbacks setbacks;
  Prepared<rows::InsertRoom> room;
  Prepared<rows::DestroyRoom> destroy;
  Prepared<rows::SetSubject> subject;
  Prepared<rows::PutSetting> setting;
  Prepared<rows::PutAffiliation> affiliation;
  Prepared<rows::DeleteAffiliation> no_affiliation;
  Prepared<rows::PutPerson> person;
  Prepared<rows::DeletePerson> no_person;
  StayRows stays;
  Prepared<rows::RenameOccupancy> rename;
  Prepared<rows::SetOccupancyRole> role;
  Prepared<rows::SetAccountAffiliation> account_affiliation;
  Prepared<rows::SetDomainAffiliation> domain_affiliation;
  Prepared<rows::ClearRoom<0>> no_settings;
  Prepared<rows::ClearRoom<1>> no_affiliations;
  Prepared<rows::ClearRoom<2>> no_occupancies;
  Prepared<rows::ClearRoom<3>> no_people;
  RoomVcards vcards;
  AccountDerivation accounts;
  Prepared<rows::MarkStopped> stopped;
  Batched<rows::InsertArchived> archived;
  PersonSetbacks archive_setbacks;
  Prepared<rows::PutAhead> ahead;
  Prepared<rows::PutGap> gap;
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
    void operator()(const record::MessageRetracted& e) {
      take_back(e.target, e.retracted, event.actor.jid.bare_str());
    }
    void operator()(const record::MessageModerated& e) {
      take_back(e.target, e.retracted, {});
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
      to.no_people.row.room_id = event.room_id;
      to.no_people.run();
      to.vcards.remove(event.room_id);
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
    void operator()(const record::PersonChanged& e) {
      for (const auto& change : e.changes) {
        if (change.new_value.empty())
          fill_and_run(to.no_person, e.target, change.key);
        else
          fill_and_run(to.person, e.target, change.key, change.new_value);
      }
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
      to.accounts.write(e, event.at, placement.local_domain);
      if (e.action != record::AccountChanged::Action::removed) return;
      to.archived.flush();  // what was said before goes too
      to.personal.forget(e.localpart);
    }
    void operator()(const record::GroupChanged& e) { to.accounts.write(e, event.at); }
    void operator()(const record::ServerStopped&) {
      to.stopped.row.source = placement.source;
      must_change(to.stopped.run(), "no such source");
    }
    void operator()(const record::RetentionChanged& e) {
      if (e.days) put_setting("hansard#keep_days", *e.days);
      if (e.messages) put_setting("hansard#keep_messages", *e.messages);
    }
    void operator()(const record::RoomVcardChanged& e) {
      to.vcards.put(event.room_id, e.vcard);
      std::string lines;
      for (const auto& hash : e.hashes) lines += (lines.empty() ? "" : "\n") + hash;
      put_setting("hansard#avatar", lines);
    }
    // These change nothing that is stored.
    void operator()(const record::InvitationSent&) {}
    void operator()(const record::InvitationAnswered&) {}
    void operator()(const record::HistoryViewed&) {}
    void operator()(const record::VoiceRequested&) {}
    void operator()(const record::ListRead&) {}
    void operator()(const record::OwnArchiveViewed&) {}
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
    void operator()(const record::ArchiveModeChanged&) {}
    void operator()(const record::ClockStepped&) {}
    // What has been said of a restore is not said again: only where this is on record has it been.
    void operator()(const record::RestoreDetected& e) {
      if (e.older == record::RestoreDetected::Older::content) {
        to.ahead.row.source = e.source;
        to.ahead.row.sn = e.archive_sn;
        to.ahead.run();
        return;
      }
      auto& row = to.gap.row;
      row.source = e.source;
      row.first = e.lost_first;
      row.last = e.lost_last;
      to.gap.run();
    }
    void operator()(const record::RosterChanged& e) { to.personal.write(e); }
    void operator()(const record::PrivateXmlChanged& e) { to.personal.write(e); }
    void operator()(const record::VcardChanged& e) { to.personal.write(e); }
    void operator()(const record::PepNodeChanged& e) { to.personal.write(e); }
    void operator()(const record::PepItemChanged& e) { to.personal.write(e); }

    void operator()(const record::ArchivePreferencesChanged& e) { to.personal.write(e); }

   private:
    void archive(const xmpp::Jid& owner, const xmpp::Jid& other, const record::DirectMessage& e) {
      to.archive_setbacks.note(std::string(owner.local()), event.at);
      auto& row = to.archived.row;
      row.localpart = owner.local();
      row.number = outbox_position(incarnation, placement.sn);
      row.at_us = event.at.us;
      row.peer = other.bare_str();
      row.resource = other.resource();
      row.stanza = e.stanza;
      to.archived.run();
    }
    // Puts a tombstone where the message stood, if it is still there and `author`'s ("";
    // anybody's).
    void take_back(std::int64_t number, const std::string& retracted, std::string_view author) {
      to.history.flush();  // it may be of this batch
      auto& message = to.message.row;
      message.room_id = event.room_id;
      message.number = number;
      if (!to.message.one()) return;
      const std::string_view sender = message.sender;
      if (!author.empty() && sender.substr(0, sender.find('/')) != author) return;
      auto stone = xmpp::tombstone(message.stanza, retracted);
      if (!stone) return;
      auto& row = to.tombstone.row;
      row.stanza = std::move(*stone);
      row.room_id = event.room_id;
      row.number = number;
      to.tombstone.run();
    }
    // A row of history.
    template <class Row, class Said>
    void fill(Row& row, const Said& e) {
      to.setbacks.note(event.room_id, event.at);
      row.room_id = event.room_id;
      row.number = event.number;
      row.at_us = event.at.us;
      if constexpr (requires { e.nick; })
        row.nick = e.nick;
      else
        row.nick.clear();  // the room's own
      row.sender = event.actor.jid.str();
      row.stanza = e.stanza;
    }
    template <class Row, class... Value>
    void fill_and_run(Prepared<Row>& statement, const xmpp::Jid& person, const std::string& key,
                      const Value&... value) {
      statement.row.room_id = event.room_id;
      statement.row.jid = person.bare_str();
      statement.row.key = key;
      ((statement.row.value = value), ...);
      statement.run();
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
  statements_->archive_setbacks.flushed();
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
