// SPDX-License-Identifier: Apache-2.0
// The archive's months when something goes wrong: crashes while one is closed, files that are lost,
// damaged or of another age, and who writes where nobody may.
#include <sys/stat.h>

#include <fstream>

#include "db/stores/archive/volumes/volumes.h"
#include "tests/contract/archive_months.h"

using compliance::StoreError;
using tests::day;
using tests::december;
using tests::january;
using tests::message;
using tests::Monthly;
using tests::november;
using tests::Sql;
using tests::three;
using tests::ThreeMonths;

namespace fs = std::filesystem;

TEST_CASE("what is sealed takes nothing more, not even from who may write the file", "[sqlite]") {
  ThreeMonths world;
  Sql sealed("sqlite:" + world.place.dir.file("archive.0002-2026-12.db"));
  CHECK(sealed.text("PRAGMA integrity_check") == "ok");
  CHECK(sealed.text("PRAGMA journal_mode") == "delete");
  for (const auto* statement :
       {"INSERT INTO event SELECT seq + 1, leaf, leaf_hash, 'x', 1, event_id, t, ts, room, rn"
        " FROM event ORDER BY seq DESC LIMIT 1",
        "INSERT INTO part SELECT seq, 99, kind, salt, data FROM part LIMIT 1",
        "INSERT INTO checkpoint SELECT size + 1, root, issued, note FROM checkpoint LIMIT 1",
        "INSERT INTO subtree VALUES (7, 0, hex(randomblob(32)))",
        "INSERT INTO manifest VALUES (1, hex(randomblob(32)), hex(randomblob(32)), '')",
        "UPDATE volume SET end_seq = NULL", "UPDATE volume SET end_seq = 5", "DELETE FROM volume",
        "INSERT INTO volume VALUES (2, 1, 0, 1, NULL)"})
    CHECK(sealed.error(statement).find("append-only") != std::string::npos);
}

TEST_CASE("who reads keeps a month from being closed, and never reads another's file", "[sqlite]") {
  Monthly world;
  world.month(november, 5);
  {
    const auto reader = world.reader();
    REQUIRE(*reader->size() == 5);
    world.month(december, 5);
    CHECK(world.files().size() == 1);
    const auto closed = world.archive->close_month();
    REQUIRE_FALSE(closed);
    CHECK(closed.error() == StoreError::unavailable);
    // All goes on meanwhile.
    world.month(december + day, 5);
    CHECK(*reader->size() == 15);
    CHECK(world.outbox.rows.empty());
  }
  CHECK(*world.archive->close_month());
  CHECK(world.files().size() == 2);
  world.check_all_is_here();
}

TEST_CASE("rows that come again after a month was closed are known to be archived", "[sqlite]") {
  Monthly world;
  world.outbox.keep = true;
  world.month(november, 5);
  world.say(december, message(1, 0));
  world.seal();
  REQUIRE(world.files().size() == 2);
  REQUIRE(world.outbox.rows.size() == 6);
  world.restart();
  world.outbox.keep = false;
  world.month(december + day, 2);
  CHECK(world.outbox.rows.empty());
  CHECK_FALSE(world.archivist->any_stopped());
  world.check_all_is_here();
}

TEST_CASE("a crash at any step of closing a month is mended at the next start", "[sqlite]") {
  ThreeMonths world;
  world.say(january + 31 * day, message(1, 0));
  const std::string growing = world.growing(), next = growing + ".next";
  const auto until_over = [&] {
    while (world.archivist->step() == compliance::StepResult::copied)
      ;
    REQUIRE(world.sealer->seal() == compliance::Sealing::ready);
    world.archivist.reset();
    world.sealer.reset();
    world.archive.reset();
    REQUIRE(world.files() == three);
  };
  const auto closed = [&] {
    world.open();
    world.begin();
    CHECK(world.files().count("archive.0003-2027-01.db") == 1);
    CHECK_FALSE(fs::exists(next));
    world.check_all_is_here();
    world.month(january + 32 * day, 3);
    world.check_all_is_here();
  };
  const auto seal_it = [&] {
    REQUIRE(Sql(world.place.archive_url)
                .error("UPDATE volume SET end_seq = (SELECT max(seq) + 1 FROM event)") == "");
  };
  SECTION("the next file was being made") {
    until_over();
    std::ofstream(next) << "half a file";
    std::ofstream(next + "-wal") << "half a log";
    world.restart();
    CHECK(world.files() == three);
    CHECK_FALSE(fs::exists(next));
    CHECK_FALSE(fs::exists(next + "-wal"));
    world.check_all_is_here();
  }
  SECTION("the old one was sealed, and there is no next") {
    until_over();
    seal_it();
    closed();
  }
  SECTION("the old one was sealed, and the next is not whole") {
    until_over();
    seal_it();
    std::ofstream(next) << "half a file";
    closed();
  }
  SECTION("the old one had its name, and the next had not") {
    until_over();
    db::turn_volume(world.target());
    fs::rename(growing, next);
    closed();
  }
  SECTION("the next had its name, and the old one may be written yet") {
    until_over();
    db::turn_volume(world.target());
    const std::string sealed = world.place.dir.file("archive.0003-2027-01.db");
    fs::permissions(sealed, fs::perms::owner_read | fs::perms::owner_write);
    closed();
    CHECK((fs::status(sealed).permissions() & fs::perms::owner_write) == fs::perms::none);
  }
  SECTION("the file was sealed while the server went on") {
    while (world.archivist->step() == compliance::StepResult::copied)
      ;
    REQUIRE(world.sealer->seal() == compliance::Sealing::ready);
    // Read-only as root does not see it: what a failed try would leave.
    world.archive.reset();
    seal_it();
    world.archivist.reset();
    world.sealer.reset();
    closed();
  }
}

