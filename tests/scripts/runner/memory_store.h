// SPDX-License-Identifier: Apache-2.0
// A RoomStore in memory that knows only what was recorded: it derives the state of rooms from their
// events, on its own, so that a room read back is a test of what the rules put on record.
#pragma once

#include <map>
#include <set>

#include "muc/room_store.h"
#include "record/event.h"

namespace tests {

class MemoryRoomStore final : public muc::RoomStore {
 public:
  // Applies one event; throws std::runtime_error if it does not continue its room's numbers.
  void apply(const record::Event& event);
  void set_failing(bool failing) { failing_ = failing; }

  // What was recorded, for checks.
  struct Present {
    std::string nick;
    xmpp::Jid jid;
  };
  // Sessions inside by their ids; null if there is no such room.
  const std::map<std::string, muc::OpenOccupancy>* inside(const xmpp::Jid& room) const;
  // Whether the room does not show occupants of this role, by its recorded settings.
  bool hides(const xmpp::Jid& room, const std::string& role) const;
  std::int64_t last_number(std::int64_t room_id) const;
  std::size_t events() const { return events_; }
  const std::vector<record::Event>& log() const { return log_; }

  base::Result<std::optional<muc::StoredRoom>, muc::StoreError> load(
      const xmpp::Jid& room, std::size_t recent_max) override;
  base::Result<std::vector<muc::HistoryItem>, muc::StoreError> history(
      const muc::HistoryRequest& request) override;
  base::Result<muc::ArchivePage, muc::StoreError> archive(
      const muc::ArchiveRequest& request) override;
  base::Result<std::string, muc::StoreError> vcard(std::int64_t room_id) override;
  base::Result<std::vector<muc::RoomListing>, muc::StoreError> list_public(
      const std::string& service, const std::string& after, std::size_t max) override;
  base::Result<std::vector<muc::RoomListing>, muc::StoreError> list_public_before(
      const std::string& service, const std::string& before, std::size_t max) override;
  base::Result<std::size_t, muc::StoreError> count_public(const std::string& service,
                                                          const std::string& before) override;
  base::Result<std::vector<xmpp::Jid>, muc::StoreError> with_open_occupancies(
      std::size_t max) override;
  base::Result<std::vector<xmpp::Jid>, muc::StoreError> temporary_rooms(
      const std::string& after, std::size_t at_most) override;
  base::Result<std::vector<xmpp::Jid>, muc::StoreError> owned_rooms(const xmpp::Jid& account,
                                                                    std::size_t at_most) override;

 private:
  struct Kept {
    muc::StoredRoom room;
    std::vector<muc::HistoryItem> history;
    std::vector<muc::HistoryItem> archive;  // with the subjects
    std::map<std::string, muc::OpenOccupancy> inside;
    std::string vcard;
    bool destroyed = false;
  };

  void derive(Kept& kept, const record::Event& event);
  // `author` empty: whoever it was.
  static void take_back(Kept& kept, std::int64_t number, const std::string& retracted,
                        const xmpp::Jid& author);

  std::map<std::int64_t, Kept> rooms_;
  std::map<xmpp::Jid, std::int64_t> ids_;
  std::vector<record::Event> log_;
  std::size_t events_ = 0;
  bool failing_ = false;
};

}  // namespace tests
