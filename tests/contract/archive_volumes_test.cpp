// SPDX-License-Identifier: Apache-2.0
// The archive on SQLite is a file a month: what is sealed, and that nobody who reads sees a seam.
#include <sys/stat.h>

#include "tests/contract/archive_months.h"

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

TEST_CASE("an archive behind a link grows and is sealed where it is", "[sqlite]") {
  Monthly world;
  const std::string behind = world.place.dir.file("elsewhere");
  world.month(november, 3);
  world.archivist.reset();
  world.sealer.reset();
  world.archive.reset();
  fs::create_directory(behind);
  for (const char* end : {"", "-wal"})
    if (fs::exists(world.growing() + end))
      fs::rename(world.growing() + end, behind + "/archive.db" + end);
  fs::remove(world.growing() + "-shm");
  fs::create_symlink(behind + "/archive.db", world.growing());
  world.open();
  world.begin();
  world.month(december, 1);
  CHECK(fs::is_symlink(world.growing()));
  CHECK(fs::exists(behind + "/archive.0001-2026-11.db"));
  CHECK(*world.archive->size() == 4);
  world.month(december + day, 2);
  world.check_all_is_here();
}

TEST_CASE("a clock that was ahead does not keep months from being closed", "[sqlite]") {
  Monthly world;
  world.month(january + 3650 * day, 2);
  world.month(november, 2);  // set right
  CHECK(world.files().size() == 2);
  world.month(november + day, 2);
  CHECK(world.files().size() == 2);
  // An hour back over the end of a month, or an event that waited, begins no file.
  world.month(december, 1);
  CHECK(world.files().size() == 3);
  world.month(december + 1, 1);
  world.month(december - base::seconds(3600), 1);
  CHECK(world.files().size() == 3);
  world.check_all_is_here();
}
