// SPDX-License-Identifier: Apache-2.0
// Content and archive restored from copies of different age: no number is used twice, what can be
// handed to the archive is, what is lost is said.
#include <catch2/catch.hpp>
#include <future>

#include "compliance/archivist.h"
#include "db/postgres/watch.h"
#include "db/sql/target.h"
#include "db/stores/archive.h"
#include "db/stores/archive/volumes/volumes.h"
#include "tests/contract/world.h"

using compliance::StepResult;
using record::Outcome;
using tests::message;
using tests::room_created;
using tests::Sql;
using tests::TempDir;
using tests::World;

namespace {

namespace fs = std::filesystem;

struct Restoring : World {
  Restoring() {
    start();
    must({room_created(1, "a@chat.localhost"), message(1, 2), message(1, 3)});
  }
  void start() {
    if (!content) open();
    open_archive();
    record(with_archive());
    for (const auto& loss : content->archive_losses())
      REQUIRE(archive->skip(loss.source, loss.head));
  }
  db::RecordingConfig with_archive() {
    auto with = config();
    with.archive = place.archive_url;
    with.data_dir = place.dir.str();
    return with;
  }
  void open_archive() {
    auto opened = db::open_archive(place.archive_url, place.dir.str());
    if (!opened) FAIL(opened.error());
    archive = std::move(*opened);
  }
  // Nobody has the databases open, and the archive has two messages more than the content.
  void restore_older_content() {
    REQUIRE(hand_over() == StepResult::idle);
    end();
    take(place.content_url);
    start();
    must({message(1, 4), message(1, 5)});
    REQUIRE(hand_over() == StepResult::idle);
    end();
    put_back(place.content_url);
  }
  StepResult hand_over() {
    compliance::Archivist archivist(content->outbox(), *archive, *null_log);
    StepResult last = StepResult::copied;
    while (last == StepResult::copied) last = archivist.step();
    return last;
  }
  void cleared() {
    tests::eventually([&] { return content->outbox_rows() == 0; });
  }
  ~Restoring() {
    if (!tests::on_postgres()) return;
    Sql sql(tests::postgres_url());
    for (const auto& url : {place.content_url, place.archive_url})
      CHECK(sql.error("DROP DATABASE IF EXISTS " + file_of(url) + "_copy") == "");
  }
  void end() {
    REQUIRE(stop());
    close();
    archive.reset();
  }
  void must(std::vector<record::Event> events) {
    REQUIRE(commit(std::move(events)) == Outcome::durable);
  }
  // A copy of a database, and the database as it was then; nobody has it open.
  void take(const std::string& url) {
    if (tests::on_postgres()) return make(url + "_copy", url);
    for (const char* end : {"", "-wal"}) {
      fs::remove(copies.file(file_of(url) + end));
      if (fs::exists(place.dir.file(file_of(url) + end)))
        fs::copy_file(place.dir.file(file_of(url) + end), copies.file(file_of(url) + end));
    }
  }
  void put_back(const std::string& url) {
    if (tests::on_postgres()) return make(url, url + "_copy");
    for (const char* end : {"", "-wal", "-shm"}) fs::remove(place.dir.file(file_of(url) + end));
    for (const char* end : {"", "-wal"})
      if (fs::exists(copies.file(file_of(url) + end)))
        fs::copy_file(copies.file(file_of(url) + end), place.dir.file(file_of(url) + end));
  }
  std::vector<Sql::Row> restores() {
    Sql sql(place.content_url);
    auto rows = sql.rows("SELECT leaf FROM outbox WHERE code = 612 ORDER BY position");
    return rows;
  }

  std::unique_ptr<compliance::ArchiveStore> archive;

 private:
  static std::string file_of(const std::string& url) { return fs::path(url).filename(); }
  // PostgreSQL's way to copy a database is to make one like it.
  static void make(const std::string& url, const std::string& like) {
    Sql sql(tests::postgres_url());
    REQUIRE(sql.error("DROP DATABASE IF EXISTS " + file_of(url)) == "");
    REQUIRE(sql.error("CREATE DATABASE " + file_of(url) + " TEMPLATE " + file_of(like)) == "");
  }

  TempDir copies;
};

bool says(const Sql::Row& row, const std::string& words) {
  return row.at(0).find(words) != std::string::npos;
}

}  // namespace

TEST_CASE("databases that fit are not taken for restored ones, whatever waits between them") {
  Restoring world;
  world.end();  // nothing was handed over
  world.start();
  CHECK(world.restores().empty());
  CHECK(world.hand_over() == StepResult::idle);
  world.cleared();
  world.must({message(1, 4)});
  world.close();  // a crash
  world.archive.reset();
  world.start();
  CHECK(world.restores().empty());
  CHECK(world.content->archive_losses().empty());
  CHECK(world.content->events_lost() == 0);
  CHECK(world.hand_over() == StepResult::idle);
  Sql archive(world.place.archive_url);
  CHECK(tests::verify_chains(archive, "event") == "");
}

