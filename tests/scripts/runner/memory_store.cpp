// SPDX-License-Identifier: Apache-2.0
#include "tests/scripts/runner/memory_store.h"

#include <algorithm>
#include <sstream>
#include <stdexcept>

#include "xmpp/retraction.h"

namespace tests {
namespace {

template <class... Ts>
struct Overloaded : Ts... {
  using Ts::operator()...;
};
template <class... Ts>
Overloaded(Ts...) -> Overloaded<Ts...>;

void require(bool holds, const std::string& what, const record::Event& event) {
  if (holds) return;
  throw std::runtime_error(what + " (room " + std::to_string(event.room_id) + ", number " +
                           std::to_string(event.number) + ", " +
                           std::string(record::info(event.code()).name) + ")");
}

}  // namespace

void MemoryRoomStore::apply(const record::Event& event) {
  ++events_;
  log_.push_back(event);
  if (record::info(event.code()).cls != record::Class::room) {
    require(event.number <= last_number(event.room_id), "a read of what is not there yet", event);
    return;
  }
  require(event.room_id != 0, "an event of no room", event);
  if (const auto* created = std::get_if<record::RoomCreated>(&event.body)) {
    require(rooms_.count(event.room_id) == 0 && ids_.count(created->room) == 0, "made twice",
            event);
    ids_[created->room] = event.room_id;
    muc::StoredRoom& room = rooms_[event.room_id].room;
    room.id = event.room_id;
    room.jid = created->room;
    room.created_at = event.at;
    room.settings = created->settings;
  }
  const auto at = rooms_.find(event.room_id);
  require(at != rooms_.end() && !at->second.destroyed, "an event of a room that is not there",
          event);
  require(event.number == at->second.room.last_number + 1, "numbers are not dense", event);
  at->second.room.last_number = event.number;
  derive(at->second, event);
}

void MemoryRoomStore::take_back(Kept& kept, std::int64_t number, const std::string& retracted,
                                const xmpp::Jid& author) {
  for (auto* items : {&kept.history, &kept.archive})
    for (auto& item : *items) {
      if (item.number != number || (!author.empty() && item.sender.bare() != author)) continue;
      if (const auto stone = xmpp::tombstone(item.stanza, retracted)) item.stanza = *stone;
    }
}

void MemoryRoomStore::derive(Kept& kept, const record::Event& event) {
  muc::StoredRoom& room = kept.room;
  if (const record::MessagePosted* e = record::message_of(event.body)) {
    require(!e->stanza_id.empty() && !e->stanza.empty(), "a message without id or text", event);
    require(!(e->is_private && e->keep), "a private message in the history", event);
    if (!e->keep) return;
    kept.history.push_back({event.number, event.at, e->nick, event.actor.jid, e->stanza});
    kept.archive.push_back(kept.history.back());
    return;
  }
  std::visit(
      Overloaded{
          [&](const record::MessageRetracted& e) {
            take_back(kept, e.target, e.retracted, event.actor.jid.bare());
          },
          [&](const record::MessageModerated& e) {
            take_back(kept, e.target, e.retracted, {});
            kept.history.push_back({event.number, event.at, "", event.actor.jid, e.stanza});
            kept.archive.push_back(kept.history.back());
          },
          [&](const record::SubjectChanged& e) {
            kept.archive.push_back({event.number, event.at, e.nick, event.actor.jid, e.stanza});
            room.subject_stanza = e.stanza;
            room.subject_at = event.at;
          },
          [&](const record::OccupantJoined& e) {
            const bool fresh =
                kept.inside
                    .emplace(event.actor.session,
                             muc::OpenOccupancy{event.actor.session, e.nick, event.actor.jid,
                                                event.actor.affiliation, event.actor.role, event.at,
                                                event.at})
                    .second;
            require(fresh, "joined twice", event);
          },
          [&](const record::OccupantLeft& e) {
            const auto at = kept.inside.find(event.actor.session);
            require(at != kept.inside.end(), "left without being inside", event);
            require(at->second.nick == e.nick, "left under another nick", event);
            kept.inside.erase(at);
          },
          [&](const record::NickChanged& e) {
            const auto at = kept.inside.find(event.actor.session);
            require(at != kept.inside.end() && at->second.nick == e.old_nick, "nick of nobody",
                    event);
            for (const auto& [session, sister] : kept.inside)
              if (sister.nick == e.new_nick) at->second.role = sister.role;
            at->second.nick = e.new_nick;
          },
          [&](const record::RoleChanged& e) {
            for (auto& [session, open] : kept.inside)
              if (open.nick == e.nick) open.role = e.new_value;
          },
          [&](const record::ConfigChanged& e) {
            for (const auto& change : e.changes) room.settings[change.key] = change.new_value;
          },
          [&](const record::RoomVcardChanged& e) {
            kept.vcard = e.vcard;
            std::string& lines = room.settings["hansard#avatar"];
            lines.clear();
            for (const auto& hash : e.hashes) lines += (lines.empty() ? "" : "\n") + hash;
          },
          [&](const record::RoomDestroyed&) {
            require(kept.inside.empty(), "destroyed around people", event);
            kept.destroyed = true;
            kept.vcard.clear();
            ids_.erase(room.jid);
          },
          [&](const record::AffiliationChanged& e) {
            auto& all = room.affiliations;
            all.erase(std::remove_if(all.begin(), all.end(),
                                     [&](const auto& a) { return a.jid == e.target; }),
                      all.end());
            if (e.new_value != record::Affiliation::none)
              all.push_back({e.target, e.new_value, e.reserved_nick});
            const auto entry = [&](const std::string& jid) {
              const auto found = std::find_if(all.begin(), all.end(),
                                              [&](const auto& a) { return a.jid.str() == jid; });
              return found == all.end() ? nullptr : &*found;
            };
            for (auto& [session, open] : kept.inside) {
              const auto own = entry(std::string(open.jid.bare_str()));
              const auto by_domain = entry(std::string(open.jid.domain()));
              if (open.jid.bare() != e.target && (own || open.jid.domain() != e.target.str()))
                continue;  // not concerned
              open.affiliation = own         ? own->affiliation
                                 : by_domain ? by_domain->affiliation
                                             : record::Affiliation::none;
            }
          },
          [&](const record::PersonChanged& e) {
            require(!e.changes.empty() && e.target.is_bare(), "nothing about nobody", event);
            for (const auto& change : e.changes) {
              const auto is = [&](const auto& p) {
                return p.jid == e.target && p.key == change.key;
              };
              const auto at = std::find_if(room.people.begin(), room.people.end(), is);
              const std::string old = at == room.people.end() ? "" : at->value;
              require(old == change.old_value, "something else was kept", event);
              std::erase_if(room.people, is);
              if (!change.new_value.empty())
                room.people.push_back({e.target, change.key, change.new_value});
            }
          },
          [](const auto&) {}},
      event.body);
}

const std::map<std::string, muc::OpenOccupancy>* MemoryRoomStore::inside(
    const xmpp::Jid& room) const {
  const auto id = ids_.find(room);
  return id == ids_.end() ? nullptr : &rooms_.at(id->second).inside;
}

bool MemoryRoomStore::hides(const xmpp::Jid& room, const std::string& role) const {
  const auto id = ids_.find(room);
  if (id == ids_.end()) return false;
  const auto& settings = rooms_.at(id->second).room.settings;
  const auto at = settings.find("muc#roomconfig_presencebroadcast");
  if (at == settings.end()) return false;
  std::istringstream shown(at->second);
  for (std::string line; std::getline(shown, line);)
    if (line == role) return false;
  return true;
}

std::int64_t MemoryRoomStore::last_number(std::int64_t room_id) const {
  const auto at = rooms_.find(room_id);
  return at == rooms_.end() ? 0 : at->second.room.last_number;
}

base::Result<std::optional<muc::StoredRoom>, muc::StoreError> MemoryRoomStore::load(
    const xmpp::Jid& room, std::size_t recent_max) {
  if (failing_) return base::fail(muc::StoreError::unavailable);
  const auto id = ids_.find(room);
  if (id == ids_.end()) return std::optional<muc::StoredRoom>{};
  const Kept& kept = rooms_.at(id->second);
  muc::StoredRoom stored = kept.room;
  const auto skip = kept.history.size() - std::min(kept.history.size(), recent_max);
  stored.recent.assign(kept.history.begin() + static_cast<std::ptrdiff_t>(skip),
                       kept.history.end());
  for (const auto& [session, open] : kept.inside) stored.open_occupancies.push_back(open);
  return std::optional(std::move(stored));
}

base::Result<std::vector<muc::HistoryItem>, muc::StoreError> MemoryRoomStore::history(
    const muc::HistoryRequest& request) {
  if (failing_) return base::fail(muc::StoreError::unavailable);
  std::vector<muc::HistoryItem> found;
  const auto at = rooms_.find(request.room_id);
  if (at == rooms_.end()) return found;
  for (const auto& item : at->second.history)
    if (item.number < request.before_number && item.at >= request.since) found.push_back(item);
  std::size_t bytes = 0;
  std::size_t given = 0;
  while (given < std::min(found.size(), request.max_items) && bytes <= request.max_bytes)
    bytes += found[found.size() - ++given].stanza.size();
  found.erase(found.begin(), found.end() - static_cast<std::ptrdiff_t>(given));
  return found;
}

namespace {

bool matches(const muc::ArchiveRequest& asked, const muc::HistoryItem& item) {
  const auto is_one = [&](const std::vector<std::int64_t>& numbers) {
    return std::find(numbers.begin(), numbers.end(), item.number) != numbers.end();
  };
  return item.number > asked.after && item.number < asked.before && item.at >= asked.start &&
         item.at <= asked.end && (!asked.nick || *asked.nick == item.nick) &&
         (!asked.sender ||
          *asked.sender == (asked.sender->is_bare() ? item.sender.bare() : item.sender)) &&
         (asked.only.empty() || is_one(asked.only));
}

}  // namespace

// As plainly as can be: everything is looked at.
base::Result<muc::ArchivePage, muc::StoreError> MemoryRoomStore::archive(
    const muc::ArchiveRequest& request) {
  if (failing_) return base::fail(muc::StoreError::unavailable);
  muc::ArchivePage page;
  std::vector<muc::HistoryItem> all;
  if (const auto at = rooms_.find(request.room_id); at != rooms_.end()) all = at->second.archive;
  const auto there = [&](std::int64_t number) {
    return std::any_of(all.begin(), all.end(), [&](const auto& i) { return i.number == number; });
  };
  page.missing = !std::all_of(request.named.begin(), request.named.end(), there) ||
                 !std::all_of(request.only.begin(), request.only.end(), there);
  if (page.missing) return page;
  std::erase_if(all, [&](const auto& item) { return !matches(request, item); });
  if (request.max_items == 0) {
    page.count = all.size();
    page.complete = all.empty();
    return page;
  }
  if (request.newest) std::reverse(all.begin(), all.end());
  std::size_t bytes = 0;
  for (auto& item : all) {
    page.complete = page.items.size() < request.max_items && bytes <= request.max_bytes;
    if (!page.complete) break;
    bytes += item.stanza.size();
    page.items.push_back(std::move(item));
  }
  if (request.newest) std::reverse(page.items.begin(), page.items.end());
  return page;
}

base::Result<std::string, muc::StoreError> MemoryRoomStore::vcard(std::int64_t room_id) {
  if (failing_) return base::fail(muc::StoreError::unavailable);
  const auto at = rooms_.find(room_id);
  return at == rooms_.end() ? std::string{} : at->second.vcard;
}

base::Result<std::vector<muc::RoomListing>, muc::StoreError> MemoryRoomStore::list_public(
    const std::string& service, const std::string& after, std::size_t max) {
  if (failing_) return base::fail(muc::StoreError::unavailable);
  std::vector<muc::RoomListing> found;
  for (const auto& [jid, id] : ids_) {
    const auto& settings = rooms_.at(id).room.settings;
    const auto hidden = settings.find("muc#roomconfig_publicroom");
    const auto locked = settings.find("hansard#locked");
    if (jid.domain() != service || jid.str() <= after || found.size() >= max) continue;
    if (hidden != settings.end() && hidden->second == "0") continue;
    if (locked != settings.end() && locked->second == "1") continue;
    const auto name = settings.find("muc#roomconfig_roomname");
    found.push_back({jid, name == settings.end() ? std::string{} : name->second});
  }
  return found;
}

base::Result<std::vector<muc::RoomListing>, muc::StoreError> MemoryRoomStore::list_public_before(
    const std::string& service, const std::string& before, std::size_t max) {
  auto found = list_public(service, "", rooms_.size());
  if (!found) return found;
  if (!before.empty())
    std::erase_if(*found, [&](const muc::RoomListing& room) { return room.jid.str() >= before; });
  const auto left_out = found->size() - std::min(found->size(), max);
  found->erase(found->begin(), found->begin() + static_cast<std::ptrdiff_t>(left_out));
  return found;
}

base::Result<std::size_t, muc::StoreError> MemoryRoomStore::count_public(
    const std::string& service, const std::string& before) {
  const auto found = list_public_before(service, before, rooms_.size());
  if (!found) return base::fail(found.error());
  return found->size();
}

base::Result<std::vector<xmpp::Jid>, muc::StoreError> MemoryRoomStore::with_open_occupancies(
    std::size_t max) {
  std::vector<xmpp::Jid> found;
  for (const auto& [jid, id] : ids_)
    if (found.size() < max && !rooms_.at(id).inside.empty()) found.push_back(jid);
  return found;
}

base::Result<std::vector<xmpp::Jid>, muc::StoreError> MemoryRoomStore::temporary_rooms(
    const std::string& after, std::size_t at_most) {
  if (failing_) return base::fail(muc::StoreError::unavailable);
  std::vector<xmpp::Jid> found;
  for (const auto& [jid, id] : ids_) {
    const auto& settings = rooms_.at(id).room.settings;
    const auto locked = settings.find("hansard#locked");
    const auto stays = settings.find("muc#roomconfig_persistentroom");
    const bool temporary = (locked != settings.end() && locked->second == "1") ||
                           (stays != settings.end() && stays->second != "1");
    if (temporary && jid.str() > after && found.size() < at_most) found.push_back(jid);
  }
  return found;
}

base::Result<std::vector<xmpp::Jid>, muc::StoreError> MemoryRoomStore::owned_rooms(
    const xmpp::Jid& account, std::size_t at_most) {
  if (failing_) return base::fail(muc::StoreError::unavailable);
  std::vector<xmpp::Jid> found;
  for (const auto& [jid, id] : ids_) {
    const auto& all = rooms_.at(id).room.affiliations;
    const bool owner = std::any_of(all.begin(), all.end(), [&](const auto& a) {
      return a.affiliation == record::Affiliation::owner && a.jid == account.bare();
    });
    if (owner && found.size() < at_most) found.push_back(jid);
  }
  return found;
}

}  // namespace tests
