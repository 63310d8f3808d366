// SPDX-License-Identifier: Apache-2.0
#include "db/keep/retention.h"

#include <charconv>
#include <chrono>
#include <limits>
#include <optional>
#include <utility>
#include <vector>

#include "xmpp/jid.h"

namespace db {
namespace {

constexpr std::int64_t rooms_a_page = 200;
constexpr std::int64_t no_time_limit = std::numeric_limits<std::int64_t>::max();
constexpr base::Micros day = 24 * base::minutes(60);

// What a room says, or the server where it says nothing.
std::optional<std::int64_t> rule(const std::string& own, std::optional<std::int64_t> servers) {
  if (own == "unlimited") return std::nullopt;
  std::int64_t number = 0;
  const auto read = std::from_chars(own.data(), own.data() + own.size(), number);
  if (own.empty() || read.ec != std::errc{} || read.ptr != own.data() + own.size()) return servers;
  return number;
}

// Where there is no rule for all, only rooms with one of their own are looked at: they have an
// index (0005_keeping.sql).
constexpr const char* columns =
    "SELECT room.id, room.jid,"
    " coalesce((SELECT value FROM room_setting WHERE room_id = room.id"
    "  AND key = 'hansard#keep_days'), ''),"
    " coalesce((SELECT value FROM room_setting WHERE room_id = room.id"
    "  AND key = 'hansard#keep_messages'), ''),"
    " coalesce((SELECT number FROM history WHERE room_id = room.id ORDER BY number LIMIT 1), 0),"
    " coalesce((SELECT at_us FROM history WHERE room_id = room.id ORDER BY number LIMIT 1), 0),"
    " coalesce((SELECT number FROM history WHERE room_id = room.id"
    "  ORDER BY number DESC LIMIT 1), 0)"
    " FROM room WHERE room.id > :a";
constexpr const char* with_own_rule =
    " AND room.id IN (SELECT room_id FROM room_setting"
    " WHERE key IN ('hansard#keep_days', 'hansard#keep_messages'))";

}  // namespace

struct Retention::Candidate {
  std::int64_t id = 0, first = 0, first_at = 0, last = 0;
  std::string jid, days, messages;
};

Retention::Retention(Parts parts, const KeepRules& rules, const KeepPace& pace)
    : parts_(std::move(parts)), pace_(pace), rules_(rules) {}

void Retention::start() {
  thread_ = std::thread([this] { run(); });
}

void Retention::set_rules(const KeepRules& rules) {
  const std::lock_guard lock(mutex_);
  if (rules_ == rules) return;
  rules_ = rules;
  fresh_ = true;
  changed_.notify_all();
}

void Retention::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    changed_.notify_all();
  }
  if (thread_.joinable()) thread_.join();
}

bool Retention::pause(base::Micros length) {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, std::chrono::microseconds(length),
                    [this] { return stopping_ || fresh_; });
  return !stopping_;
}

void Retention::run() {
  if (!pause(pace_.first)) return;
  for (;;) {
    {
      const std::lock_guard lock(mutex_);
      fresh_ = false;
    }
    if (!round() || !pause(pace_.round)) return;
  }
}

// All rooms once. False: stop. A database that is away is left alone until the next round.
bool Retention::round() {
  KeepRules rules;
  {
    const std::lock_guard lock(mutex_);
    rules = rules_;
  }
  std::int64_t after = 0;
  for (bool more = true; more;) {
    if (!page(rules, after, more)) return false;
    if (more && !pause(pace_.page)) return false;
  }
  return true;
}

bool Retention::page(const KeepRules& rules, std::int64_t& after, bool& more) {
  const std::string sql = std::string(columns) +
                          (rules.days || rules.messages ? "" : with_own_rule) +
                          " ORDER BY room.id LIMIT :b";
  std::vector<Candidate> rooms;
  const auto read = parts_.readers.read(muc::StoreError::unavailable, [&](ReaderConnection& db) {
    const std::int64_t max = rooms_a_page;
    Candidate row;
    Statement query(db.session);
    query.use(after).use(max);
    query.into(row.id).into(row.jid).into(row.days).into(row.messages);
    query.into(row.first).into(row.first_at).into(row.last).prepare(sql.c_str());
    for (bool next = query.first(); next; next = query.next()) rooms.push_back(row);
    return true;
  });
  more = read && rooms.size() == static_cast<std::size_t>(rooms_a_page);
  for (const auto& room : rooms) {
    after = room.id;
    if (room.first != 0 && !trim_room(rules, room)) return false;
  }
  return true;
}

bool Retention::trim_room(const KeepRules& rules, const Candidate& room) {
  const auto days = rule(room.days, rules.days), messages = rule(room.messages, rules.messages);
  if (days) {
    const std::int64_t oldest = parts_.clock.wall().us - *days * day;
    if (room.first_at < oldest) {
      // Up to the first that is young enough: what follows is not looked at.
      std::int64_t young = 0;
      const auto read =
          parts_.readers.read(muc::StoreError::unavailable, [&](ReaderConnection& db) {
            Statement(db.session)
                .use(room.id)
                .use(oldest)
                .into(young)
                .prepare(
                    "SELECT coalesce((SELECT number FROM history WHERE room_id = :a"
                    " AND at_us >= :b ORDER BY number LIMIT 1), 0)")
                .one();
            return true;
          });
      if (read && !carry_out(room, young == 0 ? room.last : young - 1, oldest)) return false;
    }
  }
  // Numbers are dense over all events, so that there are never more messages than this.
  if (!messages || room.last - room.first + 1 <= *messages) return true;
  std::int64_t up_to = 0;
  const auto read = parts_.readers.read(muc::StoreError::unavailable, [&](ReaderConnection& db) {
    Statement(db.session)
        .use(room.id)
        .use(*messages)
        .into(up_to)
        .prepare(
            "SELECT coalesce((SELECT number FROM history WHERE room_id = :a"
            " ORDER BY number DESC LIMIT 1 OFFSET :b), 0)")
        .one();
    return true;
  });
  if (!read || up_to == 0) return true;
  return carry_out(room, up_to, no_time_limit);
}

// False: stop.
bool Retention::carry_out(const Candidate& room, std::int64_t up_to, std::int64_t before_us) {
  const auto trim = std::make_shared<Trim>(room.id, up_to, before_us);
  parts_.trim(trim);
  while (!trim->wait(std::chrono::milliseconds(200))) {
    const std::lock_guard lock(mutex_);
    if (stopping_) return false;
  }
  if (trim->given_up()) return false;
  if (trim->removed() == 0) return true;
  parts_.log.debug("history trimmed",
                   {{"room", room.jid}, {"messages", std::to_string(trim->removed())}});
  const auto jid = xmpp::Jid::parse(room.jid);
  if (parts_.trimmed && jid) parts_.trimmed(*jid, up_to, {before_us});
  return true;
}

}  // namespace db
