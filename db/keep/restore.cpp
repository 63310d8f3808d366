// SPDX-License-Identifier: Apache-2.0
#include "db/keep/restore.h"

#include <algorithm>
#include <charconv>
#include <limits>
#include <optional>
#include <tuple>

#include "db/keep/giving_up.h"
#include "db/parts_text.h"
#include "db/writer/derive/derive.h"
#include "db/writer/derive/rows.h"

namespace db {
namespace {

constexpr std::int64_t whole_source = std::numeric_limits<std::int64_t>::max();

using GoOn = std::function<bool()>;
using Numbers = std::map<std::string, std::int64_t>;  // the last number of each source

Numbers numbers(Session& session, const char* sql) {
  Numbers found;
  std::string source;
  std::int64_t sn = 0;
  Statement query(session);
  query.into(source).into(sn).prepare(sql);
  for (bool more = query.first(); more; more = query.next()) found[source] = sn;
  return found;
}

// "n1.7" is 7 of "n1"; 0: of another node.
std::int64_t incarnation_of(const std::string& source, const std::string& node) {
  if (!source.starts_with(node + ".")) return 0;
  std::int64_t number = 0;
  const char* end = source.data() + source.size();
  const auto read = std::from_chars(source.data() + node.size() + 1, end, number);
  return read.ec == std::errc{} && read.ptr == end ? number : 0;
}

std::string room_codes() {
  std::string codes;
  for (const auto& info : record::all_codes())
    if (info.cls == record::Class::room)
      codes += (codes.empty() ? "" : ", ") + std::to_string(static_cast<int>(info.code));
  return codes;
}

void read_tails(Session& archive, const std::string& source, std::int64_t after, Tails& tails) {
  const std::string codes = room_codes();
  const std::string sql =
      "SELECT tail.room, tail.rn, event.leaf_hash FROM (SELECT room, max(rn) AS rn FROM event"
      " WHERE src = :a AND sn > :b AND room IS NOT NULL AND t IN (" +
      codes +  // rule: numbers of our own
      ") GROUP BY room) AS tail JOIN event ON event.room = tail.room AND event.rn = tail.rn"
      " WHERE event.t IN (" +
      codes + ")";
  std::int64_t room = 0, number = 0;
  std::string hash;
  archive.be_patient();
  Statement query(archive);
  query.use(source).use(after).into(room).into(number).into(hash).prepare(sql.c_str());
  for (bool more = query.first(); more; more = query.next()) {
    auto& tail = tails[room];
    if (number > tail.first) tail = {number, hash};
  }
}

void raise_rooms(Session& content, const Tails& tails) {
  std::int64_t room = 0, number = 0;
  std::string hash;
  Statement raise(content);
  raise.use(number).use(hash).use(room).use(number).prepare(
      "UPDATE room_head SET number = :a, hash = :b WHERE room_id = :c AND number < :d");
  for (const auto& [id, tail] : tails) {
    room = id;
    std::tie(number, hash) = tail;
    raise.run();
  }
}

// Also by a start before this one that did not come to say it.
std::int64_t count_raised(Session& content, const Tails& tails) {
  std::int64_t raised = 0, room = 0, number = 0;
  int found = 0;
  std::string hash;
  Statement count(content);
  count.use(room).use(number).use(hash).into(found).prepare(
      "SELECT count(*) FROM room_head WHERE room_id = :a AND number = :b AND hash = :c");
  for (const auto& [id, tail] : tails) {
    room = id;
    std::tie(number, hash) = tail;
    count.one();
    raised += found;
  }
  return raised;
}

// What waits of a source for the archive, from the front: its first number; 0 if nothing does.
std::int64_t first_waiting(Session& content, std::int64_t incarnation) {
  const std::int64_t begin = outbox_position(incarnation, 0);
  const std::int64_t end = outbox_position(incarnation + 1, 0);
  std::int64_t first = 0;
  Statement(content)
      .use(begin)
      .use(end)
      .into(first)
      .prepare(
          "SELECT coalesce(min(position), 0) FROM outbox WHERE position > :a AND position < :b")
      .one();
  return first == 0 ? 0 : first - begin;
}

base::Sha256 hash_before(Session& content, std::int64_t position) {
  std::string leaf;
  Statement(content)
      .use(position)
      .into(leaf)
      .prepare("SELECT leaf FROM outbox WHERE position = :a")
      .one();
  const auto link = record::read_link(leaf);
  return link ? link->previous : base::Sha256{};
}

class Comparing {
 public:
  Comparing(Session& content, const ArchiveToCompare& archive, const std::string& node,
            const GoOn& go_on)
      : content_(content),
        archive_(*archive.growing),
        sealed_(archive.sealed),
        node_(node),
        go_on_(go_on) {}

