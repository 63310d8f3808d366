// SPDX-License-Identifier: Apache-2.0
// A page of a room's archive.
#include <algorithm>
#include <chrono>

#include "db/stores/search.h"
#include "db/stores/stored.h"
#include "db/stores/stores.h"

namespace db {
namespace {

using Clock = std::chrono::steady_clock;

// What looks at rows that do not match goes this many numbers at a time, and looks at the clock in
// between.
constexpr std::int64_t stride = 20'000;
constexpr std::chrono::seconds patience{5};

class Reading {
 public:
  Reading(ReaderConnection& db, const muc::ArchiveRequest& request)
      : rows_(db.pages), asked_(request), speaker_(speaker_of(request)) {}

  muc::ArchivePage read() {
    muc::ArchivePage page;
    for (const auto& numbers : {asked_.named, asked_.only})
      for (const std::int64_t number : numbers) page.missing = page.missing || !is_there(number);
    if (page.missing) return page;
    const NumberRange range =
        narrow(rows_, asked_.room_id, {asked_.after, asked_.before}, asked_.start, asked_.end);
    const bool count = asked_.max_items == 0;
    if (count) page.count = 0;
    const bool filtered = count || asked_.sender || asked_.nick;
    for (const auto& part : parts(range, filtered ? stride : range.before - range.after)) {
      if (count)
        *page.count += count_in(part);
      else if (!take(page, part))
        break;
      if (Clock::now() > deadline_) throw DatabaseError("too much to look through");
    }
    if (count) page.complete = page.count == 0;
    if (asked_.newest) std::ranges::reverse(page.items);
    return page;
  }

 private:
  // What the range is looked through in, in the order of the page.
  std::vector<NumberRange> parts(const NumberRange& range, std::int64_t length) const {
    std::vector<NumberRange> out;
    if (!asked_.only.empty()) {
      for (const std::int64_t number : asked_.only)
        if (number > range.after && number < range.before) out.push_back({number - 1, number + 1});
      std::ranges::sort(out, {}, &NumberRange::after);
      const auto again = std::ranges::unique(out, {}, &NumberRange::after);
      out.erase(again.begin(), again.end());
    } else {
      for (std::int64_t after = range.after; after + 1 < range.before;) {
        const std::int64_t before =
            range.before - after > length ? after + length + 1 : range.before;
        out.push_back({after, before});
        after = before - 1;
      }
    }
    if (asked_.newest) std::ranges::reverse(out);
    return out;
  }

  bool is_there(std::int64_t number) {
    auto& row = rows_.row_from.row;
    row.of = asked_.room_id;
    row.from = number;
    return rows_.row_from.one() && row.number == number;
  }

  // An account's sessions lie from "account/" to before "account0"; nothing lies between a text and
  // the same with U+0001 behind it, which no JID holds.
  static rows::Speaker speaker_of(const muc::ArchiveRequest& request) {
    rows::Speaker speaker{.first = "", .behind = "\xf4\x8f\xbf\xbf"};  // U+10FFFF: behind every JID
    if (request.sender) {
      const std::string jid = request.sender->str();
      speaker.first = request.sender->is_bare() ? jid + '/' : jid;
      speaker.behind = jid + (request.sender->is_bare() ? '0' : '\x01');
    }
    speaker.any_nick = request.nick ? 0 : 1;
    speaker.as = request.nick.value_or("");
    return speaker;
  }

  rows::Range bounds(const NumberRange& part) const {
    return {asked_.room_id, part.after, part.before, asked_.start.us, asked_.end.us};
  }

  std::size_t count_in(const NumberRange& part) {
    auto& query = rows_.count;
    static_cast<rows::Range&>(query.row) = bounds(part);
    static_cast<rows::Speaker&>(query.row) = speaker_;
    query.one();
    return stored_size(query.row.found);
  }

  // False: the page is full.
  bool take(muc::ArchivePage& page, const NumberRange& part) {
    if (asked_.sender || asked_.nick)
      return asked_.newest ? take_of(rows_.newest_of, page, part)
                           : take_of(rows_.oldest_of, page, part);
    return asked_.newest ? take_from(rows_.newest, page, part)
                         : take_from(rows_.oldest, page, part);
  }
  template <class Query>
  bool take_of(Query& query, muc::ArchivePage& page, const NumberRange& part) {
    static_cast<rows::Speaker&>(query.row) = speaker_;
    return take_from(query, page, part);
  }
  // Reads one more than is wanted, to know whether there is one.
  template <class Query>
  bool take_from(Query& query, muc::ArchivePage& page, const NumberRange& part) {
    static_cast<rows::Range&>(query.row) = bounds(part);
    query.row.max = static_cast<std::int64_t>(asked_.max_items - page.items.size() + 1);
    query.each_while([&] {
      page.complete = page.items.size() < asked_.max_items && bytes_ <= asked_.max_bytes;
      if (!page.complete) return false;
      const auto& row = query.row;
      page.items.push_back({row.number,
                            {row.at_us},
                            row.nick,
                            row.sender.empty() ? xmpp::Jid{} : stored_jid(row.sender),
                            row.stanza});
      bytes_ += row.stanza.size();
      return true;
    });
    return page.complete;
  }

  HistoryPageRows& rows_;
  const muc::ArchiveRequest& asked_;
  const rows::Speaker speaker_;
  std::size_t bytes_ = 0;
  const Clock::time_point deadline_ = Clock::now() + patience;
};

}  // namespace

RoomStore::Read<muc::ArchivePage> RoomStore::archive(const muc::ArchiveRequest& request) {
  return read_stored(readers_, [&](ReaderConnection& db) { return Reading(db, request).read(); });
}

}  // namespace db
