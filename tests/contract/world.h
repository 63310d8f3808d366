// SPDX-License-Identifier: Apache-2.0
// A content database of its own, with the doors that tests look through: the writer's public one,
// and SQLite or PostgreSQL itself, so that what is checked is what is stored. Which of the two says
// HANSARD_TEST_STORAGE; tests of what only SQLite does have the tag [sqlite], those of what only
// PostgreSQL does [.postgresql].
#pragma once

struct sqlite3;
struct pg_conn;

#include <atomic>
#include <condition_variable>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/log.h"
#include "db/content.h"
#include "record/recorder.h"
#include "tests/support/fakes.h"

namespace tests {

class TempDir {
 public:
  TempDir();
  ~TempDir();
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;
  std::string str() const { return path_.string(); }
  std::string file(const std::string& name) const { return (path_ / name).string(); }

 private:
  std::filesystem::path path_;
};

// A folder and two databases: files in it, or new ones of the tests' PostgreSQL.
class Place {
 public:
  Place();
  ~Place();
  Place(const Place&) = delete;
  Place& operator=(const Place&) = delete;
  TempDir dir;
  std::string content_url, archive_url;
};
bool on_postgres();
std::string postgres_url();  // of the database that tests come by, to make others

// A second way into a database, past everything of ours.
class Sql {
 public:
  using Row = std::vector<std::string>;
  explicit Sql(const std::string& url);
  ~Sql();
  Sql(const Sql&) = delete;
  Sql& operator=(const Sql&) = delete;
  std::vector<Row> rows(const std::string& sql);
  bool read(const std::string& sql, std::vector<Row>& out);  // asserts nothing: any thread
  std::string text(const std::string& sql);                  // the one value
  std::int64_t number(const std::string& sql) { return std::stoll(text(sql)); }
  std::string error(const std::string& sql);  // "" if it succeeded
  void hold();                                // no writer commits anything until let_go()
  void let_go();

 private:
  sqlite3* sqlite_ = nullptr;
  pg_conn* postgres_ = nullptr;
};

// What the database would do for one of ours, with these in the places of :a, :b …; a step a line.
std::string plan(Sql& sql, std::string statement, const std::vector<const char*>& values);

// Polls until `holds`; fails the test after half a minute.
void eventually(const std::function<bool()>& holds);

struct World {
  explicit World(base::Log* log = nullptr);
  void open();  // the database; then record()
  db::RecordingConfig config();
  void record() { record(config()); }
  void record(const db::RecordingConfig& config);
  void close();  // as a crash does: no goodbye
  bool stop() { return content->stop_recording(base::seconds(20), "test"); }

  record::Outcome commit(std::vector<record::Event> events);  // submits and waits

  Place place;
  base::SystemClock clock;
  base::SystemRandom random;
  std::unique_ptr<base::Log> null_log = base::make_null_log();
  base::Log* log;
  std::unique_ptr<db::Content> content;
};

// Warnings and errors, a line each: the event, then its fields as " key=value".
class KeptLog final : public base::Log {
 public:
  bool enabled(base::Level level) const override { return level >= base::Level::warn; }
  void write(base::Level level, std::string_view event,
             std::initializer_list<base::Field> fields) override;
  bool has(const std::string& text) const { return count(text) > 0; }
  std::size_t count(const std::string& text) const;  // lines in which it stands

 private:
  mutable std::mutex mutex_;
  std::vector<std::string> lines_;
};

// Outcomes in the order in which they came.
class Answers {
 public:
  std::function<void(record::Settlement)> next();
  std::size_t count() const;
  std::vector<record::Outcome> all();  // waits for as many as were asked for
 private:
  mutable std::mutex mutex_;
  std::vector<std::pair<std::size_t, record::Outcome>> came_;
  std::atomic<std::size_t> asked_{0};
};

xmpp::Jid jid(const std::string& text);
record::Event room_created(std::int64_t room_id, const std::string& room);
record::Event message(std::int64_t room_id, std::int64_t number, const std::string& text = "hi");
record::Event joined(std::int64_t room_id, std::int64_t number, const std::string& who);
record::Event left(std::int64_t room_id, std::int64_t number, const std::string& who);
record::Event account_added(const std::string& localpart, bool admin = false);

// Recomputes hashes, numbers and both chains of the leaves in `table` (outbox or event) from their
// bytes alone. Gives what is wrong, "" if nothing.
std::string verify_chains(Sql& sql, const std::string& table);

}  // namespace tests