TEST_CASE("what an older content does not know is found in the archive's months before",
          "[sqlite]") {
  Restoring world;
  world.restore_older_content();
  const auto archive = db::parse_target(world.place.archive_url, world.place.dir.str());
  db::turn_volume(*archive);
  world.start();
  CHECK(world.restores().size() == 1);
  CHECK(Sql(world.place.content_url).number("SELECT number FROM room_head WHERE room_id = 1") == 5);
  world.must({message(1, 6)});
  CHECK(world.hand_over() == StepResult::idle);
}

TEST_CASE("a content older than the archive goes on above all that the archive knows") {
  Restoring world;
  CHECK(world.hand_over() == StepResult::idle);
  world.end();
  world.take(world.place.content_url);
  world.start();  // n1.2
  world.must({message(1, 4), message(1, 5), room_created(2, "b@chat.localhost")});
  CHECK(world.hand_over() == StepResult::idle);
  world.end();
  world.start();  // n1.3: a source that the old content knows nothing of at all
  world.must({message(1, 6)});
  CHECK(world.hand_over() == StepResult::idle);
  world.end();
  const std::string key = [&] {
    Sql sql(world.place.content_url);
    return sql.text("SELECT value FROM secret ORDER BY name LIMIT 1");
  }();

  world.put_back(world.place.content_url);
  world.start();
  Sql sql(world.place.content_url);
  CHECK(sql.text("SELECT source FROM source_head ORDER BY incarnation DESC LIMIT 1") == "n1.4");
  CHECK(sql.text("SELECT value FROM secret ORDER BY name LIMIT 1") == key);
  const auto said = world.restores();
  REQUIRE(said.size() == 2);
  CHECK(says(said[0], R"("older":"content")"));
  CHECK(says(said[0], R"("source":"n1.2")"));
  CHECK(says(said[1], R"("source":"n1.3")"));
  CHECK(says(said[1], R"("rooms":1)"));
  CHECK(sql.number("SELECT number FROM room_head WHERE room_id = 1") == 6);
  // The room's own number is used again by nobody; the next continues it.
  CHECK(world.commit({message(1, 4)}) == Outcome::broken);
  world.must({message(1, 7)});
  const auto room = world.content->rooms().load(tests::jid("a@chat.localhost"), 10);
  REQUIRE(room);
  CHECK((*room)->last_number == 7);
  REQUIRE((*room)->recent.size() == 3);  // 2, 3 and 7: a gap, over which one reads
  CHECK((*room)->recent.back().number == 7);
  CHECK(world.hand_over() == StepResult::idle);
  Sql archive(world.place.archive_url);
  CHECK(tests::verify_chains(archive, "event") == "");
  world.end();
  world.start();  // said once
  CHECK(world.restores().empty());
  world.must({message(1, 8)});
  CHECK(world.hand_over() == StepResult::idle);
  CHECK(tests::verify_chains(archive, "event") == "");
}

TEST_CASE("what a start could not record of a restore is recorded by the next one, once") {
  Restoring world;
  world.restore_older_content();
  Sql content(world.place.content_url);
  const bool postgres = tests::on_postgres();
  if (postgres)
    REQUIRE(content.error("CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS"
                          " 'BEGIN RAISE EXCEPTION ''full''; END'") == "");
  REQUIRE(content.error(postgres ? "CREATE TRIGGER full_disk BEFORE INSERT ON outbox"
                                   " FOR EACH ROW EXECUTE FUNCTION fail()"
                                 : "CREATE TRIGGER full_disk BEFORE INSERT ON outbox"
                                   " BEGIN SELECT RAISE(ABORT, 'full'); END") == "");
  world.open();
  const auto failed = world.content->start_recording(world.with_archive());
  REQUIRE_FALSE(failed);
  CHECK(failed.error().find("full") != std::string::npos);
  world.close();
  REQUIRE(content.error(postgres ? "DROP TRIGGER full_disk ON outbox; DROP FUNCTION fail()"
                                 : "DROP TRIGGER full_disk") == "");
  world.start();
  const auto said = world.restores();
  REQUIRE(said.size() == 1);
  CHECK(says(said[0], R"("older":"content")"));
  CHECK(says(said[0], R"("rooms":1)"));
  world.end();
  world.start();
  CHECK(world.restores().size() == 1);
}