  Comparison run() {
    const Numbers ours = numbers(content_, "SELECT source, sn FROM source_head");
    const Numbers archived = numbers(archive_, "SELECT src, sn FROM head");
    for (const auto& [source, sn] : archived) {
      const std::int64_t incarnation = incarnation_of(source, node_);
      if (incarnation == 0) continue;  // another node's: it has a content of its own
      found_.incarnation_max = std::max(found_.incarnation_max, incarnation);
      const auto own = ours.find(source);
      const std::int64_t known = own == ours.end() ? 0 : own->second;
      if (sn > known) archive_knows_more(source, known, sn);
    }
    for (const auto& [source, sn] : ours) {
      const auto there = archived.find(source);
      archive_knows_less(source, there == archived.end() ? 0 : there->second, sn);
    }
    return std::move(found_);
  }

 private:
  // Said once: what is unknown to the content at the next start is so still.
  void archive_knows_more(const std::string& source, std::int64_t known, std::int64_t archived) {
    std::int64_t said = 0;
    Statement(content_)
        .use(source)
        .into(said)
        .prepare("SELECT coalesce(max(sn), 0) FROM archive_ahead WHERE source = :a")
        .one();
    if (said >= archived) return;
    read_tails(archive_, source, std::max(known, said), found_.tails);
    for (const auto& volume : sealed_) {
      Session session(volume.target, Session::Use::reader);
      const GivingUp asking(session, go_on_);
      read_tails(session, source, std::max(known, said), found_.tails);
    }
    found_.said.emplace_back(
        record::RestoreDetected{.older = record::RestoreDetected::Older::content,
                                .source = source,
                                .content_sn = known,
                                .archive_sn = archived});
  }

  void archive_knows_less(const std::string& source, std::int64_t archived, std::int64_t known) {
    if (known <= archived) return;
    const std::int64_t incarnation = incarnation_of(source, node_);
    const std::int64_t first = first_waiting(content_, incarnation);
    if (first != 0 && first <= archived + 1) return;  // all that is missing waits
    const std::int64_t last = first == 0 ? known : first - 1;
    const std::int64_t said = lost_of_source(content_, source);
    if (said == whole_source) return;
    if (first != 0)
      found_.losses.push_back(
          {source, {last, hash_before(content_, outbox_position(incarnation, first))}});
    if (said >= last) return;
    found_.said.emplace_back(
        record::RestoreDetected{.older = record::RestoreDetected::Older::archive,
                                .source = source,
                                .content_sn = known,
                                .archive_sn = archived,
                                .lost_first = std::max(archived, said) + 1,
                                .lost_last = last});
  }

  Session& content_;
  Session& archive_;
  const std::vector<Volume>& sealed_;
  const std::string& node_;
  const GoOn& go_on_;
  Comparison found_;
};

}  // namespace

Comparison compare_with_archive(Session& content, const ArchiveToCompare& archive,
                                const std::string& node, const GoOn& go_on) {
  const GivingUp asking(*archive.growing, go_on);
  try {
    Transaction snapshot(*archive.growing, Transaction::Kind::read);
    return Comparing(content, archive, node, go_on).run();
  } catch (const DatabaseError&) {
    if (asking.given_up()) throw DatabaseError("given up while the archive was read");
    throw;
  }
}

void settle(Session& content, Comparison& comparison) {
  raise_rooms(content, comparison.tails);
  const std::int64_t raised = count_raised(content, comparison.tails);
  for (auto& body : comparison.said)
    if (auto& e = std::get<record::RestoreDetected>(body);
        e.older == record::RestoreDetected::Older::content)
      e.rooms = raised;
}

std::int64_t lost_of_source(Session& content, const std::string& source) {
  std::int64_t last = 0;
  Statement(content)
      .use(source)
      .into(last)
      .prepare("SELECT coalesce(max(last_sn), 0) FROM archive_gap WHERE source = :a")
      .one();
  return last;
}

void note_unarchived(Session& content, const std::string& source) {
  Prepared<rows::PutGap> gap(content);
  gap.row.source = source;
  gap.row.first = 1;
  gap.row.last = whole_source;
  gap.run();
}

std::int64_t events_lost(Session& content) {
  std::int64_t lost = 0;
  Statement(content)
      .use(whole_source)
      .into(lost)
      .prepare(
          "SELECT coalesce(cast(sum(last_sn - first_sn + 1) AS bigint), 0) FROM archive_gap"
          " WHERE last_sn < :a")
      .one();
  return lost;
}

}  // namespace db
