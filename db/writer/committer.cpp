// SPDX-License-Identifier: Apache-2.0
#include "db/writer/committer.h"

#include <algorithm>

#include "db/sql/ownership.h"
#include "db/writer/derive/derive.h"
#include "db/writer/salts.h"

namespace db {
namespace {

using record::Outcome;
using record::Settlement;

bool takes_number(const record::Event& event) {
  return record::info(event.code()).cls == record::Class::room;
}

struct PutHeartbeat {
  std::string source;
  std::int64_t last_seen = 0;
  static constexpr const char* sql =
      "INSERT INTO heartbeat (source, last_seen) VALUES (:a, :b)"
      " ON CONFLICT (source) DO UPDATE SET last_seen = excluded.last_seen";
  void bind(Statement& s) {
    s.use(source);
    s.use(last_seen);
  }
};

}  // namespace

struct Committer::Connection {
  Connection(const Target& target, const std::string& source, base::Random& random)
      : session(target, Session::Use::full),
        derivation(session),
        rooms(session),
        source_head(session, source),
        heartbeat(session),
        chores(session),
        salts(random) {
    heartbeat.row.source = source;
    lock_for_writing(session, Owned::content);
  }
  // SOCI takes each prepared statement back by a journey to PostgreSQL, and waits for ever for one
  // that does not answer; the end of the connection is enough.
  ~Connection() { session.interrupt(); }