namespace {

// A start that waits for the archive, whose events somebody else has locked.
struct Waiting {
  explicit Waiting(Restoring& w) : world(w) {
    world.restore_older_content();
    world.open();
    world.open_archive();
    REQUIRE(archive.error("BEGIN; LOCK TABLE event IN ACCESS EXCLUSIVE MODE") == "");
    auto config = world.with_archive();
    config.go_on = [this] { return go_on.load(); };
    start = std::async(std::launch::async, [this, config] {
      const auto started = world.content->start_recording(config);
      return started ? std::string() : started.error();
    });
    tests::eventually([&] { return waits(); });
  }
  bool waits() {
    return look.number(
               "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
               " AND wait_event_type = 'Lock'") == 1;
  }

  Restoring& world;
  std::atomic<bool> go_on{true};
  std::future<std::string> start;  // ends after the lock
  Sql archive{world.place.archive_url}, look{world.place.archive_url};
};

}  // namespace

TEST_CASE("an archive that is far ahead is read for as long as it takes, and nothing is held open",
          "[.postgresql]") {
  Restoring world;
  Waiting waiting(world);
  Sql content(world.place.content_url);
  const auto end = std::chrono::steady_clock::now() + db::postgres::answers_within +
                   std::chrono::milliseconds(1500);  // Watch looks every half second
  tests::eventually([&] {
    return !waiting.waits() || std::chrono::steady_clock::now() > end ||
           content.number(
               "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
               " AND state LIKE 'idle in transaction%'") != 0;
  });
  CHECK(std::chrono::steady_clock::now() > end);
  CHECK(waiting.archive.error("COMMIT") == "");
  CHECK(waiting.start.get() == "");
  REQUIRE(world.restores().size() == 1);
  world.must({message(1, 6)});
}

TEST_CASE("a start that waits for the archive can be given up", "[.postgresql]") {
  Restoring world;
  Waiting waiting(world);
  waiting.go_on = false;
  REQUIRE(waiting.start.wait_for(std::chrono::seconds(5)) == std::future_status::ready);
  CHECK(waiting.start.get().find("given up") != std::string::npos);
  CHECK(waiting.archive.error("COMMIT") == "");
  world.close();
  world.archive.reset();
  world.start();
  REQUIRE(world.restores().size() == 1);
}

TEST_CASE("an archive older than the content is handed what still waits, the rest is said lost") {
  Restoring world;
  CHECK(world.hand_over() == StepResult::idle);
  world.cleared();
  world.end();
  CHECK(world.content == nullptr);
  world.take(world.place.archive_url);
  world.start();  // n1.2: sn 1 started, then two messages that are archived and cleared
  world.must({message(1, 4)});
  world.must({message(1, 5)});
  CHECK(world.hand_over() == StepResult::idle);
  world.cleared();
  world.must({message(1, 6)});  // waits
  world.end();
  world.put_back(world.place.archive_url);

  world.start();
  const auto said = world.restores();
  REQUIRE(said.size() == 2);  // the goodbye of n1.1 was never handed over: it waits, or is lost
  CHECK(says(said[1], R"("older":"archive")"));
  CHECK(says(said[1], R"("source":"n1.2")"));
  CHECK(says(said[1], R"("lost_first_sn":1)"));
  CHECK(says(said[1], R"("lost_last_sn":3)"));
  const auto lost = world.content->events_lost();
  CHECK(lost >= 3);
  CHECK(world.hand_over() == StepResult::idle);  // not stopped by a gap
  Sql archive(world.place.archive_url);
  CHECK(archive.number("SELECT count(*) FROM event WHERE src = 'n1.2' AND sn > 3") == 2);
  CHECK(archive.number("SELECT count(*) FROM event WHERE t = 612") == 2);
  world.must({message(1, 7)});
  CHECK(world.hand_over() == StepResult::idle);
  world.end();
  world.start();  // said once, known for ever
  CHECK(world.restores().empty());
  CHECK(world.content->events_lost() == lost);
}

TEST_CASE("what was recorded without an archive is not missing there") {
  Restoring world;
  CHECK(world.hand_over() == StepResult::idle);
  world.end();
  world.open();
  auto without = world.config();
  without.outbox = false;
  world.record(without);
  world.must({message(1, 4)});
  REQUIRE(world.stop());
  world.close();
  world.start();
  CHECK(world.restores().empty());
  CHECK(world.content->events_lost() == 0);
  CHECK(world.content->archive_losses().empty());
}

TEST_CASE("an archive skips forwards only") {
  Restoring world;
  CHECK(world.hand_over() == StepResult::idle);
  const auto heads = world.archive->heads();
  REQUIRE(heads);
  const auto head = heads->at("n1.1");
  CHECK_FALSE(world.archive->skip("n1.1", head));
  CHECK_FALSE(world.archive->skip("n1.1", {head.sn - 1, head.hash}));
  CHECK(world.archive->skip("n1.1", {head.sn + 1, head.hash}));
}
