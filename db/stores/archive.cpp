// SPDX-License-Identifier: Apache-2.0
#include "db/stores/archive.h"

#include <optional>

#include "db/parts_text.h"
#include "db/sql/migrate.h"
#include "db/sql/ownership.h"
#include "db/sql/sql.h"
#include "db/sql/usable.h"
#include "db/writer/batched.h"

namespace db {
namespace {

using compliance::OutboxRow;
using compliance::SourceHead;
using compliance::StoreError;

struct InsertEvent {
  std::int64_t seq = 0, sn = 0, ts = 0, room = 0, rn = 0;
  bool about_room = false;
  int t = 0;
  std::string leaf, leaf_hash, src, event_id;
  static constexpr const char* sql =
      "INSERT INTO event (seq, leaf, leaf_hash, src, sn, event_id, t, ts, room, rn)"
      " VALUES (:a, :b, :c, :d, :e, :f, :g, :h, :i, :j)";
  static constexpr std::size_t width = 10;
  static constexpr const char* many_sql =
      "INSERT INTO event (seq, leaf, leaf_hash, src, sn, event_id, t, ts, room, rn)"
      " SELECT a, b, c, d, e, f, g, h, nullif(i, 0), CASE WHEN i <> 0 THEN j END FROM unnest("
      "cast(:a AS bigint[]), cast(:b AS text[]), cast(:c AS text[]), cast(:d AS text[]),"
      " cast(:e AS bigint[]), cast(:f AS text[]), cast(:g AS bigint[]), cast(:h AS bigint[]),"
      " cast(:i AS bigint[]), cast(:j AS bigint[])) AS v (a, b, c, d, e, f, g, h, i, j)";
  template <class F>
  void columns(F&& f) {
    f(seq);
    f(leaf);
    f(leaf_hash);
    f(src);
    f(sn);
    f(event_id);
    f(t);
    f(ts);
    f(room);
    f(rn);
  }
  void bind(Statement& s) {
    s.use(seq);
    s.use(leaf);
    s.use(leaf_hash);
    s.use(src);
    s.use(sn);
    s.use(event_id);
    s.use(t);
    s.use(ts);
    s.use(room, about_room);
    s.use(rn, about_room);
  }
};

struct InsertPart {
  std::int64_t seq = 0;
  int n = 0;
  std::string kind, salt, data;
  static constexpr const char* sql =
      "INSERT INTO part (seq, n, kind, salt, data) VALUES (:a, :b, :c, :d, :e)";
  static constexpr std::size_t width = 5;
  static constexpr const char* many_sql =
      "INSERT INTO part (seq, n, kind, salt, data) SELECT * FROM unnest(cast(:a AS bigint[]),"
      " cast(:b AS bigint[]), cast(:c AS text[]), cast(:d AS text[]), cast(:e AS text[]))";
  template <class F>
  void columns(F&& f) {
    f(seq);
    f(n);
    f(kind);
    f(salt);
    f(data);
  }
  void bind(Statement& s) {
    columns([&](const auto& value) { s.use(value); });
  }
};

struct PutHead {
  std::string src, hash;
  std::int64_t sn = 0;
  static constexpr const char* sql =
      "INSERT INTO head (src, sn, hash) VALUES (:a, :b, :c)"
      " ON CONFLICT (src) DO UPDATE SET sn = excluded.sn, hash = excluded.hash";
  void bind(Statement& s) {
    s.use(src);
    s.use(sn);
    s.use(hash);
  }
};

struct ReadHeads {
  std::string src, hash;
  std::int64_t sn = 0;
  static constexpr const char* sql = "SELECT src, sn, hash FROM head";
  void bind(Statement& s) {
    s.into(src);
    s.into(sn);
    s.into(hash);
  }
};

struct FindHash {
  std::string src, hash;
  std::int64_t sn = 0;
  static constexpr const char* sql = "SELECT leaf_hash FROM event WHERE src = :a AND sn = :b";
  void bind(Statement& s) {
    s.use(src);
    s.use(sn);
    s.into(hash);
  }
};

struct CountEvents {
  std::int64_t count = 0;
  static constexpr const char* sql = "SELECT coalesce(max(seq) + 1, 0) FROM event";
  void bind(Statement& s) { s.into(count); }
};

struct Connection {
  explicit Connection(const Target& target)
      : session(target, Session::Use::full),
        event(session),
        part(session),
        put_head(session),
        heads(session),
        hash(session),
        count(session) {
    lock_for_writing(session, Owned::archive);
  }
  ~Connection() { session.interrupt(); }  // as the committer's
  Session session;
  Batched<InsertEvent> event;
  Batched<InsertPart> part;
  Prepared<PutHead> put_head;
  Prepared<ReadHeads> heads;
  Prepared<FindHash> hash;
  Prepared<CountEvents> count;
};

using Heads = std::map<std::string, SourceHead>;

class StoredArchive final : public compliance::ArchiveStore {
 public:
  StoredArchive(Target target, Ownership ownership)
      : target_(std::move(target)), ownership_(std::move(ownership)) {}

