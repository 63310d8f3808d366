// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <limits>

#include "db/stores/search.h"
#include "db/stores/stores.h"

namespace db {
namespace {

using accounts::ArchivedMessage;
using accounts::ArchiveFilter;
using accounts::StoreError;
using Page = accounts::MessageArchive::Page;

constexpr base::Time earliest{std::numeric_limits<std::int64_t>::min()};
constexpr base::Time latest{std::numeric_limits<std::int64_t>::max()};

// What is looked through for a page or a count.
rows::ArchiveRange range_of(MessageArchiveRows& rows, const std::string& localpart,
                            const ArchiveFilter& filter) {
  NumberRange numbers{filter.after.value_or(0), filter.before.value_or(latest.us)};
  const base::Time start = filter.start.value_or(earliest), end = filter.end.value_or(latest);
  if (filter.start || filter.end) numbers = narrow(rows, localpart, numbers, start, end);
  return {localpart, numbers.after, numbers.before, start.us, end.us};
}

template <class Row>
void fill(Row& row, const rows::ArchiveRange& range) {
  static_cast<rows::ArchiveRange&>(row) = range;
}

template <class Row>
void fill(Row& row, const xmpp::Jid& with) {
  row.with = with.bare_str();
  row.resource = with.resource();
  row.any_resource = with.is_bare() ? 1 : 0;
}

template <class Query>
Page read_page(Query& query, const rows::ArchiveRange& range, std::size_t max,
               std::size_t bytes_max) {
  auto& row = query.row;
  fill(row, range);
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
Page read_page_with(Query& query, const xmpp::Jid& with, const rows::ArchiveRange& range,
                    std::size_t max, std::size_t bytes_max) {
  fill(query.row, with);
  return read_page(query, range, max, bytes_max);
}

bool matches(const rows::ArchivedMessage& row, const ArchiveFilter& filter) {
  if (filter.after && row.number <= *filter.after) return false;
  if (filter.before && row.number >= *filter.before) return false;
  if (filter.start && row.at_us < filter.start->us) return false;
  if (filter.end && row.at_us > filter.end->us) return false;
  if (!filter.with) return true;
  return row.peer == filter.with->bare_str() &&
         (filter.with->is_bare() || row.resource == filter.with->resource());
}

// Of those that are named, in the order of number; false if one is not there.
template <class Take>
bool each_named(MessageArchiveRows& rows, const std::string& localpart, const ArchiveFilter& filter,
                bool from_end, Take&& take) {
  std::vector<std::int64_t> numbers = filter.only;
  std::ranges::sort(numbers);
  numbers.erase(std::unique(numbers.begin(), numbers.end()), numbers.end());
  if (from_end) std::ranges::reverse(numbers);
  auto& query = rows.message;
  query.row.localpart = localpart;
  for (const std::int64_t number : numbers) {
    query.row.number = number;
    if (!query.one()) return false;
    if (matches(query.row, filter)) take(query.row);
  }
  return true;
}

Page read_named(MessageArchiveRows& rows, const std::string& localpart, const ArchiveFilter& filter,
                bool from_end, std::size_t max, std::size_t bytes_max) {
  Page page;
  std::size_t bytes = 0;
  const bool all = each_named(rows, localpart, filter, from_end, [&](const auto& row) {
    page.more =
        page.more || page.messages.size() == max || (bytes >= bytes_max && !page.messages.empty());
    if (page.more) return;
    bytes += row.stanza.size();
    page.messages.push_back({row.number, {row.at_us}, row.stanza});
  });
  if (!all) return {.missing = true};
  return page;
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
    Page page;
    if (!filter.only.empty()) {
      page = read_named(rows, localpart, filter, from_end, max, bytes_max);
      if (from_end) std::ranges::reverse(page.messages);
      return page;
    }
    const auto range = range_of(rows, localpart, filter);
    if (filter.with)
      page = from_end ? read_page_with(rows.with_last, *filter.with, range, max, bytes_max)
                      : read_page_with(rows.with_first, *filter.with, range, max, bytes_max);
    else
      page = from_end ? read_page(rows.all_last, range, max, bytes_max)
                      : read_page(rows.all_first, range, max, bytes_max);
    if (from_end) std::ranges::reverse(page.messages);
    return page;
  });
}

MessageArchive::Read<std::optional<std::size_t>> MessageArchive::count(
    const std::string& localpart, const ArchiveFilter& filter) {
  return readers_.read(
      StoreError::unavailable, [&](ReaderConnection& db) -> std::optional<std::size_t> {
        MessageArchiveRows& rows = db.archive;
        if (!filter.only.empty()) {
          std::size_t found = 0;
          if (!each_named(rows, localpart, filter, false, [&](const auto&) { ++found; }))
            return std::nullopt;
          return found;
        }
        const auto counted = [&](auto& query) {
          fill(query.row, range_of(rows, localpart, filter));
          query.one();
          return static_cast<std::size_t>(query.row.count);
        };
        if (!filter.with) return counted(rows.all_count);
        fill(rows.with_count.row, *filter.with);
        return counted(rows.with_count);
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
    auto& first = db.archive.first_row;
    auto& last = db.archive.last_row;
    first.row.of = last.row.of = localpart;
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
