// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <limits>

#include "db/stores/stores.h"

namespace db {
namespace {

using accounts::ArchivedMessage;
using accounts::ArchiveFilter;
using accounts::StoreError;
using Page = accounts::MessageArchive::Page;

// The numbers and times between which a page lies.
struct Bounds {
  std::int64_t after = 0, before = std::numeric_limits<std::int64_t>::max();
  std::int64_t start = std::numeric_limits<std::int64_t>::min();
  std::int64_t end = std::numeric_limits<std::int64_t>::max();
};

// nullopt: nothing lies there.
std::optional<Bounds> bounds(MessageArchiveRows& rows, const std::string& localpart,
                             const ArchiveFilter& filter, bool from_end) {
  Bounds bounds;
  if (filter.after) bounds.after = *filter.after;
  if (filter.before) bounds.before = *filter.before;
  if (filter.start) bounds.start = filter.start->us;
  if (filter.end) bounds.end = filter.end->us;
  const auto begin = [&](auto& query, std::int64_t time) {
    query.row.localpart = localpart;
    query.row.time = time;
    query.one();
    return query.row.number;
  };
  if (filter.start && !from_end) {
    const auto first = begin(rows.since, bounds.start);
    if (first == 0) return std::nullopt;
    bounds.after = std::max(bounds.after, first - 1);
  }
  if (filter.end && from_end) {
    const auto last = begin(rows.until, bounds.end);
    if (last == 0) return std::nullopt;
    bounds.before = std::min(bounds.before, last + 1);
  }
  return bounds;
}

template <class Query>
Page read_page(Query& query, const std::string& localpart, const Bounds& bounds, std::size_t max,
               std::size_t bytes_max) {
  auto& row = query.row;
  row.localpart = localpart;
  row.after = bounds.after;
  row.before = bounds.before;
  row.start = bounds.start;
  row.end = bounds.end;
  row.max = static_cast<std::int64_t>(std::min<std::size_t>(max, 1'000'000)) + 1;
  Page page;
  std::size_t bytes = 0;
  query.each_while([&] {
    page.more = page.messages.size() == max || (bytes >= bytes_max && !page.messages.empty());
    if (page.more) return false;
    bytes += row.stanza.size();
    page.messages.push_back({row.number, {row.at_us}, row.stanza});
    return true;
  });
  return page;
}

template <class Query>
Page read_page_with(Query& query, const xmpp::Jid& with, const std::string& localpart,
                    const Bounds& bounds, std::size_t max, std::size_t bytes_max) {
  query.row.with = with.bare_str();
  query.row.resource = with.resource();
  query.row.any_resource = with.is_bare() ? 1 : 0;
  return read_page(query, localpart, bounds, max, bytes_max);
}

}  // namespace

std::vector<xmpp::Jid> stored_lines(const std::string& text) {
  std::vector<xmpp::Jid> jids;
  for (std::size_t begin = 0, end = 0; (end = text.find('\n', begin)) != std::string::npos;
       begin = end + 1)
    if (auto jid = xmpp::Jid::parse(text.substr(begin, end - begin)))
      jids.push_back(std::move(*jid));
  return jids;
}

MessageArchive::Read<Page> MessageArchive::page(const std::string& localpart,
                                                const ArchiveFilter& filter, bool from_end,
                                                std::size_t max, std::size_t bytes_max) {
  return readers_.read(StoreError::unavailable, [&](ReaderConnection& db) {
    MessageArchiveRows& rows = db.archive;
    const auto where = bounds(rows, localpart, filter, from_end);
    if (!where) return Page{};
    Page page;
    if (filter.with)
      page = from_end
                 ? read_page_with(rows.with_last, *filter.with, localpart, *where, max, bytes_max)
                 : read_page_with(rows.with_first, *filter.with, localpart, *where, max, bytes_max);
    else
      page = from_end ? read_page(rows.all_last, localpart, *where, max, bytes_max)
                      : read_page(rows.all_first, localpart, *where, max, bytes_max);
    if (from_end) std::ranges::reverse(page.messages);
    return page;
  });
}

MessageArchive::Read<std::optional<ArchivedMessage>> MessageArchive::find(
    const std::string& localpart, std::int64_t number) {
  return readers_.read(StoreError::unavailable,
                       [&](ReaderConnection& db) -> std::optional<ArchivedMessage> {
                         auto& query = db.archive.message;
                         query.row.localpart = localpart;
                         query.row.number = number;
                         if (!query.one()) return std::nullopt;
                         return ArchivedMessage{number, {query.row.at_us}, query.row.stanza};
                       });
}

MessageArchive::Read<std::optional<MessageArchive::Ends>> MessageArchive::ends(
    const std::string& localpart) {
  return readers_.read(StoreError::unavailable, [&](ReaderConnection& db) -> std::optional<Ends> {
    auto& first = db.archive.first;
    auto& last = db.archive.last;
    first.row.localpart = last.row.localpart = localpart;
    if (!first.one() || !last.one()) return std::nullopt;
    return Ends{{first.row.number, {first.row.at_us}, {}}, {last.row.number, {last.row.at_us}, {}}};
  });
}

MessageArchive::Read<std::vector<accounts::ArchiveOwner>> MessageArchive::owners() {
  return readers_.read(StoreError::unavailable, [&](ReaderConnection& db) {
    std::vector<accounts::ArchiveOwner> all;
    auto& query = db.archive.owners;
    query.each([&] {
      all.push_back(
          {.localpart = query.row.localpart, .preferences = stored_preferences(query.row)});
    });
    auto& roster = db.personal.roster;
    for (auto& owner : all) {
      if (owner.preferences.fallback != record::ArchiveDefault::roster) continue;
      roster.row.localpart = owner.localpart;
      roster.each([&] {
        if (auto jid = xmpp::Jid::parse(roster.row.jid)) owner.contacts.insert(jid->bare());
      });
    }
    return all;
  });
}

}  // namespace db
