// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <iterator>
#include <optional>

#include "db/sql/migrate.h"
#include "db/sql/ownership.h"
#include "db/sql/sql.h"
#include "db/sql/usable.h"
#include "db/stores/archive.h"
#include "db/stores/archive/derived.h"
#include "db/stores/archive/rows.h"
#include "db/stores/archive/tree.h"
#include "db/stores/archive/volumes/sealed.h"
#include "db/stores/archive/volumes/volumes.h"
#include "db/writer/batched.h"

namespace db {
namespace {

using namespace archive;
using compliance::Checkpoint;
using compliance::OutboxRow;
using compliance::SourceHead;
using compliance::StoreError;
using compliance::Subtree;

struct Connection {
  explicit Connection(const Target& target)
      : session(target, Session::Use::full),
        event((plan_for_growth(session), session)),
        part(session),
        put_head(session),
        heads(session),
        hash(session),
        count(session),
        id(session),
        leaf_hashes(session),
        subtrees(session),
        last_checkpoint(session),
        checkpoint(session),
        subtree(session),
        derived(session),
        extent(extent_of(session)) {
    lock_for_writing(session, Owned::archive);
  }
  ~Connection() { session.interrupt(); }  // as the committer's
  void discard() {
    event.discard();
    part.discard();
    subtree.discard();
    derived.discard();
  }
  Session session;
  Batched<InsertEvent> event;
  Batched<InsertPart> part;
  Prepared<PutHead> put_head;
  Prepared<ReadHeads> heads;
  Prepared<FindHash> hash;
  Prepared<CountEvents> count;
  Prepared<ReadId> id;
  Prepared<ReadLeafHashes> leaf_hashes;
  Prepared<ReadSubtrees> subtrees;
  Prepared<ReadLastCheckpoint> last_checkpoint;
  Prepared<InsertCheckpoint> checkpoint;
  Batched<InsertSubtree> subtree;
  Derived derived;
  const Extent extent;
};

using Heads = std::map<std::string, SourceHead>;

// A role that may only write has nothing to do here; unusable() has seen to that.
base::Result<void, std::string> bring_up_to_date(Session& session, const Target& target) {
  const auto& migrations = archive_migrations(target.dialect);
  if (schema_version(session) == migrations.back().number) return {};
  const auto version = migrate(session, migrations, target.name, base::SystemClock().wall());
  if (!version) return base::fail(version.error());
  return {};
}

class StoredArchive final : public compliance::ArchiveStore {
 public:
  StoredArchive(Target target, Ownership ownership)
      : target_(std::move(target)), ownership_(std::move(ownership)), sealed_(target_) {}

