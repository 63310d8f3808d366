// SPDX-License-Identifier: Apache-2.0
#include "db/keep/overdue.h"

#include <charconv>
#include <limits>
#include <optional>
#include <type_traits>
#include <utility>

#include "db/stores/search.h"
#include "db/writer/derive/derive.h"

namespace db {
namespace {

constexpr std::int64_t page_max = 200;
constexpr std::int64_t no_time_limit = std::numeric_limits<std::int64_t>::max();
constexpr base::Micros day = 24 * base::minutes(60);
constexpr base::Time no_start{std::numeric_limits<std::int64_t>::min()};
constexpr base::Time no_end{std::numeric_limits<std::int64_t>::max()};

// What a room says, or the server where it says nothing.
std::optional<std::int64_t> rule(const std::string& own, std::optional<std::int64_t> servers) {
  if (own == "unlimited") return std::nullopt;
  std::int64_t number = 0;
  const auto read = std::from_chars(own.data(), own.data() + own.size(), number);
  if (own.empty() || read.ec != std::errc{} || read.ptr != own.data() + own.size()) return servers;
  return number;
}

// What is stored of one room or person. No messages: all 0.
struct Held {
  std::int64_t first = 0, first_at = 0, last = 0;
};

struct Room : Held {
  std::int64_t id = 0;
  int living = 1;
  std::string jid, days, messages;
};

// Where there is no rule for all, only rooms with one of their own are looked at: they have an
// index (0005_keeping.sql).
constexpr const char* room_columns =
    "SELECT room.id, room.jid,"
    " coalesce((SELECT value FROM room_setting WHERE room_id = room.id"
    "  AND key = 'hansard#keep_days'), ''),"
    " coalesce((SELECT value FROM room_setting WHERE room_id = room.id"
    "  AND key = 'hansard#keep_messages'), ''),"
    " coalesce((SELECT number FROM history WHERE room_id = room.id ORDER BY number LIMIT 1), 0),"
    " coalesce((SELECT at_us FROM history WHERE room_id = room.id ORDER BY number LIMIT 1), 0),"
    " coalesce((SELECT number FROM history WHERE room_id = room.id"
    "  ORDER BY number DESC LIMIT 1), 0),"
    " CASE WHEN room.destroyed_at IS NULL THEN 1 ELSE 0 END"
    " FROM room WHERE room.id > :a";
constexpr const char* with_own_rule =
    " AND room.id IN (SELECT room_id FROM room_setting"
    " WHERE key IN ('hansard#keep_days', 'hansard#keep_messages'))";

std::vector<Room> read_rooms(Session& session, bool all, std::int64_t after) {
  const std::string sql =
      std::string(room_columns) + (all ? "" : with_own_rule) + " ORDER BY room.id LIMIT :b";
  const std::int64_t max = page_max;
  std::vector<Room> rooms;
  Room row;
  Statement query(session);
  query.use(after).use(max);
  query.into(row.id).into(row.jid).into(row.days).into(row.messages);
  query.into(row.first).into(row.first_at).into(row.last).into(row.living).prepare(sql.c_str());
  for (bool next = query.first(); next; next = query.next()) rooms.push_back(row);
  return rooms;
}

// Archives are of accounts that are there.
struct People : Held {
  std::string after, localpart;
  std::int64_t max = page_max;
  static constexpr const char* sql =
      "SELECT localpart,"
      " coalesce((SELECT number FROM archived_message m WHERE m.localpart = account.localpart"
      "  ORDER BY number LIMIT 1), 0),"
      " coalesce((SELECT at_us FROM archived_message m WHERE m.localpart = account.localpart"
      "  ORDER BY number LIMIT 1), 0),"
      " coalesce((SELECT number FROM archived_message m WHERE m.localpart = account.localpart"
      "  ORDER BY number DESC LIMIT 1), 0)"
      " FROM account WHERE localpart > :a ORDER BY localpart LIMIT :b";
  void bind(Statement& s) {
    s.use(after);
    s.use(max);
    s.into(localpart);
    s.into(first);
    s.into(first_at);
    s.into(last);
  }
};

// The first behind `after` that is young enough, of those that a clock did not put into the future;
// if none is among the next twenty thousand, what follows these. The rest is for another round.
template <class Key>
struct Young {
  Key of{};
  std::int64_t oldest = 0, now = 0, after = 0, number = 0;
  static constexpr const char* sql =
      std::is_same_v<Key, std::int64_t>
          ? "SELECT coalesce(min(CASE WHEN at_us >= :a AND at_us <= :b THEN number END),"
            " max(number) + 1, 0) FROM (SELECT number, at_us FROM history"
            " WHERE room_id = :c AND number > :d ORDER BY number LIMIT 20000) AS w"
          : "SELECT coalesce(min(CASE WHEN at_us >= :a AND at_us <= :b THEN number END),"
            " max(number) + 1, 0) FROM (SELECT number, at_us FROM archived_message"
            " WHERE localpart = :c AND number > :d ORDER BY number LIMIT 20000) AS w";
  void bind(Statement& s) {
    s.use(oldest);
    s.use(now);
    s.use(of);
    s.use(after);
    s.into(number);
  }
};

// The newest behind so many newer ones.
template <class Key>
struct Behind {
  Key of{};
  std::int64_t newer = 0, number = 0;
  static constexpr const char* sql =
      std::is_same_v<Key, std::int64_t>
          ? "SELECT number FROM history WHERE room_id = :a ORDER BY number DESC LIMIT 1 OFFSET :b"
          : "SELECT number FROM archived_message WHERE localpart = :a"
            " ORDER BY number DESC LIMIT 1 OFFSET :b";
  void bind(Statement& s) {
    s.use(of);
    s.use(newer);
    s.into(number);
  }
};

constexpr NumberRange everything{-1, std::numeric_limits<std::int64_t>::max()};

template <class Key>
class Look {
 public:
  Look(Session& session, base::Time now)
      : young_(session), behind_(session), rows_(session), now_(now) {}