TEST_CASE("where the file that grows is lost, a new one goes on after the last month", "[sqlite]") {
  ThreeMonths world;
  world.archivist.reset();
  world.sealer.reset();
  world.archive.reset();
  const auto id = Sql("sqlite:" + world.place.dir.file("archive.0002-2026-12.db"))
                      .text("SELECT id FROM archive_id");
  for (const char* end : {"", "-wal", "-shm"}) fs::remove(world.growing() + end);
  std::ofstream(world.growing() + ".next") << "half a file";
  world.open();
  CHECK(*world.archive->id() == id);
  CHECK(*world.archive->size() == 704);
  CHECK((*world.archive->heads()).at("n1.1").sn == 704);
  world.begin();
  // What was signed since is missed, and nothing is signed as if it were not.
  CHECK(world.sealer->seal() == compliance::Sealing::truncated);
}

TEST_CASE("a month that cannot be closed leaves its file as it was", "[sqlite]") {
  ThreeMonths world;
  world.say(january + 31 * day, message(1, 0));
  fs::create_directories(world.growing() + ".next-wal/full");
  world.seal();
  CHECK(world.files() == three);
  const auto closed = world.archive->close_month();
  REQUIRE_FALSE(closed);
  CHECK(closed.error() == StoreError::unavailable);
  CHECK(Sql(world.place.archive_url).number("SELECT count(*) FROM volume WHERE end_seq IS NULL") ==
        1);
  world.month(january + 31 * day, 2);
  world.check_all_is_here();
  fs::remove_all(world.growing() + ".next-wal");
  CHECK(*world.archive->close_month());
  world.check_all_is_here();
}

TEST_CASE("a copy older than the last month that was closed is not gone on with", "[sqlite]") {
  ThreeMonths world;
  world.archivist.reset();
  world.sealer.reset();
  world.archive.reset();
  fs::copy_file(world.place.dir.file("archive.0002-2026-12.db"), world.growing(),
                fs::copy_options::overwrite_existing);
  for (const char* end : {"-wal", "-shm"}) fs::remove(world.growing() + end);
  const auto opened = db::open_archive(world.place.archive_url, world.place.dir.str());
  REQUIRE_FALSE(opened);
  CHECK(opened.error().find("was sealed after the copy") != std::string::npos);
  CHECK(world.files() == three);
}

TEST_CASE("a month's file that is missing is named, and so is what stands in the wrong one",
          "[sqlite]") {
  ThreeMonths world;
  using compliance::Kind;
  const auto named = [&](const std::string& where) {
    for (const auto& finding : world.verify())
      if (finding.kind == Kind::seq_gap && finding.where.find(where) != std::string::npos)
        return true;
    return false;
  };
  SECTION("missing") {
    const std::string file = world.place.dir.file("archive.0001-2026-11.db");
    fs::rename(file, file + ".away");
    std::vector<compliance::Finding> found;
    compliance::Report report([&](const compliance::Finding& f) { found.push_back(f); });
    const auto reader = world.reader();
    REQUIRE(compliance::verify_archive(
        *reader, {{{world.origin(), world.key.public_key()}}, {}, {}}, report));
    std::set<std::string> places;
    for (const auto& finding : found)
      if (finding.kind == Kind::seq_gap) places.insert(finding.where);
    CHECK(places.count("volume 1") == 1);
    CHECK_FALSE(reader->leaf_hashes(0, 10));
    CHECK(reader->last_error().find("put that file back") != std::string::npos);
    CHECK(reader->leaf_hashes(800, 10)->size() == 10);
    // The writer has no answer either, however often it is asked.
    world.restart();
    for (int turn = 0; turn < 2; ++turn) {
      CHECK_FALSE(world.archive->leaf_hashes(0, 10));
      CHECK_FALSE(world.archive->leaf_hash("n1.1", 5));
      CHECK(world.archive->last_error().find("volume 1 of the archive is not beside") !=
            std::string::npos);
    }
    CHECK(world.archive->leaf_hashes(800, 10)->size() == 10);
  }
  SECTION("damaged") {
    const std::string file = world.place.dir.file("archive.0001-2026-11.db");
    fs::remove(file);
    std::ofstream(file) << "nothing of the kind";
    CHECK(named("archive.0001-2026-11.db"));
  }
  SECTION("of later") {
    const std::string file = world.place.dir.file("archive.0002-2026-12.db");
    fs::copy_file(file, world.place.dir.file("archive.0007-2027-05.db"));
    CHECK(named("archive.0007-2027-05.db"));
  }
  SECTION("another archive's") {
    ThreeMonths other;
    const std::string file = world.place.dir.file("archive.0001-2026-11.db");
    fs::copy_file(other.place.dir.file("archive.0001-2026-11.db"), file,
                  fs::copy_options::overwrite_existing);
    CHECK(named("archive.0001-2026-11.db"));
  }
  SECTION("in the wrong file") {
    const std::string file = world.place.dir.file("archive.0001-2026-11.db");
    REQUIRE(Sql("sqlite:" + file)
                .error("DROP TRIGGER event_dense; INSERT INTO event SELECT 100000, leaf, leaf_hash,"
                       " 'x', 1, event_id, t, ts, room, rn FROM event WHERE seq = 7") == "");
    CHECK(named("archive.0001-2026-11.db"));
    REQUIRE(Sql(world.place.archive_url)
                .error("DROP TRIGGER event_dense; INSERT INTO event SELECT 5, leaf, leaf_hash,"
                       " 'x', 1, event_id, t, ts, room, rn FROM event LIMIT 1") == "");
    CHECK(named("archive.db"));
  }
}
