// SPDX-License-Identifier: Apache-2.0
// Content: the database of rooms, history, accounts, secrets and the outbox; opened, migrated to
// this program's schema and owned by this process. It makes the stores and the record writer.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "accounts/account_store.h"
#include "accounts/archive/message_archive.h"
#include "accounts/group_store.h"
#include "accounts/personal_store.h"
#include "base/log.h"
#include "base/metrics/metrics.h"
#include "base/random.h"
#include "base/result.h"
#include "base/time.h"
#include "compliance/archive_store.h"
#include "compliance/outbox.h"
#include "muc/room_directory.h"
#include "muc/room_store.h"
#include "record/recorder.h"

namespace db {

// Keys made at first start and kept in the `secret` table; never logged.
struct Secrets {
  std::string id_key;           // 16 bytes: stanza ids
  std::string occupant_id_key;  // 32 bytes: XEP-0421
  std::string pseudonym_key;    // 32 bytes: people in leaves
  std::string fake_salt_key;    // 32 bytes: SCRAM salts of accounts that do not exist
};

// Of one source, what came up to `head` can never be handed to the archive any more.
struct ArchiveLoss {
  std::string source;
  compliance::SourceHead head;
};

// What the writer measures of its transactions.
struct CommitMeters {
  base::Histogram seconds{
      {.0001, .00025, .0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5}};
  base::Histogram events{{1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000}};
};

struct RecordingConfig {
  std::string node = "n1";
  std::string version;
  std::string domain;  // whose people are our own, for the leaves; "" = not said
  // Events waiting, and their bytes (texts and a fixed sum for each event): from there on
  // accepting() is false.
  std::size_t queue_max = 100000;
  std::size_t queue_bytes_max = std::size_t{256} << 20;
  // Off: no copies for an archive are put into the outbox. The leaves are made and chained all the
  // same, so that it can be switched on again at any start: each start is a source of its own, and
  // either all of a source goes to the archive or nothing, which the archivist does not take for a
  // gap. Of the time without, whole sources are missing in the archive: the next server.started
  // there names the last of them with its number and hash, and the numbers of rooms jump. What
  // waited in the outbox before it was switched off goes on waiting.
  bool outbox = true;
  // Where the archive is, as for open_archive(): what it knows is compared with what the content
  // knows before anything is recorded (db/keep/restore.h). "": there is nothing to compare with.
  std::string archive = {}, data_dir = {};
  // Asked twice a second while the archive is read for that, which may take minutes where it is far
  // ahead: false gives the start up. On a thread of its own; null: it is not to be given up.
  std::function<bool()> go_on = {};
  base::Clock* clock = nullptr;  // these must outlive the Content
  base::Random* random = nullptr;
  base::Log* log = nullptr;
  CommitMeters* meters = nullptr;  // null: nobody wants to know
};

struct WriterStats {
  std::uint64_t events = 0, commits = 0, largest_batch = 0;
  std::uint64_t queued = 0;          // events now waiting
  std::uint64_t queued_bytes = 0;    // theirs, as queue_bytes_max counts them
  std::uint64_t last_commit_us = 0;  // how long the last transaction took
  std::uint64_t failures = 0;        // transactions that failed and were tried again
};

// How much is kept of each room's history and of each person's archive; what a room says of its own
// (record::RetentionChanged) comes first. nullopt: all of it.
struct KeepRules {
  std::optional<std::int64_t> days, messages;
  friend bool operator==(const KeepRules&, const KeepRules&) = default;
};
// How often that is looked after.
struct KeepPace {
  base::Micros first = base::seconds(20);  // after the start
  base::Micros round = base::minutes(60);  // between two rounds over all rooms and people
  base::Micros page = base::milliseconds(50);
};
// Told of a room from whose history messages are gone: those with numbers up to `up_to` that are
// older than `before`. What is in memory of them must go too. On a thread of the database's.
using Trimmed = std::function<void(const xmpp::Jid& room, std::int64_t up_to, base::Time before)>;

// A database looked at from outside, whoever has it open.
struct FileState {
  int schema = 0;           // 0: there is none yet, or it cannot be read
  int schema_known = 0;     // what this program brings it to
  std::int64_t bytes = -1;  // with SQLite's write-ahead log; -1: not there
  std::string owner;  // who has it open for writing: "process 4711 since 2026-…", "" if nobody
};
FileState look_at_content(const std::string& url, const std::string& data_dir);
FileState look_at_archive(const std::string& url, const std::string& data_dir);
// Whether the archive can be used, for `check`: takes no lock, changes nothing. Gives its schema, 0
// if it is yet to be made, or one sentence for the operator.
base::Result<int, std::string> check_archive(const std::string& url, const std::string& data_dir);
// Whether two URLs mean one database, as far as their words say: a file by whatever path, a
// server's database by whatever parameters.
bool mean_one(const std::string& a, const std::string& b, const std::string& data_dir);
// Whether the servers say that two URLs lead to one PostgreSQL database. False if one does not
// answer.
bool lead_to_one(const std::string& a, const std::string& b);
std::string shown_url(const std::string& url);  // without user and password, which it may hold

class Content {
 public:
  enum class Access {
    own,  // takes the owner lock; refused with a sentence that names the holder if somebody has it
    // For `check`: reads schema and secrets, takes no lock, changes nothing. A database that is not
    // there yet has schema 0 and empty secrets. Must not record.
    peek,
  };
  // `url` as in hansard.toml ("sqlite:content.db"; relative paths are under `data_dir`). The error
  // is one sentence for the operator. A newer schema than the program's is refused.
  static base::Result<std::unique_ptr<Content>, std::string> open(const std::string& url,
                                                                  const std::string& data_dir,
                                                                  Access access);
  virtual ~Content() = default;