  base::Result<void, std::string> open() {
    try {
      {
        Session session(target_, Session::Use::full);
        if (auto refusal = unusable(session, Owned::archive, target_.name); !refusal.empty())
          return base::fail(std::move(refusal));
        if (const auto version = migrate(session, archive_migrations(target_.dialect), target_.name,
                                         base::SystemClock().wall());
            !version)
          return base::fail(version.error());
      }
      ownership_.let_writer_lock();
      connection_ = std::make_unique<Connection>(target_);
      ownership_.writer_has_lock();
      return {};
    } catch (const DatabaseError& error) {
      return base::fail("the archive " + target_.name + " cannot be opened: " + error.what());
    }
  }

  base::Result<Heads, StoreError> heads() override {
    return with([](Connection& db) { return read_heads(db); });
  }

  base::Result<std::optional<base::Sha256>, StoreError> leaf_hash(const std::string& source,
                                                                  std::int64_t sn) override {
    return with([&](Connection& db) -> std::optional<base::Sha256> {
      db.hash.row.src = source;
      db.hash.row.sn = sn;
      if (!db.hash.one()) return std::nullopt;
      return digest_from_hex(db.hash.row.hash).value_or(base::Sha256{});
    });
  }

  base::Result<void, StoreError> append(const std::vector<OutboxRow>& rows) override {
    const auto done = with([&](Connection& db) {
      Transaction transaction(db.session, Transaction::Kind::write);
      Heads stored = read_heads(db), moved;
      db.count.one();
      std::int64_t seq = db.count.row.count;
      for (const auto& row : rows) {
        SourceHead& head = moved.try_emplace(row.source, stored[row.source]).first->second;
        if (row.sn != head.sn + 1) throw Refused("not the next number of its source");
        insert(db, row, seq++);
        head = {row.sn, row.leaf_hash};
      }
      db.event.flush();
      db.part.flush();
      for (const auto& [source, head] : moved) put_head(db, source, head);
      transaction.commit();
      return true;
    });
    if (!done) return base::fail(done.error());
    return {};
  }

  base::Result<void, StoreError> skip(const std::string& source, const SourceHead& head) override {
    const auto done = with([&](Connection& db) {
      Transaction transaction(db.session, Transaction::Kind::write);
      Heads stored = read_heads(db);
      if (stored[source].sn >= head.sn) throw Refused("the archive is behind that already");
      put_head(db, source, head);
      transaction.commit();
      return true;
    });
    if (!done) return base::fail(done.error());
    return {};
  }

  base::Result<std::int64_t, StoreError> size() override {
    return with([](Connection& db) {
      db.count.one();
      return db.count.row.count;
    });
  }

  std::string last_error() const override { return last_error_; }

 private:
  // A connection that failed is not used again.
  template <class F>
  auto with(F&& act) -> base::Result<std::invoke_result_t<F, Connection&>, StoreError> {
    try {
      if (!connection_) connection_ = std::make_unique<Connection>(target_);
      return act(*connection_);
    } catch (const Refused& refusal) {
      last_error_ = refusal.what();
      connection_->event.discard();
      connection_->part.discard();
      return base::fail(StoreError::refused);
    } catch (const DatabaseError& error) {
      last_error_ = error.what();
      connection_.reset();
      return base::fail(error.constraint() ? StoreError::refused : StoreError::unavailable);
    }
  }

  static Heads read_heads(Connection& db) {
    Heads heads;
    db.heads.each([&] {
      heads[db.heads.row.src] = {db.heads.row.sn,
                                 digest_from_hex(db.heads.row.hash).value_or(base::Sha256{})};
    });
    return heads;
  }

  static void insert(Connection& db, const OutboxRow& row, std::int64_t seq) {
    auto& event = db.event.row;
    event.seq = seq;
    event.leaf = row.leaf;
    event.leaf_hash = base::hex(base::as_chars(row.leaf_hash));
    event.src = row.source;
    event.sn = row.sn;
    event.event_id = row.event_id;
    event.t = row.code;
    event.ts = row.at_us;
    event.room = row.room_id;
    event.rn = row.number;
    event.about_room = row.room_id != 0;
    db.event.run();
    for (const auto& part : row.parts) {
      auto& out = db.part.row;
      out.seq = seq;
      out.n = part.n;
      out.kind = part.kind;
      out.salt = base::hex(part.salt);
      out.data = part.data;
      db.part.run();
    }
  }

  static void put_head(Connection& db, const std::string& source, const SourceHead& head) {
    auto& row = db.put_head.row;
    row.src = source;
    row.sn = head.sn;
    row.hash = base::hex(base::as_chars(head.hash));
    db.put_head.run();
  }

  const Target target_;
  Ownership ownership_;
  std::unique_ptr<Connection> connection_;
  std::string last_error_;
};

}  // namespace

base::Result<std::unique_ptr<compliance::ArchiveStore>, std::string> open_archive(
    const std::string& url, const std::string& data_dir) {
  using Opened = base::Result<std::unique_ptr<compliance::ArchiveStore>, std::string>;
  const auto target = parse_target(url, data_dir);
  if (!target) return base::fail(target.error());
  auto ownership = Ownership::take(*target, Owned::archive);
  if (!ownership) return base::fail(ownership.error());
  auto archive = std::make_unique<StoredArchive>(*target, *std::move(ownership));
  if (const auto opened = archive->open(); !opened) return base::fail(opened.error());
  return Opened(std::move(archive));
}

}  // namespace db
