// SPDX-License-Identifier: Apache-2.0
// From the outbox to the archive: in order, exactly once, whatever breaks in between.
#include "compliance/archivist.h"

#include <catch2/catch.hpp>

#include "tests/contract/archiving.h"
#include "tests/contract/forwarding_archive.h"

using compliance::Archivist;
using compliance::OutboxRow;
using compliance::StepResult;
using compliance::StoreError;
using tests::all_rows;
using tests::Archiving;
using tests::FakeOutbox;
using tests::message;
using tests::Sql;
using tests::StubbornOutbox;

namespace {

// Forgets the outcome of an append that succeeded, once.
struct ForgetfulArchive final : tests::ForwardingArchive {
  using ForwardingArchive::ForwardingArchive;
  Answer<void> append(const std::vector<OutboxRow>& rows) override {
    auto done = real.append(rows);
    if (std::exchange(forget, false)) return base::fail(StoreError::unavailable);
    return done;
  }
  bool forget = true;
};

// Answers nothing while it is away; counts how often it was asked.
struct AbsentArchive final : tests::ForwardingArchive {
  using ForwardingArchive::ForwardingArchive;
  Answer<std::map<std::string, compliance::SourceHead>> heads() override {
    ++tries;
    if (away) return base::fail(StoreError::unavailable);
    return real.heads();
  }
  std::atomic<bool> away{true};
  std::atomic<int> tries{0};
};

}  // namespace

TEST_CASE("what was in the outbox is in the archive, part for part, and the outbox is empty") {
  Archiving world;
  const auto rows = all_rows(world);
  Archivist archivist(world.content->outbox(), *world.archive, *world.log);
  CHECK(archivist.step(2) == StepResult::copied);
  CHECK(archivist.step(2) == StepResult::copied);
  CHECK(archivist.step(2) == StepResult::idle);
  CHECK(archivist.archived() == rows.size());
  Sql sql(world.place.archive_url);
  CHECK(tests::verify_chains(sql, "event") == "");
  const auto events =
      sql.rows("SELECT seq, leaf, src, sn, t, ts, room, rn FROM event ORDER BY seq");
  REQUIRE(events.size() == rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const auto room = [&](std::int64_t n) { return rows[i].room_id ? std::to_string(n) : "NULL"; };
    CHECK(events[i] == Sql::Row{std::to_string(i), rows[i].leaf, rows[i].source,
                                std::to_string(rows[i].sn), std::to_string(rows[i].code),
                                std::to_string(rows[i].at_us), room(rows[i].room_id),
                                room(rows[i].number)});
    const auto parts = sql.rows(
        "SELECT n, kind, salt, data FROM part WHERE seq = " + std::to_string(i) + " ORDER BY n");
    REQUIRE(parts.size() == rows[i].parts.size());
    for (std::size_t n = 0; n < parts.size(); ++n)
      CHECK(parts[n] == Sql::Row{std::to_string(n), rows[i].parts[n].kind,
                                 base::hex(rows[i].parts[n].salt), rows[i].parts[n].data});
  }
  Sql content(world.place.content_url);
  tests::eventually([&] { return content.number("SELECT count(*) FROM outbox") == 0; });
  tests::eventually([&] { return world.content->outbox_rows() == 0; });
}

TEST_CASE("an archivist that died between append and clear copies nothing twice") {
  Archiving world;
  StubbornOutbox outbox(world.content->outbox());
  {
    Archivist first(outbox, *world.archive, *world.log);
    CHECK(first.step(3) == StepResult::unavailable);  // appended, not cleared
  }
  world.must({message(1, 4)});
  outbox.refuse_clear = false;
  Archivist second(outbox, *world.archive, *world.log);
  CHECK(second.step() == StepResult::copied);
  CHECK(second.step() == StepResult::idle);
  CHECK(second.archived() == 2);  // one that was left, one that came
  Sql sql(world.place.archive_url);
  CHECK(sql.number("SELECT count(*) FROM event") == 5);
  CHECK(tests::verify_chains(sql, "event") == "");
}

TEST_CASE("an append whose outcome is not known is looked up, not repeated") {
  Archiving world;
  ForgetfulArchive archive(*world.archive);
  Archivist archivist(world.content->outbox(), archive, *world.log);
  CHECK(archivist.step() == StepResult::unavailable);
  CHECK(archivist.step() == StepResult::copied);
  CHECK(archivist.archived() == 0);  // by that step: all were there
  Sql sql(world.place.archive_url);
  CHECK(sql.number("SELECT count(*) FROM event") == 4);
}

TEST_CASE("a gap stops its source at the gap") {
  Archiving world;
  FakeOutbox outbox;
  outbox.rows = all_rows(world);
  outbox.rows.erase(outbox.rows.begin() + 2);
  Archivist archivist(outbox, *world.archive, *world.log);
  CHECK(archivist.step() == StepResult::gap);
  CHECK(archivist.any_stopped());
  CHECK(archivist.is_behind());
  CHECK(archivist.step() == StepResult::idle);  // nothing is skipped later either
  CHECK(*world.archive->size() == 2);           // what came before it is sound
  CHECK(outbox.rows.size() == 1);
}

