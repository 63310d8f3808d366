// SPDX-License-Identifier: Apache-2.0
// The archive on SQLite is a file a month: what is sealed, and that nobody who reads sees a seam.
#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <set>

#include "compliance/archivist.h"
#include "compliance/tree/sealer.h"
#include "compliance/verify/archive.h"
#include "db/sql/target.h"
#include "db/stores/archive/volumes/volumes.h"
#include "tests/contract/archive_world.h"

using compliance::OutboxRow;
using compliance::StoreError;
using tests::joined;
using tests::left;
using tests::message;
using tests::room_created;
using tests::Sql;

namespace {

namespace fs = std::filesystem;

constexpr std::int64_t day = 86'400'000'000;
constexpr std::int64_t november = 1'793'491'200'000'000;  // the first, 00:00 UTC
constexpr std::int64_t december = november + 30 * day, january = december + 31 * day;

struct ListedOutbox final : compliance::Outbox {
  base::Result<std::vector<OutboxRow>, StoreError> next(std::int64_t after,
                                                        std::size_t max) override {
    std::vector<OutboxRow> out;
    for (const auto& row : rows)
      if (row.position > after && out.size() < max) out.push_back(row);
    return out;
  }
  base::Result<void, StoreError> clear(std::int64_t up_to,
                                       const std::vector<compliance::Positions>&) override {
    if (keep) return {};
    std::erase_if(rows, [&](const auto& row) { return row.position <= up_to; });
    return {};
  }
  base::Result<std::int64_t, StoreError> lost_up_to(const std::string&) override { return 0; }
  std::int64_t end_of_source(std::int64_t position) const override { return position; }
  std::vector<OutboxRow> rows;
  bool keep = false;  // as if a crash came before
};

// An archive with its archivist, its sealer and the file of checkpoints.
struct Monthly : tests::ArchiveWorld {
  Monthly() { begin(); }
  void begin() {
    archivist.reset();
    sealer.emplace(compliance::Sealer::Parts{.store = *archive,
                                             .clock = clock,
                                             .log = *log,
                                             .key = key,
                                             .known = {{origin(), key.public_key()}},
                                             .origin = origin(),
                                             .file = place.dir.file("checkpoints.log")});
    archivist.emplace(outbox, *archive, *log, &*sealer);
  }
  void restart() {
    archivist.reset();
    sealer.reset();
    open();
    begin();
  }
  std::string origin() const { return "localhost/archive/" + *archive->id(); }
  void say(std::int64_t at_us, record::Event event) {
    event.at.us = at_us;
    rows.push_back(made.next(std::move(event)));
    outbox.rows.push_back(rows.back());
  }
  // Copies all, and has a checkpoint over it.
  void seal() {
    while (archivist->step() == compliance::StepResult::copied)
      ;
    clock.advance(compliance::checkpoint_time);
    archivist->step();
  }
  void month(std::int64_t begin, int messages) {
    for (int n = 0; n < messages; ++n) say(begin + n * base::seconds(60), message(1, 0));
    seal();
  }
  std::set<std::string> files() const {
    std::set<std::string> names;
    for (const auto& entry : fs::directory_iterator(place.dir.str()))
      if (const auto name = entry.path().filename().string();
          name.starts_with("archive") && name.ends_with(".db"))
        names.insert(name);
    return names;
  }
  std::vector<compliance::Finding> verify() {
    std::vector<compliance::Finding> found;
    compliance::Report report([&](const compliance::Finding& f) { found.push_back(f); });
    const compliance::VerifyArchive what{{{origin(), key.public_key()}}, {}, {}};
    const auto all = reader();
    const auto done = compliance::verify_archive(*all, what, report);
    if (!done) FAIL(done.error());
    signed_to = done->signed_to;
    return found;
  }
  void check_all_is_here() {
    const auto all = reader();
    CHECK(*all->size() == static_cast<std::int64_t>(rows.size()));
    std::vector<base::Sha256> hashes;
    std::size_t next = 0;
    for (;;) {
      const auto page = all->events(static_cast<std::int64_t>(next), 100);
      REQUIRE(page);
      if (page->empty()) break;
      for (const auto& event : *page) {
        REQUIRE(next < rows.size());
        CHECK((event.seq == static_cast<std::int64_t>(next) && event.leaf == rows[next].leaf));
        CHECK(event.parts.size() == rows[next].parts.size());
        hashes.push_back(rows[next++].leaf_hash);
      }
    }
    CHECK(next == rows.size());
    CHECK(*all->leaf_hashes(0, 10'000) == hashes);
    CHECK(*archive->leaf_hashes(0, 10'000) == hashes);
    CHECK(verify().empty());
    CHECK(signed_to == static_cast<std::int64_t>(rows.size()));
  }
  std::string growing() const { return place.dir.file("archive.db"); }
  db::Target target() const { return *db::parse_target(place.archive_url, place.dir.str()); }

  tests::FakeClock clock;
  std::unique_ptr<base::Log> log = base::make_null_log();
  base::SigningKey key = base::SigningKey::make();
  ListedOutbox outbox;
  std::int64_t signed_to = 0;  // as the last verify() found
  std::optional<compliance::Sealer> sealer;
  std::optional<compliance::Archivist> archivist;
};

// Two sealed months and a third that goes on. The first event of a month is the last of the file
// before it, which it closes.
struct ThreeMonths : Monthly {
  ThreeMonths() {
    say(november, room_created(1, "a@chat.localhost"));
    say(november + 1, joined(1, 0, "romeo"));
    month(november + day, 400);
    say(december, joined(1, 0, "juliet"));
    seal();
    month(december + day, 300);
    say(january, left(1, 0, "romeo"));
    seal();
    month(january + day, 200);
  }
};

const std::set<std::string> three{"archive.0001-2026-11.db", "archive.0002-2026-12.db",
                                  "archive.db"};

}  // namespace

TEST_CASE("a month's file is sealed when the next month has begun, and all is under a checkpoint",
          "[sqlite]") {
  Monthly world;
  world.month(november, 10);
  world.month(november + 29 * day, 10);
  CHECK(world.files() == std::set<std::string>{"archive.db"});
  // The next month begins: not before a checkpoint is over it.
  world.say(december, message(1, 0));
  while (world.archivist->step() == compliance::StepResult::copied)
    ;
  CHECK(*world.archive->close_month() == false);
  world.seal();
  CHECK(world.files() == std::set<std::string>{"archive.0001-2026-11.db", "archive.db"});
  CHECK(world.outbox.rows.empty());
  struct stat about {};
  const std::string sealed = world.place.dir.file("archive.0001-2026-11.db");
  REQUIRE(::stat(sealed.c_str(), &about) == 0);
  CHECK((about.st_mode & 0777) == 0440);
  REQUIRE(::stat(world.growing().c_str(), &about) == 0);
  CHECK((about.st_mode & 0777) == 0600);
  CHECK_FALSE(fs::exists(sealed + "-wal"));
  CHECK_FALSE(fs::exists(world.growing() + ".next"));
  // A new file has nothing in it yet, and goes on all the same.
  CHECK(*world.archive->size() == 21);
  CHECK((*world.archive->last_checkpoint())->size == 21);
  CHECK(*world.archive->close_month() == false);
  world.check_all_is_here();
  world.restart();
  CHECK((*world.archive->heads()).at("n1.1").sn == 21);
  world.month(december + day, 10);
  CHECK(world.files().size() == 2);
  world.check_all_is_here();
}

TEST_CASE("over three months nobody who reads sees a seam", "[sqlite]") {
  ThreeMonths world;
  REQUIRE(world.files() == three);
  world.check_all_is_here();
  const auto reader = world.reader();
  const auto n = static_cast<std::int64_t>(world.rows.size());

  // Pages over the ends of files.
  for (const std::size_t max : {1u, 7u, 1000u}) {
    std::int64_t number = 1;
    for (;;) {
      const auto page = reader->room_events(1, number, max);
      REQUIRE(page);
      if (page->empty()) break;
      CHECK(page->front().number == number);
      number = *page->back().number + 1;
    }
    CHECK(number == world.made.number(1) + 1);
  }
  for (const auto seq : {0, 401, 402, 403, 702, 703, 704, 903}) {
    const auto& row = world.rows.at(static_cast<std::size_t>(seq));
    CHECK((*reader->find(row.event_id))->seq == seq);
    CHECK(*reader->first_at(row.at_us) == seq);
    CHECK(*reader->last_before(row.at_us + 1) == seq);
    CHECK((*reader->checkpoint_covering(seq + 1))->size > seq);
    CHECK(*world.archive->leaf_hash("n1.1", seq + 1) == row.leaf_hash);
  }
  CHECK_FALSE(*reader->find("none"));
  CHECK_FALSE(*reader->checkpoint_covering(n + 1));
  CHECK(*reader->rooms("a@chat.localhost") == std::vector<std::int64_t>{1});
  CHECK(reader->heads()->at("n1.1").hash == world.rows.back().leaf_hash);

  // Subtrees of one level from whichever files have them, the last of them over the end of one.
  compliance::CompactRange tree;
  std::vector<base::Sha256> level_1;
  for (const auto& row : world.rows) {
    tree.append(row.leaf_hash);
    for (const auto& made : tree.completed())
      if (made.level == 1) level_1.push_back(made.hash);
  }
  REQUIRE(level_1.size() == 3);
  CHECK(*reader->subtrees(1, 0, 10) == level_1);
  CHECK(*world.archive->subtrees(1, 0, 10) == level_1);
  CHECK(*world.archive->subtrees(1, 1, 1) == std::vector{level_1[1]});
  CHECK(reader->subtrees(2, 0, 10)->empty());

  std::int64_t above = 0;
  for (auto page = reader->checkpoints(above, 2); !page->empty();
       page = reader->checkpoints(above, 2)) {
    CHECK(page->front().size > above);
    above = page->back().size;
  }
  CHECK(above == n);
}

TEST_CASE("a stay that began in a month before is known to have ended, or not to", "[sqlite]") {
  ThreeMonths world;
  const auto who = [&](std::int64_t number) {
    std::vector<std::pair<std::int64_t, bool>> out;
    const auto all = world.reader()->present(1, number);
    REQUIRE(all);
    for (const auto& stay : *all) {
      out.emplace_back(stay.join_seq, stay.leave_seq.has_value());
      CHECK(stay.jid == (stay.join_seq == 1 ? "romeo@localhost/pda" : "juliet@localhost/pda"));
      CHECK(stay.joined_us == world.rows.at(static_cast<std::size_t>(stay.join_seq)).at_us);
    }
    return out;
  };
  using Stays = std::vector<std::pair<std::int64_t, bool>>;
  const std::int64_t last = world.made.number(1);
  CHECK(who(1).empty());
  CHECK(who(10) == Stays{{1, true}});
  CHECK(who(500) == Stays{{1, true}, {402, false}});
  CHECK(who(last) == Stays{{402, false}});
  // The same after what is derived of the file that grows was made again.
  world.archive.reset();
  REQUIRE(Sql(world.place.archive_url).error("UPDATE derived SET size = 100000") == "");
  world.open();
  CHECK(who(500) == Stays{{1, true}, {402, false}});
  CHECK(who(last) == Stays{{402, false}});
}

TEST_CASE("what is sealed takes nothing more, not even from who may write the file", "[sqlite]") {
  ThreeMonths world;
  Sql sealed("sqlite:" + world.place.dir.file("archive.0002-2026-12.db"));
  CHECK(sealed.text("PRAGMA integrity_check") == "ok");
  CHECK(sealed.text("PRAGMA journal_mode") == "delete");
  for (const auto* statement :
       {"INSERT INTO event SELECT seq + 1, leaf, leaf_hash, 'x', 1, event_id, t, ts, room, rn"
        " FROM event ORDER BY seq DESC LIMIT 1",
        "INSERT INTO manifest VALUES (1, hex(randomblob(32)), hex(randomblob(32)), '')",
        "UPDATE volume SET end_seq = NULL", "UPDATE volume SET end_seq = 5", "DELETE FROM volume",
        "INSERT INTO volume VALUES (2, 1, 0, 1, NULL)"})
    CHECK(sealed.error(statement).find("append-only") != std::string::npos);
}

TEST_CASE("manifests go on over the end of a month, and the same request finds its own",
          "[sqlite]") {
  Monthly world;
  world.month(november, 3);
  const auto manifests = db::open_manifests(world.place.archive_url, world.place.dir.str());
  REQUIRE(manifests);
  const auto made = [&](std::int64_t number) {
    const std::string text = "manifest " + std::to_string(number);
    return compliance::Manifest{number, base::sha256("asked " + text), base::sha256(text), text};
  };
  REQUIRE((*manifests)->add_manifest(made(1)));
  REQUIRE((*manifests)->add_manifest(made(2)));
  world.month(december, 1);
  REQUIRE(world.files().size() == 2);
  CHECK((*(*manifests)->last_manifest())->number == 2);
  CHECK((*(*manifests)->manifest_for(made(1).request))->text == "manifest 1");
  CHECK_FALSE((*manifests)->add_manifest(made(4)));
  CHECK_FALSE((*manifests)->add_manifest(made(2)));
  REQUIRE((*manifests)->add_manifest(made(3)));
  world.month(december + day, 3);
  world.month(january, 1);
  REQUIRE(world.files().size() == 3);
  CHECK((*(*manifests)->last_manifest())->text == "manifest 3");
  CHECK((*(*manifests)->manifest_for(made(2).request))->text == "manifest 2");
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
