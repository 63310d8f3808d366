// SPDX-License-Identifier: Apache-2.0
// Copies of both databases that fit each other, made while messages are recorded and archived.
#include <sys/stat.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <cstdlib>
#include <fstream>
#include <thread>

#include "compliance/archivist.h"
#include "db/sql/target.h"
#include "db/stores/archive.h"
#include "db/stores/archive/volumes/volumes.h"
#include "tests/contract/world.h"

using record::Outcome;
using tests::message;
using tests::room_created;
using tests::Sql;
using tests::TempDir;
using tests::World;

namespace {

namespace fs = std::filesystem;

struct BackedUp : World {
  BackedUp() {
    auto opened = db::open_archive(place.archive_url, place.dir.str());
    if (!opened) FAIL(opened.error());
    archive = std::move(*opened);
    archivist = std::make_unique<compliance::Archivist>(content->outbox(), *archive, *null_log);
    content->on_commit([this] { archivist->wake(); });
    record();
    archivist->start();
    REQUIRE(commit({room_created(1, "a@chat.localhost")}) == Outcome::durable);
  }
  ~BackedUp() { archivist->stop(); }

  auto backup(const std::string& folder,
              const std::function<bool(std::int64_t, std::int64_t)>& go_on) {
    return content->backup(place.archive_url, place.dir.str(), folder, go_on);
  }

  std::unique_ptr<compliance::ArchiveStore> archive;
  std::unique_ptr<compliance::Archivist> archivist;
};

std::string name_of(const std::string& database) {
  return database + (tests::on_postgres() ? ".dump" : ".db");
}

// A copy, put where a server finds it.
struct Restored {
  explicit Restored(const std::string& folder) {
    put(folder + "/" + name_of("content"), place.content_url);
    put(folder + "/" + name_of("archive"), place.archive_url);
  }
  void put(const std::string& file, const std::string& url) {
    if (tests::on_postgres())
      REQUIRE(std::system(("pg_restore --exit-on-error --dbname=" + url + " " + file).c_str()) ==
              0);
    else
      fs::copy_file(file,
                    place.dir.file(name_of(url == place.content_url ? "content" : "archive")));
  }
  tests::Place place;
};

}  // namespace

TEST_CASE("a backup under load: what the archive's copy lacks waits in the content's copy") {
  BackedUp world;
  std::atomic<bool> stop = false;
  std::int64_t number = 2;
  std::thread talker([&] {
    while (!stop) {
      std::vector<record::Event> events;
      for (int i = 0; i < 20; ++i) events.push_back(message(1, number++, std::string(500, 'x')));
      if (world.commit(std::move(events)) != Outcome::durable) return;
    }
  });
  TempDir copies;
  for (int round = 0; round < 5; ++round) {
    tests::eventually([&] { return world.archivist->archived() > 200U * (round + 1U); });
    const std::string folder = copies.file(std::to_string(round));
    fs::create_directory(folder);
    const auto files =
        world.backup(folder, [](std::int64_t done, std::int64_t total) { return done <= total; });
    REQUIRE(files);
    REQUIRE(files->size() == 2);
    CHECK(files->at(0).name == name_of("content"));
    CHECK(files->at(1).name == name_of("archive"));
    CHECK(files->at(0).schema > 0);
  }
  stop = true;
  talker.join();

  for (int round = 0; round < 5; ++round) {
    const std::string folder = copies.file(std::to_string(round));
    struct stat about {};
    REQUIRE(::stat((folder + "/" + name_of("content")).c_str(), &about) == 0);
    CHECK((about.st_mode & 0777) == 0600);
    const Restored restored(folder);
    const auto& place = restored.place;
    std::int64_t sn = 0;
    {
      Sql content(place.content_url), archive(place.archive_url);
      if (!tests::on_postgres()) {
        CHECK(content.text("PRAGMA integrity_check") == "ok");
        CHECK(archive.text("PRAGMA integrity_check") == "ok");
      }
      CHECK(content.number("SELECT count(*) FROM secret") >= 4);
      sn = content.number("SELECT sn FROM source_head WHERE source = 'n1.1'");
      const auto archived = archive.number("SELECT sn FROM head WHERE src = 'n1.1'");
      CHECK(archived <= sn);
      if (archived < sn) {
        const auto first = content.number("SELECT min(sn) FROM outbox WHERE source = 'n1.1'");
        CHECK(first <= archived + 1);
      }
    }
    // Started on, nothing is taken for restored, and all of it gets into the archive.
    auto content = db::Content::open(place.content_url, place.dir.str(), db::Content::Access::own);
    REQUIRE(content);
    auto config = world.config();
    config.archive = place.archive_url;
    config.data_dir = place.dir.str();
    auto archive = db::open_archive(place.archive_url, place.dir.str());
    REQUIRE(archive);
    REQUIRE((*content)->start_recording(config));
    CHECK((*content)->archive_losses().empty());
    compliance::Archivist archivist((*content)->outbox(), **archive, *world.null_log);
    auto step = compliance::StepResult::copied;
    while (step == compliance::StepResult::copied) step = archivist.step();
    CHECK(step == compliance::StepResult::idle);
    Sql sql(place.archive_url);
    CHECK(sql.number("SELECT sn FROM head WHERE src = 'n1.1'") == sn);
    CHECK(sql.number("SELECT count(*) FROM event WHERE t = 612") == 0);
    CHECK(tests::verify_chains(sql, "event") == "");
  }
}

TEST_CASE("a backup that is given up says so, and the server goes on clearing") {
  BackedUp world;
  for (int n = 0; n < 40; ++n)
    REQUIRE(world.commit({message(1, n + 2, std::string(50000, 'x'))}) == Outcome::durable);
  TempDir copies;
  const auto files = world.backup(copies.str(), [](std::int64_t, std::int64_t) { return false; });
  REQUIRE_FALSE(files);
  CHECK(files.error() == "given up");
  tests::eventually([&] { return world.content->outbox_rows() == 0; });
  const auto twice = world.backup(copies.str(), [](std::int64_t, std::int64_t) { return true; });
  REQUIRE_FALSE(twice);  // a file of that name is there
}

TEST_CASE("a backup has the archive's months before, and they are read from it", "[sqlite]") {
  BackedUp world;
  REQUIRE(world.commit({message(1, 2)}) == Outcome::durable);
  world.archivist->stop();
  world.archive.reset();
  db::turn_volume(*db::parse_target(world.place.archive_url, world.place.dir.str()));
  auto opened = db::open_archive(world.place.archive_url, world.place.dir.str());
  REQUIRE(opened);
  world.archive = std::move(*opened);
  TempDir copies;
  const auto files = world.backup(copies.str(), [](auto, auto) { return true; });
  REQUIRE(files);
  REQUIRE(files->size() == 3);
  const std::string sealed = files->at(2).name;
  CHECK(sealed.starts_with("archive.0001-"));
  const auto bytes_of = [](const std::string& file) {
    std::ifstream in(file, std::ios::binary);
    return std::string(std::istreambuf_iterator<char>(in), {});
  };
  CHECK(bytes_of(copies.file(sealed)) == bytes_of(world.place.dir.file(sealed)));
  CHECK(files->at(2).head == std::to_string(*world.archive->size()) + " events");
  const Restored restored(copies.str());
  fs::copy_file(copies.file(sealed), restored.place.dir.file(sealed));
  const auto reader = db::read_archive(restored.place.archive_url, restored.place.dir.str());
  REQUIRE(reader);
  CHECK((*reader)->events(0, 100)->size() == static_cast<std::size_t>(*world.archive->size()));
  CHECK((*reader)->amiss()->empty());
}
