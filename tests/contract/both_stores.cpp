// SPDX-License-Identifier: Apache-2.0
#include "tests/contract/both_stores.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <sstream>

namespace tests {
namespace {

using Out = std::ostringstream;

void put(Out& out, std::size_t number) { out << number; }
void put(Out& out, const xmpp::Jid& jid) { out << jid.str(); }
void put(Out& out, const muc::RoomListing& room) { out << room.jid.str() << ' ' << room.name; }
void put(Out& out, const muc::HistoryItem& item) {
  out << item.number << ' ' << item.at.us << ' ' << item.nick << ' ' << item.sender.str() << ' '
      << item.stanza;
}
void put(Out& out, const muc::StoredAffiliation& a) {
  out << a.jid.str() << ' ' << static_cast<int>(a.affiliation) << ' ' << a.reserved_nick;
}
void put(Out& out, const muc::StoredPerson& p) {
  out << p.jid.str() << ' ' << p.key << ' ' << p.value;
}
// When it was last seen is the server's heartbeat, of which memory knows nothing.
void put(Out& out, const muc::OpenOccupancy& o) {
  out << o.session << ' ' << o.nick << ' ' << o.jid.str() << ' ' << static_cast<int>(o.affiliation)
      << ' ' << static_cast<int>(o.role) << ' ' << o.joined_at.us;
}
void put(Out& out, const std::string& text) { out << text; }
template <class T>
void put(Out& out, const std::vector<T>& all) {
  for (const auto& one : all) {
    put(out, one);
    out << '\n';
  }
}
// In whatever order.
template <class T>
void put_sorted(Out& out, const std::vector<T>& all) {
  std::vector<std::string> lines;
  for (const auto& one : all) {
    Out line;
    put(line, one);
    lines.push_back(line.str());
  }
  std::ranges::sort(lines);
  for (const auto& line : lines) out << line << '\n';
}
void put(Out& out, const muc::ArchivePage& page) {
  out << page.missing << page.complete << (page.count ? std::to_string(*page.count) : "") << '\n';
  put(out, page.items);
}
void put(Out& out, const std::optional<muc::StoredRoom>& room) {
  if (!room) return;
  out << room->id << ' ' << room->jid.str() << ' ' << room->created_at.us << ' '
      << room->last_number << '\n'
      << room->subject_stanza << ' ' << room->subject_at.us << '\n';
  for (const auto& [key, value] : room->settings) out << key << '=' << value << '\n';
  put_sorted(out, room->affiliations);
  put_sorted(out, room->people);
  put(out, room->recent);
  put_sorted(out, room->open_occupancies);
}

template <class T>
std::string text(const BothStores::Read<T>& read) {
  if (!read) return read.error() == muc::StoreError::corrupt ? "corrupt" : "unavailable";
  Out out;
  put(out, *read);
  return out.str();
}

template <class T>
BothStores::Read<T> same(BothStores::Read<T> database, const BothStores::Read<T>& memory) {
  CHECK(text<T>(database) == text<T>(memory));
  return database;
}

}  // namespace

#define ASK(question) same(database_.question, memory_.question)

BothStores::Read<std::optional<muc::StoredRoom>> BothStores::load(const xmpp::Jid& room,
                                                                  std::size_t recent_max) {
  return ASK(load(room, recent_max));
}
BothStores::Read<std::vector<muc::HistoryItem>> BothStores::history(
    const muc::HistoryRequest& request) {
  return ASK(history(request));
}
BothStores::Read<muc::ArchivePage> BothStores::archive(const muc::ArchiveRequest& request) {
  return ASK(archive(request));
}
BothStores::Read<std::string> BothStores::vcard(std::int64_t room_id) {
  return ASK(vcard(room_id));
}
BothStores::Read<std::vector<muc::RoomListing>> BothStores::list_public(const std::string& service,
                                                                        const std::string& after,
                                                                        std::size_t max) {
  return ASK(list_public(service, after, max));
}
BothStores::Read<std::vector<muc::RoomListing>> BothStores::list_public_before(
    const std::string& service, const std::string& before, std::size_t max) {
  return ASK(list_public_before(service, before, max));
}
BothStores::Read<std::size_t> BothStores::count_public(const std::string& service,
                                                       const std::string& before) {
  return ASK(count_public(service, before));
}
BothStores::Read<std::vector<xmpp::Jid>> BothStores::with_open_occupancies(std::size_t max) {
  return ASK(with_open_occupancies(max));
}
BothStores::Read<std::vector<xmpp::Jid>> BothStores::temporary_rooms(const std::string& after,
                                                                     std::size_t at_most) {
  return ASK(temporary_rooms(after, at_most));
}
BothStores::Read<std::vector<xmpp::Jid>> BothStores::owned_rooms(const xmpp::Jid& account,
                                                                 std::size_t at_most) {
  return ASK(owned_rooms(account, at_most));
}

}  // namespace tests
