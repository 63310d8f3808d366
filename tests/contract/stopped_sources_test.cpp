// SPDX-License-Identifier: Apache-2.0
// A gap or a fork stops its source, there and no other (compliance.md C14, C15).
#include <catch2/catch.hpp>

#include "tests/contract/archiving.h"

using compliance::Archivist;
using compliance::OutboxRow;
using compliance::StepResult;
using compliance::StoreError;
using tests::all_rows;
using tests::Archiving;
using tests::Kept;
using tests::message;
using tests::Sql;
using tests::StubbornOutbox;

namespace {

struct Log {
  tests::KeptLog kept;
};
// n1.1 has four rows, of which the third is missing; n1.2 goes on.
struct TwoSources : Log, Archiving {
  TwoSources() : Archiving(&kept) {
    Sql stored(place.content_url);
    REQUIRE(stored.error("CREATE TABLE aside AS SELECT * FROM outbox WHERE sn = 3;"
                         "DELETE FROM outbox WHERE sn = 3") == "");
    close();
    open();
    record();
    must({message(1, 4)});
  }
  // Until there is nothing to do; how often a source stopped.
  static int copy_all(Archivist& archivist) {
    int stops = 0;
    for (auto result = StepResult::copied; result != StepResult::idle;) {
      result = archivist.step();
      REQUIRE(result != StepResult::unavailable);
      stops += result == StepResult::gap;
    }
    return stops;
  }
  std::vector<Sql::Row> waiting() {
    Sql stored(place.content_url);
    return stored.rows("SELECT source, sn FROM outbox ORDER BY position");
  }
};
using Waiting = std::vector<Sql::Row>;

}  // namespace

TEST_CASE("a source that has ended and is stuck stops no other, and keeps what it has") {
  TwoSources world;
  Sql archive(world.place.archive_url);
  {
    Archivist archivist(world.content->outbox(), *world.archive, world.kept);
    CHECK(world.copy_all(archivist) == 1);
    CHECK(compliance::text(archivist.stopped()) == "n1.1 at 4: a number is missing");
    CHECK_FALSE(archivist.is_behind());  // what is recorded now is archived
    CHECK(archive.rows("SELECT src, sn FROM head ORDER BY src") ==
          Waiting{{"n1.1", "2"}, {"n1.2", "3"}});
    tests::eventually([&] { return world.waiting() == Waiting{{"n1.1", "4"}}; });
    for (int n = 5; n <= 7; ++n) {
      world.must({message(1, n)});
      CHECK(world.copy_all(archivist) == 0);
    }
    tests::eventually([&] { return world.waiting() == Waiting{{"n1.1", "4"}}; });
    CHECK(world.kept.count("a source has stopped") == 1);
    CHECK(world.kept.count("a source has stopped: it does not continue what is archived of it "
                           "source=n1.1 sn=4 why=a number is missing") == 1);
  }
  // The next start looks again: what was missing is there.
  Sql content(world.place.content_url);
  REQUIRE(content.error("INSERT INTO outbox SELECT * FROM aside") == "");
  world.close();
  world.open();
  world.record();
  Archivist archivist(world.content->outbox(), *world.archive, world.kept);
  CHECK(world.copy_all(archivist) == 0);
  CHECK_FALSE(archivist.any_stopped());
  // In its order, behind what others had meanwhile: a room that both were in is out of order.
  CHECK(archive.rows("SELECT sn FROM event WHERE src = 'n1.1' ORDER BY seq") ==
        Waiting{{"1"}, {"2"}, {"3"}, {"4"}});
  tests::eventually([&] { return world.waiting().empty(); });
}

TEST_CASE("what the archive's head alone says is not taken for what is there") {
  TwoSources world;
  Sql archive(world.place.archive_url), content(world.place.content_url);
  REQUIRE(content.error("INSERT INTO outbox SELECT * FROM aside") == "");
  const auto rows = all_rows(world);
  REQUIRE(rows.size() == 7);
  REQUIRE(world.archive->append({rows[0], rows[1]}));
  std::string head = "n1.1 at 2";
  SECTION("events that are not there") {
    head = "n1.1 at 4";
    REQUIRE(archive.error("UPDATE head SET sn = 4, hash = '" +
                          base::hex(base::as_chars(rows[3].leaf_hash)) + "'") == "");
  }
  SECTION("another event") {
    REQUIRE(archive.error("UPDATE head SET hash = '" +
                          base::hex(base::as_chars(rows[0].leaf_hash)) + "'") == "");
  }
  SECTION("fewer than there are") {
    head = "n1.1 at 1";
    REQUIRE(archive.error("UPDATE head SET sn = 1, hash = '" +
                          base::hex(base::as_chars(rows[0].leaf_hash)) + "'") == "");
  }
  Archivist archivist(world.content->outbox(), *world.archive, world.kept);
  world.copy_all(archivist);
  CHECK(compliance::text(archivist.stopped()) ==
        head + ": the archive's head of it is not its last event");
  CHECK(world.kept.count("why=the archive's head of it is not its last event") == 1);
  CHECK(archive.number("SELECT count(*) FROM event WHERE src = 'n1.1'") == 2);
  CHECK(archive.number("SELECT count(*) FROM event WHERE src = 'n1.2'") == 3);
  tests::eventually([&] { return world.waiting().size() == 4; });
  CHECK(content.number("SELECT count(*) FROM outbox WHERE source = 'n1.1'") == 4);
}

