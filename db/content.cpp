// SPDX-License-Identifier: Apache-2.0
#include "db/content.h"

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <limits>
#include <mutex>
#include <optional>

#include "base/check.h"
#include "db/keep/copy.h"
#include "db/keep/overdue.h"
#include "db/keep/retention.h"
#include "db/secrets.h"
#include "db/sql/migrate.h"
#include "db/sql/ownership.h"
#include "db/sql/usable.h"
#include "db/stores/archive/volumes/volumes.h"
#include "db/stores/stores.h"
#include "db/writer/opening.h"
#include "db/writer/record_writer.h"
#include "db/writer/sources.h"
#include "xmpp/datetime.h"

namespace db {
namespace {

using Opened = base::Result<std::unique_ptr<Content>, std::string>;

// A stop does not wait for a long backlog to go: the next start finds it again.
constexpr std::chrono::milliseconds end_clearing_within{500};

class StoredContent final : public Content {
 public:
  StoredContent(Target target, std::optional<Ownership> ownership)
      : target_(std::move(target)),
        ownership_(std::move(ownership)),
        readers_(target_),
        rooms_(readers_, incarnation_),
        directory_(readers_, incarnation_),
        accounts_(readers_),
        groups_(readers_),
        personal_(readers_),
        messages_(readers_),
        outbox_(readers_, [this](std::int64_t position, const auto& kept) {
          level_.keep(kept);
          outbox_may_go(position);
        }) {}

  const Secrets& secrets() const override { return secrets_; }
  int schema_version() const override { return version_; }
  int schema_before() const override { return version_before_; }
  muc::RoomStore& rooms() override { return rooms_; }
  muc::RoomDirectory& directory() override { return directory_; }
  accounts::AccountStore& accounts() override { return accounts_; }
  accounts::GroupStore& groups() override { return groups_; }
  accounts::PersonalStore& personal() override { return personal_; }
  accounts::MessageArchive& messages() override { return messages_; }

  base::Result<void, std::string> start_recording(const RecordingConfig& config) override;
  record::Recorder& recorder() override {
    CHECK(writer_ != nullptr);
    return *writer_;
  }
  void start_keeping(const KeepRules& rules, Trimmed trimmed, const KeepPace& pace) override;
  void set_keeping(const KeepRules& rules) override {
    if (retention_) retention_->set_rules(rules);
  }
  void stop_keeping() override {
    chores_.trims.close();
    if (retention_) retention_->stop();
  }
  base::Result<Purged, std::string> purge_history(
      std::int64_t room_id, base::Time before,
      const std::function<bool(std::int64_t)>& go_on) override;
  base::Result<std::vector<BackupFile>, std::string> backup(
      const std::string& archive, const std::string& data_dir, const std::string& folder,
      const std::function<bool(std::int64_t, std::int64_t)>& go_on) override;
  const std::vector<ArchiveLoss>& archive_losses() const override { return losses_; }
  std::int64_t events_lost() const override { return events_lost_; }
  bool stop_recording(base::Micros timeout, const std::string& cause) override;
  WriterStats writer_stats() const override { return writer_ ? writer_->stats() : WriterStats{}; }
  void on_commit(std::function<void()> callback) override { on_commit_ = std::move(callback); }

  compliance::Outbox& outbox() override { return outbox_; }
  std::uint64_t outbox_rows() const override {
    return static_cast<std::uint64_t>(std::max<std::int64_t>(0, level_.rows));
  }

  base::Result<void, std::string> open_owned();
  base::Result<void, std::string> open_peek();

 private:
  std::optional<ArchiveToCompare> archive_to_compare(const RecordingConfig& config) const;
  void outbox_may_go(std::int64_t position);
  void hold_outbox();
  void release_outbox();

