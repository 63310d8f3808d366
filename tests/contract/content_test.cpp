// SPDX-License-Identifier: Apache-2.0
// Opening the content database: schema, secrets, the owner's lock.
#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>

#include "db/stores/archive.h"
#include "tests/contract/world.h"

using db::Content;
using tests::Sql;
using tests::World;

TEST_CASE("a database has one owner, and the refusal names it") {
  World world;
  const auto second =
      Content::open(world.place.content_url, world.place.dir.str(), Content::Access::own);
  REQUIRE_FALSE(second);
  CHECK(second.error().find(tests::on_postgres()
                                ? "a Hansard at 127.0.0.1"
                                : "process " + std::to_string(::getpid())) != std::string::npos);
  CHECK(second.error().find(tests::on_postgres() ? "127.0.0.1" : "content.db") !=
        std::string::npos);
  world.close();
  CHECK(Content::open(world.place.content_url, world.place.dir.str(), Content::Access::own));
}

TEST_CASE("an archive has one archivist") {
  World world;
  auto first = db::open_archive(world.place.archive_url, world.place.dir.str());
  REQUIRE(first);
  const auto second = db::open_archive(world.place.archive_url, world.place.dir.str());
  REQUIRE_FALSE(second);
  const std::string who =
      tests::on_postgres() ? "a Hansard at " : "process " + std::to_string(::getpid());
  CHECK(second.error().find(" is in use by " + who) != std::string::npos);
  const auto owner = [&] {
    return db::look_at_archive(world.place.archive_url, world.place.dir.str()).owner;
  };
  CHECK(owner().starts_with(who));
  (*first).reset();
  CHECK(owner().empty());
  CHECK(db::open_archive(world.place.archive_url, world.place.dir.str()));
}

TEST_CASE("a look needs no lock and changes nothing") {
  World world;
  const auto peek =
      Content::open(world.place.content_url, world.place.dir.str(), Content::Access::peek);
  REQUIRE(peek);
  CHECK((*peek)->schema_version() == world.content->schema_version());
  CHECK((*peek)->secrets().id_key == world.content->secrets().id_key);
}

TEST_CASE("a look at a database that is not there makes none", "[sqlite]") {
  const tests::TempDir dir;
  const auto peek = Content::open("sqlite:content.db", dir.str(), Content::Access::peek);
  REQUIRE(peek);
  CHECK((*peek)->schema_version() == 0);
  CHECK_FALSE(std::filesystem::exists(dir.file("content.db")));
}

TEST_CASE("secrets are made once, of the right size, and kept") {
  World world;
  const db::Secrets first = world.content->secrets();
  CHECK(first.id_key.size() == 16);
  CHECK(first.occupant_id_key.size() == 32);
  CHECK(first.pseudonym_key.size() == 32);
  CHECK(first.fake_salt_key.size() == 32);
  CHECK(first.pseudonym_key != first.fake_salt_key);
  world.close();
  world.open();
  CHECK(world.content->secrets().id_key == first.id_key);
  CHECK(world.content->secrets().pseudonym_key == first.pseudonym_key);
}

TEST_CASE("a newer schema is refused with a sentence, this program's own is not") {
  World world;
  const int known = world.content->schema_version();
  world.close();
  Sql sql(world.place.content_url);
  REQUIRE(sql.error("INSERT INTO schema_version VALUES (" + std::to_string(known + 1) + ", 0)") ==
          "");
  for (const auto access : {Content::Access::own, Content::Access::peek}) {
    const auto refused = Content::open(world.place.content_url, world.place.dir.str(), access);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().find("newer Hansard") != std::string::npos);
  }
  REQUIRE(sql.error("DELETE FROM schema_version WHERE version > " + std::to_string(known)) == "");
  CHECK(Content::open(world.place.content_url, world.place.dir.str(), Content::Access::own));
}

TEST_CASE("URLs of no database are refused with a sentence, and never shown with a password") {
  const tests::TempDir dir;
  for (const char* url : {"sqlite:", "content.db", "postgresql://u:hidden@h",
                          "postgresql://u:hid%den@h/d", "postgresql://u:hidden@h/d?no_such=option",
                          "mysql://h/d", "postgresql://u:hidden@127.0.0.1:1/d"}) {
    const auto refused = Content::open(url, dir.str(), Content::Access::own);
    INFO(url);
    REQUIRE_FALSE(refused);
    CHECK_FALSE(refused.error().empty());
    CHECK(refused.error().find("hid") == std::string::npos);
  }
}

TEST_CASE("a quotation mark in the path is refused, in the URL and in the data directory",
          "[sqlite]") {
  const tests::TempDir dir;
  for (const auto& [url, folder] :
       {std::pair{"sqlite:a\"b.db", dir.str()}, std::pair{"sqlite:content.db", dir.file("a\"b")}}) {
    const auto refused = Content::open(url, folder, Content::Access::own);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().find("quotation mark") != std::string::npos);
  }
  CHECK_FALSE(std::filesystem::exists(dir.file("a\"b")));
  // An absolute path does not lie in the data directory.
  CHECK(Content::open("sqlite:" + dir.file("c.db"), dir.file("a\"b"), Content::Access::own));
}

TEST_CASE("the database is its owner's alone", "[sqlite]") {
  World world;
  namespace fs = std::filesystem;
  const auto others = fs::perms::group_all | fs::perms::others_all;
  for (const auto& file : fs::directory_iterator(world.place.dir.str()))
    CHECK((fs::status(file).permissions() & others) == fs::perms::none);
}

TEST_CASE("a crash is found at the next start, a goodbye is not taken for one") {
  World world;
  Sql sql(world.place.content_url);
  const auto codes = [&](const char* source) {
    return sql.rows("SELECT code FROM outbox WHERE source = '" + std::string(source) +
                    "' ORDER BY position");
  };
  world.record();
  CHECK(codes("n1.1") == std::vector<Sql::Row>{{"606"}});
  world.close();
  world.open();
  world.record();
  CHECK(codes("n1.2") == std::vector<Sql::Row>{{"608"}, {"606"}});
  CHECK(world.stop());
  CHECK(codes("n1.2") == std::vector<Sql::Row>{{"608"}, {"606"}, {"607"}});
  world.close();
  world.open();
  world.record();
  CHECK(codes("n1.3") == std::vector<Sql::Row>{{"606"}});
  const auto leaf = sql.text("SELECT leaf FROM outbox WHERE source = 'n1.3'");
  const auto end = sql.text("SELECT hash FROM source_head WHERE source = 'n1.2'");
  CHECK(leaf.find(end) != std::string::npos);  // where the source before this one ended
  CHECK(tests::verify_chains(sql, "outbox") == "");
}