  virtual const Secrets& secrets() const = 0;
  virtual int schema_version() const = 0;
  virtual int schema_before() const = 0;        // when it was opened; `own` brings it to the newest
  virtual muc::RoomStore& rooms() = 0;          // thread-safe
  virtual muc::RoomDirectory& directory() = 0;  // thread-safe
  virtual accounts::AccountStore& accounts() = 0;    // thread-safe
  virtual accounts::GroupStore& groups() = 0;        // thread-safe
  virtual accounts::PersonalStore& personal() = 0;   // thread-safe
  virtual accounts::MessageArchive& messages() = 0;  // thread-safe

  // Opens a new incarnation of the source and starts the writer's thread. Records crash.detected if
  // the one before did not say goodbye, then server.started.
  virtual base::Result<void, std::string> start_recording(const RecordingConfig& config) = 0;
  virtual record::Recorder& recorder() = 0;  // after start_recording
  // Where the archive is to go on, of sources of which it has lost a piece; for ArchiveStore::skip
  // before the archivist starts.
  virtual const std::vector<ArchiveLoss>& archive_losses() const = 0;
  virtual std::int64_t events_lost() const = 0;  // for the archive, ever; as known at the start
  // Records server.stopped, makes all that was submitted durable, ends the thread. False if that
  // took longer than `timeout` (then what is left is given up and said in the log).
  virtual bool stop_recording(base::Micros timeout, const std::string& cause) = 0;
  // Keeps history and archives as the rules say, from now on; between start_recording and
  // stop_recording.
  virtual void start_keeping(const KeepRules& rules, Trimmed trimmed, const KeepPace& pace) = 0;
  virtual void set_keeping(const KeepRules& rules) = 0;  // any thread; from the next moment on
  virtual void stop_keeping() = 0;  // `trimmed` is not called any more; stop_recording does it too
  // What is older than `before` goes out of a room's history, never out of the archive. Blocks
  // until it has; gives how many messages went and the number they went up to. `go_on` is asked
  // now and then, with how many went so far: false gives up. While recording; any thread.
  struct Purged {
    std::int64_t messages = 0, up_to = 0;
    bool complete = true;
  };
  virtual base::Result<Purged, std::string> purge_history(
      std::int64_t room_id, base::Time before, const std::function<bool(std::int64_t)>& go_on) = 0;
  // Copies content and, unless `archive` (a URL) is "", archive into `folder`, as they were at one
  // moment: what the archive's copy does not have of the content's events waits in the outbox of
  // the content's. `go_on` as admin::Databases has it. While recording; any thread. The error is a
  // sentence; files may be left.
  struct BackupFile {
    std::string name, head;  // "content.db"; how far it goes, for people
    int schema = 0;
  };
  virtual base::Result<std::vector<BackupFile>, std::string> backup(
      const std::string& archive, const std::string& data_dir, const std::string& folder,
      const std::function<bool(std::int64_t done, std::int64_t total)>& go_on) = 0;
  virtual WriterStats writer_stats() const = 0;  // any thread
  // Called on the writer's thread after each commit; the archivist's alarm clock. Set before start.
  virtual void on_commit(std::function<void()> callback) = 0;

  virtual compliance::Outbox&
  outbox() = 0;  // for the archivist's thread; clearing goes through the writer
  virtual std::uint64_t outbox_rows() const = 0;  // any thread, approximate
};

}  // namespace db
