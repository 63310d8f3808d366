// SPDX-License-Identifier: Apache-2.0
#include "db/content.h"

#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <limits>
#include <optional>

#include "base/check.h"
#include "db/secrets.h"
#include "db/sql/migrate.h"
#include "db/sql/ownership.h"
#include "db/stores/stores.h"
#include "db/writer/record_writer.h"
#include "db/writer/sources.h"
#include "xmpp/datetime.h"

namespace db {
namespace {

using Opened = base::Result<std::unique_ptr<Content>, std::string>;

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
        outbox_(readers_, [this](std::int64_t position) { outbox_may_go(position); }) {}

  const Secrets& secrets() const override { return secrets_; }
  int schema_version() const override { return version_; }
  int schema_before() const override { return version_before_; }
  muc::RoomStore& rooms() override { return rooms_; }
  muc::RoomDirectory& directory() override { return directory_; }
  accounts::AccountStore& accounts() override { return accounts_; }
  accounts::GroupStore& groups() override { return groups_; }
  accounts::PersonalStore& personal() override { return personal_; }

  base::Result<void, std::string> start_recording(const RecordingConfig& config) override;
  record::Recorder& recorder() override {
    CHECK(writer_ != nullptr);
    return *writer_;
  }
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
  std::vector<Submission> opening(const OpenedSource& source, const RecordingConfig& config) const;
  void outbox_may_go(std::int64_t position);

  const Target target_;
  std::optional<Ownership> ownership_;
  Readers readers_;
  std::atomic<std::int64_t> incarnation_{std::numeric_limits<std::int64_t>::max()};
  RoomStore rooms_;
  RoomDirectory directory_;
  AccountStore accounts_;
  GroupStore groups_;
  PersonalStore personal_;
  OutboxLevel level_;
  OutboxStore outbox_;
  Secrets secrets_;
  int version_ = 0, version_before_ = 0;
  const base::Clock* clock_ = nullptr;
  std::function<void()> on_commit_;
  std::unique_ptr<RecordWriter> writer_;
  std::atomic<bool> recording_{false};
};

base::Result<void, std::string> StoredContent::open_owned() {
  try {
    Session session(target_, Session::Use::full);
    version_before_ = db::schema_version(session);
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
    if (auto refusal = refuse_newer(version_, content_migrations(target_.dialect), target_.name);
        !refusal.empty())
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

// What a new source says first: how the one before ended, then that it has begun.
std::vector<Submission> StoredContent::opening(const OpenedSource& source,
                                               const RecordingConfig& config) const {
  std::vector<record::Event> events;
  record::ServerStarted started{config.version, boot_id(), {}, 0, {}};
  if (const auto& previous = source.previous) {
    if (!previous->stopped)
      events.push_back({config.clock->wall(),
                        0,
                        0,
                        {},
                        record::CrashDetected{previous->source, previous->last_seen}});
    started.previous_source = previous->source;
    started.previous_sn = previous->head.number;
    started.previous_hash = base::hex(base::as_chars(previous->head.hash));
  }
  events.push_back({config.clock->wall(), 0, 0, {}, std::move(started)});
  std::vector<Submission> batch;
  batch.push_back({std::move(events), {}, config.clock->monotonic()});
  return batch;
}

base::Result<void, std::string> StoredContent::start_recording(const RecordingConfig& config) {
  CHECK(ownership_ && !writer_ && config.clock && config.random && config.log);
  try {
    Session session(target_, Session::Use::full);
    const OpenedSource source = open_source(session, config.node, config.clock->wall());
    auto committer = std::make_unique<Committer>(
        target_,
        SourceIdentity{source.source, source.incarnation, boot_id(), config.domain,
                       secrets_.pseudonym_key, config.outbox},
        Head{}, *config.random, level_);
    std::vector<record::Outcome> outcomes;
    const auto first = opening(source, config);
    ownership_->let_writer_lock();
    if (committer->commit(first, outcomes, config.clock->wall()) != Committer::Try::committed)
      return base::fail("the record in " + target_.name +
                        " cannot be begun: " + committer->last_error());
    incarnation_ = source.incarnation;
    clock_ = config.clock;
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
  writer_->submit({{clock_->wall(), 0, 0, {}, record::ServerStopped{cause}}}, {});
  const bool done = writer_->stop(timeout);
  recording_ = false;
  // What was allowed to go while the writer was ending.
  if (const std::int64_t position = level_.clear_to; done && position > 0) outbox_may_go(position);
  return done;
}

// There is one writer: while it runs, what may go is deleted by it. Afterwards the archivist, who
// is still copying the last rows, clears them on its own thread.
void StoredContent::outbox_may_go(std::int64_t position) {
  if (position > level_.clear_to) level_.clear_to = position;
  if (recording_) return writer_->wake();
  if (!ownership_) return;
  (void)guard(compliance::StoreError::unavailable, [&] {
    Session session(target_, Session::Use::full);
    level_.rows -=
        Statement(session).use(position).prepare("DELETE FROM outbox WHERE position <= :a").run();
    return true;
  });
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