  const Target target_;
  std::optional<Ownership> ownership_;
  Readers readers_;
  std::atomic<std::int64_t> incarnation_{std::numeric_limits<std::int64_t>::max()};
  RoomStore rooms_;
  RoomDirectory directory_;
  AccountStore accounts_;
  GroupStore groups_;
  PersonalStore personal_;
  MessageArchive messages_;
  Chores chores_;
  OutboxLevel& level_ = chores_.outbox;
  OutboxStore outbox_;
  Secrets secrets_;
  int version_ = 0, version_before_ = 0;
  const base::Clock* clock_ = nullptr;
  base::Log* log_ = nullptr;
  std::function<void()> on_commit_;
  std::unique_ptr<RecordWriter> writer_;
  std::atomic<bool> recording_{false};
  std::unique_ptr<Retention> retention_;
  std::vector<ArchiveLoss> losses_;
  std::mutex hold_mutex_;  // over the two
  bool outbox_held_ = false;
  std::int64_t held_position_ = 0;
  std::int64_t events_lost_ = 0;
};

base::Result<void, std::string> StoredContent::open_owned() {
  try {
    Session session(target_, Session::Use::full);
    version_before_ = db::schema_version(session);
    if (auto refusal = unusable(session, Owned::content, target_.name); !refusal.empty())
      return base::fail(std::move(refusal));
    auto version = migrate(session, content_migrations(target_.dialect), target_.name,
                           base::SystemClock().wall());
    if (!version) return base::fail(version.error());
    version_ = *version;
    base::SystemRandom random;
    make_secrets(session, random);
    auto secrets = read_secrets(session);
    if (!secrets) return base::fail(secrets.error());
    secrets_ = std::move(*secrets);
    const std::int64_t pid = ::getpid(), now = base::SystemClock().wall().us;
    Statement(session)
        .use(pid)
        .use(now)
        .prepare(
            "INSERT INTO owner (one, pid, started_at) VALUES (1, :a, :b)"
            " ON CONFLICT (one) DO UPDATE SET pid = excluded.pid,"
            " started_at = excluded.started_at")
        .run();
    level_.rows = count_outbox(session);
    return {};
  } catch (const DatabaseError& error) {
    return base::fail("the database " + target_.name + " cannot be opened: " + error.what());
  }
}

base::Result<void, std::string> StoredContent::open_peek() {
  if (target_.dialect == Dialect::sqlite && !std::filesystem::exists(target_.where)) return {};
  try {
    Session session(target_, Session::Use::reader);
    version_before_ = version_ = db::schema_version(session);
    if (auto refusal = unusable(session, Owned::content, target_.name); !refusal.empty())
      return base::fail(std::move(refusal));
    if (version_ == 0) return {};
    auto secrets = read_secrets(session);
    if (!secrets) return base::fail(secrets.error());
    secrets_ = std::move(*secrets);
    return {};
  } catch (const DatabaseError& error) {
    return base::fail("the database " + target_.name + " cannot be read: " + error.what());
  }
}

// None: there is no archive yet, or none is kept. Throws DatabaseError.
std::optional<ArchiveToCompare> StoredContent::archive_to_compare(
    const RecordingConfig& config) const {
  if (config.archive.empty()) return std::nullopt;
  const auto target = parse_target(config.archive, config.data_dir);
  if (!target) throw DatabaseError(target.error());
  const VolumeGate gate(*target, VolumeGate::Side::opening);
  if (target->dialect == Dialect::sqlite && !std::filesystem::exists(target->where))
    return std::nullopt;
  auto session = std::make_unique<Session>(*target, Session::Use::reader);
  if (db::schema_version(*session) == 0) return std::nullopt;
  return ArchiveToCompare{std::move(session), sealed_volumes(*target)};
}

base::Result<void, std::string> StoredContent::start_recording(const RecordingConfig& config) {
  CHECK(ownership_ && !writer_ && config.clock && config.random && config.log);
  try {
    Session session(target_, Session::Use::full);
    Comparison comparison;
    if (const auto archive = archive_to_compare(config))
      comparison = compare_with_archive(session, *archive, config.node, config.go_on);
    const OpenedSource source = open_source(session, std::move(comparison), config.node,
                                            config.outbox, config.clock->wall());
    tell(*config.log, source.comparison);
    losses_ = source.comparison.losses;
    auto committer = std::make_unique<Committer>(
        target_,
        SourceIdentity{source.source, source.incarnation, boot_id(), config.domain,
                       secrets_.pseudonym_key, config.outbox},
        Head{}, *config.random, chores_);
    std::vector<record::Settlement> outcomes;
    const auto first = opening(source, config);
    ownership_->let_writer_lock();
    if (committer->commit(first, outcomes, config.clock->wall()) != Committer::Try::committed)
      return base::fail("the record in " + target_.name +
                        " cannot be begun: " + committer->last_error());
    if (outcomes.at(0) != record::Outcome::durable)
      return base::fail("the record in " + target_.name + " cannot be begun, since its first row" +
                        " is refused: " + committer->last_error());
    ownership_->writer_has_lock();
    events_lost_ = db::events_lost(session);
    incarnation_ = source.incarnation;
    clock_ = config.clock;
    log_ = config.log;
    readers_.say_in(*config.log);
    writer_ = std::make_unique<RecordWriter>(
        RecordWriter::Parts{std::move(committer), *config.clock, *config.log, config.queue_max,
                            config.queue_bytes_max, on_commit_, config.meters});
  } catch (const DatabaseError& error) {
    return base::fail("the record in " + target_.name + " cannot be begun: " + error.what());
  }
  recording_ = true;
  writer_->start();
  return {};
}

bool StoredContent::stop_recording(base::Micros timeout, const std::string& cause) {
  if (!writer_ || !recording_) return true;
  stop_keeping();
  writer_->submit({{clock_->wall(), 0, 0, {}, record::ServerStopped{cause}}}, {});
  const bool done = writer_->stop(timeout);
  recording_ = false;
  // What was allowed to go while the writer was ending.
  if (const auto position = level_.clear_to(); done && position > 0) outbox_may_go(position);
  return done;
}

void StoredContent::start_keeping(const KeepRules& rules, Trimmed trimmed, const KeepPace& pace) {
  CHECK(recording_ && !retention_);
  retention_ = std::make_unique<Retention>(Retention::Parts{readers_,
                                                            [this](std::shared_ptr<Trim> trim) {
                                                              chores_.trims.push(std::move(trim));
                                                              writer_->wake();
                                                            },
                                                            std::move(trimmed), *clock_, *log_},
                                           rules, pace);
  retention_->start();
}

base::Result<StoredContent::Purged, std::string> StoredContent::purge_history(
    std::int64_t room_id, base::Time before, const std::function<bool(std::int64_t)>& go_on) {
  const auto read = readers_.read(muc::StoreError::unavailable, [&](ReaderConnection& db) {
    return last_before(db.session, room_id, before);
  });
  if (!read) return base::fail(std::string("the database does not answer"));
  const std::int64_t last = *read;
  if (last == 0) return Purged{};
  const auto trim = std::make_shared<Trim>(room_id, last, before.us);
  chores_.trims.push(trim);
  writer_->wake();
  auto state = Trim::State::waiting;
  while ((state = trim->wait(std::chrono::milliseconds(100))) == Trim::State::waiting)
    if (!go_on(trim->removed())) return Purged{trim->removed(), last, false};
  return Purged{trim->removed(), last, state == Trim::State::done};
}

// There is one writer: while it runs, what may go is deleted by it. Afterwards the archivist, who
// is still copying the last rows, clears them on its own thread.
void StoredContent::outbox_may_go(std::int64_t position) {
  {
    const std::lock_guard lock(hold_mutex_);
    held_position_ = std::max(held_position_, position);
    if (outbox_held_) return;
  }
  level_.may_go(position);
  if (recording_) return writer_->wake();
  if (!ownership_) return;
  try {
    Session session(target_, Session::Use::full);
    clear_outbox(session, level_, end_clearing_within);
  } catch (const DatabaseError& error) {
    if (log_) log_->warn("what is archived stays in the outbox", {{"reason", error.what()}});
  }
}

// While it is held nothing that is archived from now on leaves the outbox.
void StoredContent::hold_outbox() {
  const std::lock_guard lock(hold_mutex_);
  outbox_held_ = true;
}

void StoredContent::release_outbox() {
  std::int64_t position = 0;
  {
    const std::lock_guard lock(hold_mutex_);
    outbox_held_ = false;
    position = held_position_;
  }
  if (position > level_.clear_to()) outbox_may_go(position);
}

// The archive's moment comes first, the content's soon after. What is archived between the two is
// still in the outbox of the content's copy, since that is held; so each event of the content's
// copy is in the archive's copy, or waits to be handed to it.
base::Result<std::vector<Content::BackupFile>, std::string> StoredContent::backup(
    const std::string& archive, const std::string& data_dir, const std::string& folder,
    const std::function<bool(std::int64_t, std::int64_t)>& go_on) {
  struct Holding {
    explicit Holding(StoredContent& of) : content(of) { content.hold_outbox(); }
    ~Holding() { content.release_outbox(); }
    StoredContent& content;
  };
  try {
    std::vector<std::unique_ptr<Copy>> copies(2);
    {
      const Holding holding(*this);
      if (!archive.empty()) {
        const auto target = parse_target(archive, data_dir);
        if (!target) return base::fail(target.error());
        const VolumeGate gate(*target, VolumeGate::Side::opening);
        if (target->dialect != Dialect::sqlite || std::filesystem::exists(target->where))
          copies[1] = open_copy(*target, Copied::archive);
        for (auto& sealed : open_sealed_copies(*target)) copies.push_back(std::move(sealed));
        if (copies.size() > 2 && !copies[1])
          return base::fail(target->name + " is not there, though months before it are");
      }
      copies[0] = open_copy(target_, Copied::content);
    }
    std::int64_t total = 0, before = 0;
    for (const auto& copy : copies)
      if (copy) total += copy->bytes;
    std::vector<BackupFile> files;
    for (std::size_t i = 0; i < copies.size(); ++i) {
      auto copy = std::move(copies[i]);
      if (!copy) continue;
      const std::string name = copy->file_name(i == 0 ? "content" : "archive");
      copy->write(folder + "/" + name,
                  [&](std::int64_t done) { return go_on(before + done, total); });
      before += copy->bytes;
      files.push_back({name, copy->head, copy->schema});
    }
    return files;
  } catch (const DatabaseError& error) {
    return base::fail(std::string(error.what()));
  }
}

Opened open_for_peek(Target target) {
  auto content = std::make_unique<StoredContent>(std::move(target), std::nullopt);
  if (auto opened = content->open_peek(); !opened) return base::fail(opened.error());
  return Opened(std::move(content));
}

Opened open_for_owner(Target target) {
  auto ownership = Ownership::take(target, Owned::content);
  if (!ownership) return base::fail(ownership.error());
  auto content = std::make_unique<StoredContent>(std::move(target), *std::move(ownership));
  if (auto opened = content->open_owned(); !opened) return base::fail(opened.error());
  return Opened(std::move(content));
}

}  // namespace

Opened Content::open(const std::string& url, const std::string& data_dir, Access access) {
  auto target = parse_target(url, data_dir);
  if (!target) return base::fail(target.error());
  return access == Access::peek ? open_for_peek(*std::move(target))
                                : open_for_owner(*std::move(target));
}

}  // namespace db