  base::Result<void, std::string> open() {
    try {
      mend_volumes(target_);
      {
        const VolumeGate gate(target_, VolumeGate::Side::opening);
        Session session(target_, Session::Use::full);
        if (auto refusal = unusable(session, Owned::archive, target_.name); !refusal.empty())
          return base::fail(std::move(refusal));
        if (const auto done = bring_up_to_date(session, target_); !done)
          return base::fail(done.error());
      }
      ownership_.let_writer_lock();
      connect();
      ownership_.writer_has_lock();
      connection_->count.one();
      connection_->derived.catch_up(connection_->extent.first_seq, connection_->count.row.count);
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
      if (!db.hash.one()) return sealed_.leaf_hash(db.extent, source, sn);
      return digest(db.hash.row.hash);
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
        insert(db, row, seq);
        db.derived.add(seq++, row);
        head = {row.sn, row.leaf_hash};
      }
      db.event.flush();
      db.part.flush();
      db.derived.write(seq);
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

  base::Result<bool, StoreError> close_month() override {
    const auto over = with([](Connection& db) {
      db.count.one();
      return db.last_checkpoint.one() && db.last_checkpoint.row.size == db.count.row.count &&
             month_is_over(db.session);
    });
    if (!over || !*over) return over;
    return with([this](Connection&) {
      connection_.reset();
      turn_volume(target_);
      sealed_.forget();
      return true;
    });
  }

  base::Result<std::int64_t, StoreError> size() override {
    return with([](Connection& db) {
      db.count.one();
      return db.count.row.count;
    });
  }

  base::Result<std::string, StoreError> id() override {
    return with([](Connection& db) {
      db.id.one();
      return db.id.row.id;
    });
  }

  base::Result<std::vector<base::Sha256>, StoreError> leaf_hashes(std::int64_t first,
                                                                  std::size_t count) override {
    return with([&](Connection& db) {
      auto all =
          sealed_.leaf_hashes(db.extent, first, std::min(count, up_to(first, db.extent.first_seq)));
      db.leaf_hashes.row.first = first + static_cast<std::int64_t>(all.size());
      db.leaf_hashes.row.max = static_cast<std::int64_t>(count - all.size());
      std::ranges::copy(hashes(db.leaf_hashes), std::back_inserter(all));
      return all;
    });
  }

  base::Result<std::vector<base::Sha256>, StoreError> subtrees(int level, std::int64_t first,
                                                               std::size_t count) override {
    return with([&](Connection& db) {
      const std::int64_t begin = db.extent.first_seq >> (8 * level);
      const auto before = std::min(count, up_to(first, begin));
      auto all = sealed_.subtrees(db.extent, level, first, before);
      if (all.size() < before) return all;
      db.subtrees.row.level = level;
      db.subtrees.row.first = first + static_cast<std::int64_t>(all.size());
      db.subtrees.row.max = static_cast<std::int64_t>(count - all.size());
      std::ranges::copy(hashes(db.subtrees), std::back_inserter(all));
      return all;
    });
  }

  base::Result<std::optional<Checkpoint>, StoreError> last_checkpoint() override {
    return with([this](Connection& db) -> std::optional<Checkpoint> {
      if (!db.last_checkpoint.one()) return sealed_.checkpoint_before(db.extent);
      return checkpoint_of(db.last_checkpoint.row);
    });
  }

  base::Result<void, StoreError> add_checkpoint(const Checkpoint& checkpoint,
                                                const std::vector<Subtree>& complete) override {
    const auto done = with([&](Connection& db) {
      Transaction transaction(db.session, Transaction::Kind::write);
      db.count.one();
      if (checkpoint.size > db.count.row.count) throw Refused("a checkpoint beyond the leaves");
      const bool any = db.last_checkpoint.one();
      if (checkpoint.size <= (any ? db.last_checkpoint.row.size : db.extent.first_seq))
        throw Refused("a checkpoint that is not larger than the last");
      insert(db, checkpoint, complete);
      transaction.commit();
      return true;
    });
    if (!done) return base::fail(done.error());
    return {};
  }

  std::string last_error() const override { return last_error_; }

 private:
  // A connection that failed is not used again.
  template <class F>
  auto with(F&& act) -> base::Result<std::invoke_result_t<F, Connection&>, StoreError> {
    try {
      if (!connection_) connect();
      return act(*connection_);
    } catch (const Refused& refusal) {
      last_error_ = refusal.what();
      connection_->discard();
      return base::fail(StoreError::refused);
    } catch (const DatabaseError& error) {
      last_error_ = error.what();
      connection_.reset();
      return base::fail(error.constraint() ? StoreError::refused : StoreError::unavailable);
    }
  }

  // A volume that is sealed was being closed when something failed: that goes on first.
  void connect() {
    open_volume();
    if (!connection_->extent.sealed()) return;
    connection_.reset();
    mend_volumes(target_);
    sealed_.forget();
    open_volume();
  }
  void open_volume() {
    const VolumeGate gate(target_, VolumeGate::Side::opening);
    connection_ = std::make_unique<Connection>(target_);
  }

  static std::size_t up_to(std::int64_t first, std::int64_t end) {
    return static_cast<std::size_t>(std::max<std::int64_t>(0, end - first));
  }

  static Heads read_heads(Connection& db) {
    Heads heads;
    db.heads.each([&] { heads[db.heads.row.src] = {db.heads.row.sn, digest(db.heads.row.hash)}; });
    return heads;
  }

  static void insert(Connection& db, const OutboxRow& row, std::int64_t seq) {
    auto& event = db.event.row;
    event.seq = seq;
    event.leaf = row.leaf;
    event.leaf_hash = hex(row.leaf_hash);
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

  static void insert(Connection& db, const Checkpoint& checkpoint,
                     const std::vector<Subtree>& complete) {
    auto& row = db.checkpoint.row;
    row.size = checkpoint.size;
    row.root = hex(checkpoint.root);
    row.issued = checkpoint.issued_us;
    row.note = checkpoint.note;
    db.checkpoint.run();
    for (const auto& tree : complete) {
      db.subtree.row.level = tree.level;
      db.subtree.row.idx = tree.index;
      db.subtree.row.hash = hex(tree.hash);
      db.subtree.run();
    }
    db.subtree.flush();
  }

  static void put_head(Connection& db, const std::string& source, const SourceHead& head) {
    auto& row = db.put_head.row;
    row.src = source;
    row.sn = head.sn;
    row.hash = hex(head.hash);
    db.put_head.run();
  }

  const Target target_;
  Ownership ownership_;
  SealedVolumes sealed_;
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