TEST_CASE("a fork, a changed leaf and a changed past stop the archivist") {
  Archiving world;
  FakeOutbox outbox;
  outbox.rows = all_rows(world);
  auto& row = outbox.rows[3];
  SECTION("the leaf is not what was hashed") { row.leaf[10] ^= 1; }
  SECTION("the hash is another") { row.leaf_hash[0] ^= 1; }
  SECTION("the number is another") { row.sn += 1; }
  SECTION("the leaf follows another leaf") {
    record::Placement placement{row.source, row.sn};  // previous: zeros
    tests::SeededRandom random;
    const auto leaf = record::build_leaf(message(1, 3), placement, "key", random);
    row.leaf = leaf.bytes;
    row.leaf_hash = leaf.hash;
  }
  Archivist archivist(outbox, *world.archive, *world.log);
  CHECK(archivist.step() == StepResult::gap);
  CHECK(*world.archive->size() == 3);
}

TEST_CASE("a row that does not say what its leaf says is not archived") {
  Archiving world;
  FakeOutbox outbox;
  outbox.rows = all_rows(world);
  auto& row = outbox.rows[3];
  REQUIRE(row.parts.size() > 1);
  SECTION("event id") { row.event_id.back() ^= 1; }
  SECTION("code") { row.code += 1; }
  SECTION("time") { row.at_us += 1; }
  SECTION("room") { row.room_id += 1; }
  SECTION("number") { row.number += 1; }
  SECTION("text") { row.parts[1].data += "!"; }
  SECTION("salt") { row.parts[1].salt[0] ^= 1; }
  SECTION("kind") { row.parts[1].kind += "x"; }
  SECTION("place") { std::swap(row.parts[0], row.parts[1]); }
  SECTION("a part less") { row.parts.pop_back(); }
  SECTION("a part more") { row.parts.push_back(row.parts[0]); }
  Archivist archivist(outbox, *world.archive, *world.log);
  CHECK(archivist.step() == StepResult::gap);
  CHECK(compliance::text(archivist.stopped()) ==
        "n1.1 at 4: leaf, hash, columns and parts do not agree");
  CHECK(*world.archive->size() == 3);
}

TEST_CASE("a leaf that differs from the one archived under its number stops the archivist") {
  Archiving world;
  FakeOutbox outbox;
  outbox.rows = all_rows(world);
  REQUIRE(world.archive->append(outbox.rows));
  const std::size_t which = GENERATE(1u, 3u);  // inside, and at the head
  auto& row = outbox.rows[which];
  tests::SeededRandom random;
  const auto leaf = record::build_leaf(message(1, row.number), {row.source, row.sn}, "key", random);
  row.leaf = leaf.bytes;
  row.leaf_hash = leaf.hash;
  Archivist archivist(outbox, *world.archive, *world.log);
  CHECK(archivist.step() == StepResult::gap);
  CHECK(*world.archive->size() == 4);
}

TEST_CASE("what was recorded without an outbox is no gap when the archive is switched on again") {
  Archiving world;
  const auto restart = [&](bool outbox) {
    CHECK(world.stop());
    world.close();
    world.open();
    auto config = world.config();
    config.outbox = outbox;
    world.record(config);
  };
  Sql content(world.place.content_url);
  const auto waiting = world.content->outbox_rows();
  CHECK(waiting == 4);
  restart(false);
  world.must({message(1, 4), message(1, 5)});
  CHECK(world.content->outbox_rows() == waiting + 1);  // the stop of the source before
  CHECK(content.number("SELECT count(*) FROM outbox WHERE source = 'n1.2'") == 0);
  CHECK(content.number("SELECT count(*) FROM history") == 4);

  restart(true);
  world.must({message(1, 6)});
  const auto end = content.text("SELECT hash FROM source_head WHERE source = 'n1.2'");
  CHECK(world.content->outbox_rows() == 7);
  Archivist archivist(world.content->outbox(), *world.archive, *world.log);
  while (archivist.step(2) == StepResult::copied) {
  }
  CHECK_FALSE(archivist.is_behind());
  CHECK(archivist.archived() == 7);
  Sql archive(world.place.archive_url);
  CHECK(archive.rows("SELECT src, sn FROM head ORDER BY src") ==
        std::vector<Sql::Row>{{"n1.1", "5"}, {"n1.3", "2"}});
  // What is missing is named.
  CHECK(archive.text("SELECT leaf FROM event WHERE src = 'n1.3' AND sn = 1").find(end) !=
        std::string::npos);
  tests::eventually([&] { return world.content->outbox_rows() == 0; });
}

