// SPDX-License-Identifier: Apache-2.0
#include "db/keep/retention.h"

#include <chrono>
#include <utility>

#include "xmpp/jid.h"

namespace db {
namespace {

constexpr base::Micros destroyed_kept = 30 * 24 * base::minutes(60);

}  // namespace

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

// False too when the rules have changed: of what goes by the old ones, only what is on its way
// does.
bool Retention::pause(base::Micros length) {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, std::chrono::microseconds(length),
                    [this] { return stopping_ || fresh_; });
  return !stopping_ && !fresh_;
}

void Retention::run() {
  (void)pause(pace_.first);
  while (begin())
    if (round()) (void)pause(pace_.round);
}

// False: stop.
bool Retention::begin() {
  const std::lock_guard lock(mutex_);
  if (fresh_) settled_ = 0;
  fresh_ = false;
  current_ = rules_;
  return !stopping_;
}

// All rooms and all people once. A database that is away is left alone until the next round.
bool Retention::round() {
  const auto rooms = [this](Session& session, base::Time now, std::int64_t after) {
    return overdue_rooms(session, current_, now, after);
  };
  std::int64_t position = 0;
  const auto people = [&](Session& session, base::Time now, const std::string& after) {
    if (after.empty()) position = last_position(session);
    return overdue_people(session, current_, now, after, settled_);
  };
  whole_ = true;
  if (!destroyed_rooms()) return false;
  if (!all_pages<std::int64_t>(rooms)) return false;
  if (!current_.days && !current_.messages) return true;
  if (!all_pages<std::string>(people)) return false;
  if (whole_) settled_ = position;
  return true;
}

bool Retention::destroyed_rooms() {
  const base::Time up_to = parts_.clock.wall() - destroyed_kept;
  const auto destroyed = [&](Session& session, base::Time, std::int64_t after) {
    return overdue_destroyed(session, emptied_, up_to, after);
  };
  if (!all_pages<std::int64_t>(destroyed)) return false;
  if (whole_ && up_to > emptied_) emptied_ = up_to;
  return true;
}

template <class Key, class Read>
bool Retention::all_pages(const Read& read) {
  Key after{};
  for (bool more = true; more;) {
    const auto page = parts_.readers.read(muc::StoreError::unavailable, [&](ReaderConnection& db) {
      return read(db.session, parts_.clock.wall(), after);
    });
    if (!page) {
      whole_ = false;
      parts_.log.warn("what is too old could not be looked for; the next round tries again");
      return true;
    }
    for (const auto& overdue : page->found)
      if (!carry_out(overdue) || !pause(0)) return false;
    after = page->after;
    more = page->more;
    if (more && !pause(pace_.page)) return false;
  }
  return true;
}

bool Retention::carry_out(const Overdue& overdue) {
  const auto trim = std::make_shared<Trim>(overdue.of, overdue.up_to, overdue.before_us);
  parts_.trim(trim);
  auto state = Trim::State::waiting;
  while ((state = trim->wait(std::chrono::milliseconds(200))) == Trim::State::waiting) {
    const std::lock_guard lock(mutex_);
    if (stopping_) return false;
  }
  if (state == Trim::State::closed) {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    return false;
  }
  if (state == Trim::State::failed) whole_ = false;  // the next round tries; a part may be gone
  const bool room = std::holds_alternative<std::int64_t>(overdue.of);
  if (trim->removed() > 0)
    parts_.log.debug(
        room ? "history trimmed" : "direct messages trimmed",
        {{room ? "room" : "account", overdue.name}, {"messages", std::to_string(trim->removed())}});
  // Told even of nothing: after a COMMIT in doubt what went is not known.
  if (!room || !overdue.living || !parts_.trimmed) return true;
  if (const auto jid = xmpp::Jid::parse(overdue.name))
    parts_.trimmed(*jid, overdue.up_to, {overdue.before_us});
  return true;
}

}  // namespace db