TEST_CASE("of a source that is written to and has stopped, no row is read any more") {
  struct Counting final : StubbornOutbox {
    using StubbornOutbox::StubbornOutbox;
    base::Result<std::vector<OutboxRow>, StoreError> next(std::int64_t after,
                                                          std::size_t max) override {
      auto rows = StubbornOutbox::next(after, max);
      if (rows) read += rows->size();
      return rows;
    }
    std::size_t read = 0;
  };
  Archiving world;
  Sql content(world.place.content_url);
  REQUIRE(content.error("DELETE FROM outbox WHERE sn = 3") == "");
  Counting outbox(world.content->outbox());
  outbox.refuse_clear = false;
  Archivist archivist(outbox, *world.archive, *world.log);
  CHECK(archivist.step() == StepResult::gap);
  const auto read = outbox.read;
  for (int n = 4; n <= 50; ++n) {
    world.must({message(1, n)});
    CHECK(archivist.step() == StepResult::idle);
  }
  CHECK(outbox.read == read);
  CHECK(archivist.is_behind());
  tests::eventually([&] { return content.number("SELECT count(*) FROM outbox") == 48; });
  CHECK(content.number("SELECT min(sn) FROM outbox") == 4);
}

TEST_CASE("a row that the archive refuses stops its source there, and no other") {
  TwoSources world;
  Sql archive(world.place.archive_url), content(world.place.content_url);
  REQUIRE(content.error("INSERT INTO outbox SELECT * FROM aside") == "");
  REQUIRE(archive.error(tests::on_postgres()
                            ? "ALTER TABLE event ADD CONSTRAINT odd CHECK (src <> 'n1.1' OR sn < 3)"
                            : "CREATE TRIGGER odd BEFORE INSERT ON event WHEN NEW.src = 'n1.1' AND"
                              " NEW.sn >= 3 BEGIN SELECT RAISE(ABORT, 'odd'); END") == "");
  Archivist archivist(world.content->outbox(), *world.archive, world.kept);
  CHECK(world.copy_all(archivist) == 1);
  CHECK(archive.rows("SELECT src, sn FROM head ORDER BY src") ==
        Waiting{{"n1.1", "2"}, {"n1.2", "3"}});
  REQUIRE(archivist.stopped().size() == 1);
  CHECK(archivist.stopped()[0].source == "n1.1");
  CHECK(archivist.stopped()[0].sn == 3);
  CHECK(archivist.stopped()[0].why.find("odd") != std::string::npos);
  tests::eventually([&] { return world.waiting() == Waiting{{"n1.1", "3"}, {"n1.1", "4"}}; });
}

TEST_CASE("what is kept of the outbox stays, whatever goes around it") {
  const bool writing = GENERATE(true, false);
  Archiving world;
  const auto rows = all_rows(world);
  REQUIRE(rows.size() == 4);
  const auto at = [&](std::size_t n) { return rows[n].position; };
  auto kept = Kept{{at(1), at(1)}};
  SECTION("between") {}
  SECTION("at the front") { kept = {{at(0), at(1)}}; }
  SECTION("at the end") { kept = {{at(3), at(3)}}; }
  SECTION("two") { kept = {{at(0), at(0)}, {at(2), at(2)}}; }
  SECTION("all") { kept = {{at(0), at(3)}}; }
  std::string where;
  for (const auto& [first, last] : kept)
    where += (where.empty() ? "" : " OR ") + ("position BETWEEN " + std::to_string(first)) +
             " AND " + std::to_string(last);
  Sql content(world.place.content_url);
  const auto stays = content.number("SELECT count(*) FROM outbox WHERE " + where);
  if (!writing) CHECK(world.stop());  // its goodbye is behind them
  REQUIRE(world.content->outbox().clear(at(3), kept));
  tests::eventually([&] {
    return content.number("SELECT count(*) FROM outbox WHERE position <= " +
                          std::to_string(at(3))) == stays;
  });
  CHECK(content.number("SELECT count(*) FROM outbox WHERE " + where) == stays);
  tests::eventually([&] {
    return static_cast<std::int64_t>(world.content->outbox_rows()) == stays + (writing ? 0 : 1);
  });
}