  void age(const Key& of, const std::string& name, const Held& held, std::int64_t days) {
    const std::int64_t oldest = now_.us - days * day;
    if (held.first_at >= oldest && held.first_at <= now_.us) return;
    // Up to the first that is young enough: what follows is not looked at.
    young_.row.of = of;
    young_.row.oldest = oldest;
    young_.row.now = now_.us;
    young_.row.after = narrow(rows_, of, everything, {oldest}, no_end).after;
    young_.one();
    add(of, name, young_.row.number != 0 ? young_.row.number - 1 : held.last, oldest);
  }
  void number(const Key& of, const std::string& name, std::int64_t messages) {
    behind_.row.of = of;
    behind_.row.newer = messages;
    if (behind_.one()) add(of, name, behind_.row.number, no_time_limit);
  }
  std::vector<Overdue> found;

 private:
  void add(const Key& of, const std::string& name, std::int64_t up_to, std::int64_t before) {
    found.push_back({of, name, up_to, before});
  }
  Prepared<Young<Key>> young_;
  Prepared<Behind<Key>> behind_;
  std::conditional_t<std::is_same_v<Key, std::int64_t>, HistoryPageRows, MessageArchiveRows> rows_;
  const base::Time now_;
};

// Rooms with history that were destroyed after one time and up to another.
struct Destroyed {
  std::int64_t behind = 0, after = 0, up_to = 0, max = page_max, id = 0, last = 0;
  std::string jid;
  static constexpr const char* sql =
      "SELECT id, jid, last FROM (SELECT room.id, room.jid,"
      "  coalesce((SELECT number FROM history WHERE room_id = room.id"
      "   ORDER BY number DESC LIMIT 1), 0) AS last"
      "  FROM room WHERE room.id > :a AND destroyed_at > :b AND destroyed_at <= :c) AS gone"
      " WHERE last > 0 ORDER BY id LIMIT :d";
  void bind(Statement& s) {
    s.use(behind);
    s.use(after);
    s.use(up_to);
    s.use(max);
    s.into(id);
    s.into(jid);
    s.into(last);
  }
};

}  // namespace

OverduePage<std::int64_t> overdue_rooms(Session& session, const KeepRules& rules, base::Time now,
                                        std::int64_t after) {
  const auto rooms = read_rooms(session, rules.days || rules.messages, after);
  Look<std::int64_t> look(session, now);
  for (const auto& room : rooms) {
    if (room.first == 0) continue;
    const std::size_t before = look.found.size();
    const auto days = rule(room.days, rules.days), messages = rule(room.messages, rules.messages);
    if (days) look.age(room.id, room.jid, room, *days);
    // Numbers are dense over all events, so that there are never more messages than this.
    if (messages && room.last - room.first + 1 > *messages)
      look.number(room.id, room.jid, *messages);
    for (auto at = before; at < look.found.size(); ++at) look.found[at].living = room.living != 0;
  }
  return {std::move(look.found), rooms.empty() ? after : rooms.back().id,
          rooms.size() == static_cast<std::size_t>(page_max)};
}

OverduePage<std::int64_t> overdue_destroyed(Session& session, base::Time after, base::Time up_to,
                                            std::int64_t behind) {
  Prepared<Destroyed> query(session);
  query.row.behind = behind;
  query.row.after = after.us;
  query.row.up_to = up_to.us;
  OverduePage<std::int64_t> page{.found = {}, .after = behind};
  query.each([&] {
    page.found.push_back({query.row.id, query.row.jid, query.row.last, no_time_limit, false});
    page.after = query.row.id;
  });
  page.more = page.found.size() == static_cast<std::size_t>(page_max);
  return page;
}

std::int64_t last_before(Session& session, std::int64_t room_id, base::Time before) {
  HistoryPageRows rows(session);
  const auto range = narrow(rows, room_id, everything, no_start, {before.us - 1});
  if (range.empty()) return 0;
  std::int64_t last = 0;
  Statement(session)
      .use(room_id)
      .use(range.before)
      .use(before.us)
      .into(last)
      .prepare(
          "SELECT coalesce((SELECT number FROM history WHERE room_id = :a AND number < :b"
          " AND at_us < :c ORDER BY number DESC LIMIT 1), 0)")
      .one();
  return last;
}

OverduePage<std::string> overdue_people(Session& session, const KeepRules& rules, base::Time now,
                                        const std::string& after, std::int64_t settled) {
  std::vector<People> people;
  {
    Prepared<People> query(session);
    query.row.after = after;
    query.each([&] { people.push_back(query.row); });
  }
  Look<std::string> look(session, now);
  for (const auto& person : people) {
    if (person.first == 0) continue;
    if (rules.days) look.age(person.localpart, person.localpart, person, *rules.days);
    if (rules.messages && person.last > settled)
      look.number(person.localpart, person.localpart, *rules.messages);
  }
  return {std::move(look.found), people.empty() ? after : people.back().localpart,
          people.size() == static_cast<std::size_t>(page_max)};
}

std::int64_t last_position(Session& session) {
  std::int64_t incarnation = 0, sn = 0;
  Statement(session)
      .into(incarnation)
      .into(sn)
      .prepare("SELECT incarnation, sn FROM source_head ORDER BY incarnation DESC LIMIT 1")
      .one();
  return outbox_position(incarnation, sn);
}

}  // namespace db