TEST_CASE("the outbox is counted right over incarnations, clearings and the end of recording") {
  Archiving world;
  Sql content(world.place.content_url);
  const auto agrees = [&] {
    return static_cast<std::int64_t>(world.content->outbox_rows()) ==
           content.number("SELECT count(*) FROM outbox");
  };
  CHECK(agrees());
  REQUIRE(world.content->outbox().clear(all_rows(world)[1].position, {}));
  tests::eventually([&] { return content.number("SELECT count(*) FROM outbox") == 2; });
  tests::eventually(agrees);
  for (int n = 4; n <= 6; ++n) {
    world.close();
    world.open();
    CHECK(agrees());
    world.record();
    world.must({message(1, n)});
    CHECK(agrees());
  }
  CHECK(world.stop());
  CHECK(agrees());
  REQUIRE(
      world.content->outbox().clear(all_rows(world)[3].position, {}));  // nobody writes any more
  CHECK(agrees());
  CHECK(world.content->outbox_rows() > 0);
  REQUIRE(world.content->outbox().clear(std::numeric_limits<std::int64_t>::max(), {}));
  CHECK(world.content->outbox_rows() == 0);
  CHECK(agrees());
}

TEST_CASE("the archive refuses updates, deletes, replacements and gaps") {
  Archiving world;
  REQUIRE(world.archive->append(all_rows(world)));
  Sql sql(world.place.archive_url);
  std::vector<std::string> attacks{
      "UPDATE event SET leaf = '' WHERE seq = 1", "DELETE FROM event WHERE seq = 3",
      "UPDATE part SET data = ''", "DELETE FROM part",
      "INSERT INTO event SELECT 5, leaf, leaf_hash, 'x', 1, event_id, t, ts, room, rn"
      " FROM event WHERE seq = 1"};
  const std::vector<std::string> replacements =
      tests::on_postgres()
          ? std::vector<std::string>{"INSERT INTO event SELECT * FROM event WHERE seq = 1"
                                     " ON CONFLICT (seq) DO UPDATE SET leaf = excluded.leaf",
                                     "INSERT INTO part SELECT * FROM part ON CONFLICT (seq, n)"
                                     " DO UPDATE SET data = 'x'",
                                     "TRUNCATE event", "TRUNCATE part"}
          : std::vector<std::string>{
                "INSERT OR REPLACE INTO event SELECT * FROM event WHERE seq = 1",
                "INSERT OR REPLACE INTO event SELECT 4, leaf, leaf_hash, src, sn, event_id, t, ts,"
                " room, rn FROM event WHERE seq = 1",
                "INSERT OR REPLACE INTO part SELECT seq, n, kind, salt, 'x' FROM part"};
  attacks.insert(attacks.end(), replacements.begin(), replacements.end());
  for (const auto& attack : attacks) {
    INFO(attack);
    CHECK(sql.error(attack).find("append-only") != std::string::npos);
  }
  auto rows = all_rows(world);
  const auto again = world.archive->append(rows);
  REQUIRE_FALSE(again);
  CHECK(again.error() == StoreError::refused);
  CHECK(*world.archive->size() == 4);
}

TEST_CASE("an archive that is away is tried less and less often, however much is recorded") {
  Archiving world;
  AbsentArchive archive(*world.archive);
  Archivist archivist(world.content->outbox(), archive, *world.log);
  CHECK_FALSE(archivist.is_behind());
  archivist.start();
  tests::eventually([&] { return archivist.is_behind(); });
  const base::Time begin = world.clock.monotonic();
  const int before = archive.tries;
  tests::eventually([&] {  // each commit wakes it
    archivist.wake();
    return archive.tries >= before + 3;
  });
  // Of the pauses of 50, 100 and 200 ms the first had begun, the others were whole.
  CHECK(world.clock.monotonic() - begin >= base::milliseconds(290));
  CHECK(archivist.is_behind());
  CHECK_FALSE(archivist.any_stopped());
  archive.away = false;
  tests::eventually([&] { return archivist.archived() == 4 && !archivist.is_behind(); });
}

TEST_CASE("a stop does not wait out the pause of an archive that is away") {
  Archiving world;
  AbsentArchive archive(*world.archive);
  Archivist archivist(world.content->outbox(), archive, *world.log);
  archivist.start();
  tests::eventually([&] { return archive.tries >= 3; });
  const base::Time begin = world.clock.monotonic();
  archivist.stop(base::milliseconds(30));
  CHECK(world.clock.monotonic() - begin < base::seconds(10));
  CHECK(archivist.is_behind());
}

TEST_CASE("the archivist's thread keeps up, and copies what is there before it ends") {
  Archiving world;
  {
    Archivist archivist(world.content->outbox(), *world.archive, *world.log);
    archivist.start();
    for (int n = 4; n <= 300; ++n) {
      world.must({message(1, n)});
      archivist.wake();
    }
    CHECK(world.stop());
    archivist.stop();
    CHECK(archivist.archived() == 302);  // with the server's start and stop
  }
  Sql content(world.place.content_url), archive(world.place.archive_url);
  CHECK(content.number("SELECT count(*) FROM outbox") == 0);
  CHECK(tests::verify_chains(archive, "event") == "");
}
