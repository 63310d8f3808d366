// SPDX-License-Identifier: Apache-2.0
// What is read from the content database: rooms, accounts, groups, the outbox. Thread-safe but for
// the outbox, which is the archivist's. For db/'s own files.
#pragma once

#include <atomic>
#include <functional>

#include "accounts/account_store.h"
#include "accounts/archive/message_archive.h"
#include "accounts/group_store.h"
#include "accounts/personal_store.h"
#include "compliance/outbox.h"
#include "db/stores/readers.h"
#include "muc/room_directory.h"
#include "muc/room_store.h"

namespace db {

std::vector<xmpp::Jid> stored_lines(const std::string& text);  // a JID each

class RoomStore final : public muc::RoomStore {
 public:
  template <class T>
  using Read = base::Result<T, muc::StoreError>;

  // Rooms with occupancies of incarnations before `incarnation` are those a crash left open.
  RoomStore(Readers& readers, const std::atomic<std::int64_t>& incarnation)
      : readers_(readers), incarnation_(incarnation) {}

  Read<std::optional<muc::StoredRoom>> load(const xmpp::Jid& room, std::size_t recent_max) override;
  Read<std::vector<muc::HistoryItem>> history(const muc::HistoryRequest& request) override;
  Read<muc::ArchivePage> archive(const muc::ArchiveRequest& request) override;
  Read<std::string> vcard(std::int64_t room_id) override;
  Read<std::vector<muc::RoomListing>> list_public(const std::string& service,
                                                  const std::string& after,
                                                  std::size_t max) override;
  Read<std::vector<muc::RoomListing>> list_public_before(const std::string& service,
                                                         const std::string& before,
                                                         std::size_t max) override;
  Read<std::size_t> count_public(const std::string& service, const std::string& before) override;
  Read<std::vector<xmpp::Jid>> with_open_occupancies(std::size_t max) override;
  Read<std::vector<xmpp::Jid>> temporary_rooms(const std::string& after,
                                               std::size_t at_most) override;
  Read<std::vector<xmpp::Jid>> owned_rooms(const xmpp::Jid& account, std::size_t at_most) override;

 private:
  Readers& readers_;
  const std::atomic<std::int64_t>& incarnation_;
};

class RoomDirectory final : public muc::RoomDirectory {
 public:
  template <class T>
  using Read = base::Result<T, muc::StoreError>;

  // Who is inside is who came in `incarnation`.
  RoomDirectory(Readers& readers, const std::atomic<std::int64_t>& incarnation)
      : readers_(readers), incarnation_(incarnation) {}

  Read<std::vector<muc::RoomSummary>> list(const std::string& service, const std::string& after,
                                           std::size_t max) override;
  Read<std::optional<muc::RoomPlace>> locate(const xmpp::Jid& room) override;
  Read<std::optional<muc::RoomDetails>> find(const xmpp::Jid& room) override;
  Read<std::vector<muc::StoredAffiliation>> affiliations(std::int64_t room_id,
                                                         const std::string& after,
                                                         std::size_t max) override;
  Read<std::vector<muc::Stay>> occupants(std::int64_t room_id, std::size_t max) override;

 private:
  Readers& readers_;
  const std::atomic<std::int64_t>& incarnation_;
};

class AccountStore final : public accounts::AccountStore {
 public:
  explicit AccountStore(Readers& readers) : readers_(readers) {}
  base::Result<std::optional<accounts::Account>, accounts::StoreError> find(
      const std::string& localpart) override;
  base::Result<std::vector<accounts::Account>, accounts::StoreError> list(const std::string& after,
                                                                          std::size_t max) override;

 private:
  Readers& readers_;
};

class GroupStore final : public accounts::GroupStore {
 public:
  template <class T>
  using Read = base::Result<T, accounts::StoreError>;

  explicit GroupStore(Readers& readers) : readers_(readers) {}
  Read<std::optional<accounts::Group>> find(const std::string& name) override;
  Read<std::vector<accounts::Group>> list(const std::string& after, std::size_t max) override;
  Read<std::vector<xmpp::Jid>> members(const std::string& name, const std::string& after,
                                       std::size_t max) override;
  Read<bool> is_member(const std::string& name, const xmpp::Jid& jid) override;

 private:
  Readers& readers_;
};

class PersonalStore final : public accounts::PersonalStore {
 public:
  explicit PersonalStore(Readers& readers) : readers_(readers) {}
  base::Result<std::optional<accounts::PersonalData>, accounts::StoreError> load(
      const std::string& localpart) override;

 private:
  Readers& readers_;
};

class MessageArchive final : public accounts::MessageArchive {
 public:
  explicit MessageArchive(Readers& readers) : readers_(readers) {}
  Read<Page> page(const std::string& localpart, const accounts::ArchiveFilter& filter,
                  bool from_end, std::size_t max, std::size_t bytes_max) override;
  Read<std::optional<std::size_t>> count(const std::string& localpart,
                                         const accounts::ArchiveFilter& filter) override;
  Read<std::optional<accounts::ArchivedMessage>> find(const std::string& localpart,
                                                      std::int64_t number) override;
  Read<std::optional<Ends>> ends(const std::string& localpart) override;
  Read<std::vector<accounts::ArchiveOwner>> owners() override;

 private:
  Readers& readers_;
};

// Lines that are no JIDs are as if they were not there.
template <class Row>
accounts::ArchivePreferences stored_preferences(const Row& row) {
  return {row.fallback == 1   ? record::ArchiveDefault::never
          : row.fallback == 2 ? record::ArchiveDefault::roster
                              : record::ArchiveDefault::always,
          stored_lines(row.always), stored_lines(row.never)};
}

class OutboxStore final : public compliance::Outbox {
 public:
  // What is told up to where rows may go, and what of that stays.
  using MayGo = std::function<void(std::int64_t, const std::vector<compliance::Positions>& kept)>;
  OutboxStore(Readers& readers, MayGo may_go) : readers_(readers), may_go_(std::move(may_go)) {}
  base::Result<std::vector<compliance::OutboxRow>, compliance::StoreError> next(
      std::int64_t after_position, std::size_t max) override;
  base::Result<void, compliance::StoreError> clear(
      std::int64_t up_to_position, const std::vector<compliance::Positions>& kept) override;
  base::Result<std::int64_t, compliance::StoreError> lost_up_to(const std::string& source) override;
  std::int64_t end_of_source(std::int64_t position) const override;

 private:
  Readers& readers_;
  MayGo may_go_;
};

}  // namespace db