  Session session;
  Derivation derivation;
  RoomHeads rooms;
  SourceHeadRow source_head;
  Prepared<PutHeartbeat> heartbeat;
  ChoreWork::Statements chores;
  Salts salts;
};

Committer::Committer(Target target, SourceIdentity identity, Head head, base::Random& random,
                     Chores& chores)
    : target_(std::move(target)),
      identity_(std::move(identity)),
      random_(random),
      level_(chores.outbox),
      chores_(chores),
      pseudonyms_(identity_.pseudonym_key),
      head_(head),
      next_(head) {}

Committer::~Committer() = default;

// What waits is counted anew: whether the last transaction on a lost connection was committed, with
// the rows that it cleared, nobody knows.
void Committer::connect() {
  auto connection = std::make_unique<Connection>(target_, identity_.source, random_);
  {
    const std::lock_guard lock(connection_mutex_);
    connection_ = std::move(connection);
  }
  level_.rows = count_outbox(connection_->session);
}

// A connection that failed is not used again: what state it is in is anybody's guess.
template <class F>
Committer::Try Committer::guarded(F&& act) {
  try {
    if (!connection_) connect();
    return act();
  } catch (const DatabaseError& error) {
    last_error_ = error.what();
  } catch (const Refused& error) {
    last_error_ = error.what();
  }
  disconnect();
  chores_.rest();
  return Try::unavailable;
}

void Committer::disconnect() noexcept {
  std::unique_ptr<Connection> gone;
  const std::lock_guard lock(connection_mutex_);
  gone = std::move(connection_);
}

void Committer::interrupt() noexcept {
  const std::lock_guard lock(connection_mutex_);
  if (connection_) connection_->session.interrupt();
}

Committer::Try Committer::commit(const std::vector<Submission>& batch,
                                 std::vector<Settlement>& outcomes, base::Time now) {
  fenced_rooms_.clear();
  return guarded([&] {
    Mode mode = Mode::fast;
    for (;;) {
      outcomes.assign(batch.size(), Outcome::durable);
      switch (attempt(batch, outcomes, mode, now)) {
        case Attempt::committed:
          return Try::committed;
        case Attempt::fenced:
          return Try::fenced;
        case Attempt::refused_row:
          mode = Mode::careful;
          break;
        case Attempt::fenced_rooms:
          break;  // each time round there is at least one room less
      }
    }
  });
}

Committer::Attempt Committer::attempt(const std::vector<Submission>& batch,
                                      std::vector<Settlement>& outcomes, Mode mode,
                                      base::Time now) {
  auto& db = *connection_;
  rolled_back();
  Transaction transaction(db.session, Transaction::Kind::write);
  const auto stored = db.source_head.read();
  if (unknown_ && stored == unknown_->head) {
    // It is there; with this COMMIT it is also where a replica must have it first.
    transaction.commit();
    outcomes = std::move(unknown_->outcomes);
    head_ = next_ = unknown_->head;
    chores_.committed_after_all(std::move(unknown_->trimmed));
    unknown_.reset();
    return Attempt::committed;
  }
  unknown_.reset();
  if (stored != head_) return Attempt::fenced;

  if (!write_all(batch, outcomes, mode)) return Attempt::refused_row;
  if (const auto fenced = db.rooms.store(); !fenced.empty()) {
    for (const auto room_id : fenced) db.rooms.forget(room_id);
    fenced_rooms_.insert(fenced.begin(), fenced.end());
    return Attempt::fenced_rooms;
  }
  if (!(next_ == head_) && !db.source_head.compare_and_set(head_, next_)) return Attempt::fenced;
  heartbeat(now);
  chores_.beside(db.chores, next_.number - head_.number);

  // A batch of personal events alone moves no head: whether it was committed cannot be told, and
  // need not, for it is written again (record/personal.h).
  if (!(next_ == head_)) unknown_ = Unknown{next_, outcomes, chores_.trimmed()};
  transaction.commit();
  unknown_.reset();
  if (identity_.outbox) level_.rows += next_.number - head_.number;
  chores_.committed();
  db.rooms.committed();
  head_ = next_;
  return Attempt::committed;
}

void Committer::rolled_back() {
  connection_->rooms.rolled_back();
  connection_->derivation.discard();
  chores_.rolled_back();
  next_ = head_;
}

bool Committer::write_all(const std::vector<Submission>& batch, std::vector<Settlement>& outcomes,
                          Mode mode) {
  if (mode == Mode::careful) {
    for (std::size_t i = 0; i < batch.size(); ++i) outcomes[i] = write_careful(batch[i]);
    return true;
  }
  try {
    for (std::size_t i = 0; i < batch.size(); ++i) outcomes[i] = write(batch[i]);
    connection_->derivation.flush();
    return true;
  } catch (const Refused& error) {
    last_error_ = error.what();
  } catch (const DatabaseError& error) {
    if (!error.constraint()) throw;
    last_error_ = error.what();
  }
  return false;
}

// A row refused for its own sake takes its submission with it and nothing else. What the room sends
// after it no longer fits the room's head and is refused too.
Settlement Committer::write_careful(const Submission& submission) {
  auto& db = *connection_;
  const Head before = next_;
  db.session.script("SAVEPOINT submission");
  db.rooms.mark();
  Settlement outcome = Outcome::broken;
  try {
    const Outcome written = write(submission);
    if (written == Outcome::durable) db.derivation.flush();
    outcome = written;
  } catch (const Refused& error) {
    last_error_ = error.what();
  } catch (const DatabaseError& error) {
    if (!error.constraint()) throw;
    last_error_ = error.what();
  }
  if (outcome == Outcome::broken) {
    db.session.script("ROLLBACK TO submission");
    db.rooms.back_to_mark();
    db.derivation.discard();
    next_ = before;
  }
  db.session.script("RELEASE submission");
  return outcome;
}

Settlement Committer::write(const Submission& submission) {
  for (const auto& event : submission.events)
    if (fenced_rooms_.contains(event.room_id)) return Outcome::fenced;
  if (!in_order(submission)) return Outcome::broken;
  const std::int64_t position = outbox_position(identity_.incarnation, next_.number + 1);
  for (const auto& event : submission.events) write_event(event, submission.mono);
  return {Outcome::durable, position};
}

// Whether each room's events continue its head. If not, the room was refused something before: it
// goes on when it has been read again.
bool Committer::in_order(const Submission& submission) {
  std::vector<std::pair<std::int64_t, std::int64_t>>
      last;  // of the rooms seen; seldom more than one
  for (const auto& event : submission.events) {
    if (!takes_number(event)) continue;
    auto at = std::ranges::find(last, event.room_id, &std::pair<std::int64_t, std::int64_t>::first);
    if (at == last.end()) {
      const auto head = connection_->rooms.get(event.room_id);
      const bool creates = event.code() == record::Code::room_created;
      if (event.room_id <= 0 || head.has_value() == creates) return false;
      at = last.insert(last.end(), {event.room_id, head ? head->number : 0});
    }
    if (event.number != ++at->second) return false;
  }
  return true;
}

void Committer::write_event(const record::Event& event, base::Time mono) {
  auto& db = *connection_;
  if (record::info(event.code()).cls == record::Class::personal)
    return db.derivation.write(event, {}, identity_.incarnation);
  const bool numbered = takes_number(event);
  record::Placement placement{identity_.source, next_.number + 1, next_.hash};
  if (numbered) placement.room_previous = db.rooms.get(event.room_id).value_or(Head{}).hash;
  placement.id = base::uuid7(db.salts, event.at);
  placement.mono_ns = mono.us * 1000;
  placement.boot = identity_.boot;
  placement.local_domain = identity_.local_domain;
  const record::Leaf leaf = record::build_leaf(event, placement, pseudonyms_, db.salts);
  db.derivation.write(event, placement, identity_.incarnation);
  if (identity_.outbox) db.derivation.write_outbox(event, leaf, placement, identity_.incarnation);
  next_ = {placement.sn, leaf.hash};
  if (numbered) db.rooms.set(event.room_id, {event.number, leaf.hash});
}

Committer::Try Committer::idle(base::Time now) {
  const Try alive = guarded([&] {
    rolled_back();
    Transaction transaction(connection_->session, Transaction::Kind::write);
    heartbeat(now);
    transaction.commit();
    return Try::committed;
  });
  chores_error_.clear();
  if (alive == Try::committed && chores_.due()) do_chores();
  return alive;
}

// The database is there: what fails here is the chore.
void Committer::do_chores() {
  const Try done = guarded([&] {
    rolled_back();
    Transaction transaction(connection_->session, Transaction::Kind::write);
    chores_.alone(connection_->chores);
    transaction.commit();
    chores_.committed();
    return Try::committed;
  });
  if (done == Try::committed) return;
  chores_error_ = last_error_;
  chores_.give_up();
}

void Committer::heartbeat(base::Time now) {
  if (now - last_heartbeat_ < base::seconds(1) && now >= last_heartbeat_) return;
  connection_->heartbeat.row.last_seen = now.us;
  connection_->heartbeat.run();
  last_heartbeat_ = now;
}

}  // namespace db
