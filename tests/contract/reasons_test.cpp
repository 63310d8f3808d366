// SPDX-License-Identifier: Apache-2.0
// What fails in a database is told to the operator with the database's reason.
#include <atomic>
#include <catch2/catch.hpp>
#include <thread>

#include "compliance/archivist.h"
#include "db/sql/sql.h"
#include "db/stores/archive.h"
#include "tests/contract/world.h"

using compliance::StepResult;
using tests::KeptLog;
using tests::Sql;

namespace {

struct Archiving : tests::World {
  Archiving() : World(&kept) {
    record();
    auto opened = db::open_archive(place.archive_url, place.dir.str());
    if (!opened) FAIL(opened.error());
    archive = std::move(*opened);
    REQUIRE(commit({tests::room_created(1, "a@chat.localhost")}) == record::Outcome::durable);
  }
  KeptLog kept;
  std::unique_ptr<compliance::ArchiveStore> archive;
};

// Some hours' work, in little memory. Gives why it ended.
std::string read_for_hours(db::Session& session) {
  std::int64_t count = 0;
  db::Statement query(session);
  query.into(count).prepare(
      "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000)"
      " SELECT count(*) FROM n AS a, n AS b, n AS c, n AS d");
  try {
    query.one();
  } catch (const db::DatabaseError& error) {
    return error.what();
  }
  return "it was through";
}

}  // namespace

TEST_CASE("an archive that cannot be written is told with the reason, and once") {
  Archiving world;
  Sql sql(world.place.archive_url);
  REQUIRE(sql.error("ALTER TABLE head RENAME TO elsewhere") == "");
  compliance::Archivist archivist(world.content->outbox(), *world.archive, world.kept);
  CHECK(archivist.step() == StepResult::unavailable);
  CHECK(archivist.step() == StepResult::unavailable);
  CHECK(world.kept.count("the archive cannot be written; trying again reason=") == 1);
  CHECK(world.kept.count("head") == 1);
  REQUIRE(sql.error("ALTER TABLE elsewhere RENAME TO head") == "");
  CHECK(archivist.step() == StepResult::copied);
}

TEST_CASE("rows that the archive refuses are told with the reason") {
  Archiving world;
  Sql sql(world.place.archive_url);
  REQUIRE(sql.error(tests::on_postgres()
                        ? "ALTER TABLE event ADD CONSTRAINT nothing_new CHECK (seq < 0)"
                        : "CREATE TRIGGER refuse_all BEFORE INSERT ON event BEGIN"
                          " SELECT RAISE(ABORT, 'nothing_new'); END") == "");
  compliance::Archivist archivist(world.content->outbox(), *world.archive, world.kept);
  CHECK(archivist.step() == StepResult::gap);
  CHECK(world.kept.count("the archive refused it: ") == 1);
  CHECK(world.kept.count("nothing_new") == 1);
}

TEST_CASE("reads that fail are told with the reason, but not each of them") {
  Archiving world;
  Sql sql(world.place.content_url);
  REQUIRE(sql.error("ALTER TABLE account RENAME TO elsewhere") == "");
  for (int i = 0; i < 3; ++i) CHECK_FALSE(world.content->accounts().find("romeo"));
  CHECK(world.kept.count("the database cannot be read reason=") == 1);
  CHECK(world.kept.count("account") == 1);
  REQUIRE(sql.error("ALTER TABLE elsewhere RENAME TO account") == "");
  CHECK(world.content->accounts().find("romeo"));
}

TEST_CASE("a reader gives up after ten seconds, unless it was told to be patient") {
  tests::World world;
  const auto target = db::parse_target(world.place.content_url, "");
  REQUIRE(target);
  db::Session patient(*target, db::Session::Use::reader);
  patient.be_patient();
  const auto begin = world.clock.monotonic();
  std::atomic<bool> ended{false};
  std::thread beside([&] {
    (void)read_for_hours(patient);
    ended = true;
  });
  db::Session reader(*target, db::Session::Use::reader);
  const std::string why = read_for_hours(reader);
  const auto took = world.clock.monotonic() - begin;
  tests::eventually([&] { return world.clock.monotonic() - begin > base::milliseconds(11500); });
  const bool ended_by_itself = ended;
  patient.interrupt();
  beside.join();
  CHECK_FALSE(ended_by_itself);
  INFO(why);
  CHECK(why.find(tests::on_postgres() ? "statement timeout" : "ten seconds") != std::string::npos);
  CHECK(took >= base::milliseconds(9500));
  CHECK(took < base::seconds(20));
}
