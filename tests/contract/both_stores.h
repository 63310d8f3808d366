// SPDX-License-Identifier: Apache-2.0
// A RoomStore that asks two, the database's and the one in memory that transcripts and unit tests
// run on, and wants the same answer of both. Gives the database's.
#pragma once

#include "muc/room_store.h"

namespace tests {

class BothStores final : public muc::RoomStore {
 public:
  BothStores(muc::RoomStore& database, muc::RoomStore& memory)
      : database_(database), memory_(memory) {}

  template <class T>
  using Read = base::Result<T, muc::StoreError>;
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
  muc::RoomStore& database_;
  muc::RoomStore& memory_;
};

}  // namespace tests
