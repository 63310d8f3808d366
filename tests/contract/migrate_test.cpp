// SPDX-License-Identifier: Apache-2.0
// Migrations: each file can be run again on what it and those after it have made, and two programs
// that come to a new database at once end with one owner.
#include "db/sql/migrate.h"

#include <array>
#include <atomic>
#include <barrier>
#include <catch2/catch.hpp>
#include <functional>
#include <optional>
#include <thread>

#include "db/sql/sql.h"
#include "db/stores/archive.h"
#include "tests/contract/world.h"

using db::Dialect;
using db::Session;
using tests::Place;
using tests::Sql;

namespace {

// All that a schema is made of, but for the comments in it; schema_version is the runner's.
std::vector<Sql::Row> schema(const std::string& url) {
  Sql sql(url);
  if (!tests::on_postgres()) {
    auto rows = sql.rows(
        "SELECT type, name, tbl_name, coalesce(sql, '') FROM sqlite_master"
        " WHERE tbl_name <> 'schema_version' ORDER BY type, name");
    for (auto& row :
         sql.rows("SELECT m.name, c.cid, c.name, c.type, c.\"notnull\", c.dflt_value, c.pk"
                  " FROM sqlite_master AS m, pragma_table_info(m.name) AS c"
                  " WHERE m.type = 'table' AND m.name <> 'schema_version' ORDER BY 1, 2"))
      rows.push_back(std::move(row));
    return rows;
  }
  std::vector<Sql::Row> all;
  for (const char* part :
       {"SELECT table_name, ordinal_position, column_name, data_type, is_nullable, column_default,"
        " collation_name FROM information_schema.columns WHERE table_schema = 'public'"
        " AND table_name <> 'schema_version' ORDER BY 1, 2",
        "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'"
        " AND tablename <> 'schema_version' ORDER BY 1",
        "SELECT conrelid::regclass, conname, pg_get_constraintdef(oid) FROM pg_constraint"
        " WHERE connamespace = 'public'::regnamespace AND conrelid::regclass::text <> "
        "'schema_version'"
        " ORDER BY 1, 2",
        "SELECT tgrelid::regclass, tgname, tgenabled, pg_get_triggerdef(oid) FROM pg_trigger"
        " WHERE NOT tgisinternal ORDER BY 1, 2",
        "SELECT proname, pg_get_functiondef(oid) FROM pg_proc"
        " WHERE pronamespace = 'public'::regnamespace ORDER BY 1",
        "SELECT relname, relkind FROM pg_class WHERE relnamespace = 'public'::regnamespace"
        " AND relname NOT LIKE 'schema_version%' ORDER BY 1"})
    for (auto& row : sql.rows(part)) all.push_back(std::move(row));
  return all;
}

db::Target target_of(const std::string& url) {
  const auto target = db::parse_target(url, "");
  if (!target) FAIL(target.error());
  return *target;
}

void run_each_twice(const std::string& url, const db::Migrations& migrations) {
  Session session(target_of(url), Session::Use::full);
  for (const auto& migration : migrations) {
    INFO(migration.number);
    db::apply(session, migration);
    const auto before = schema(url);
    REQUIRE_FALSE(before.empty());
    REQUIRE_NOTHROW(db::apply(session, migration));
    CHECK(schema(url) == before);
  }
}

void run_all_again(const std::string& url, const db::Migrations& migrations) {
  Session session(target_of(url), Session::Use::full);
  const auto before = schema(url);
  for (const auto& migration : migrations) {
    INFO(migration.number);
    REQUIRE_NOTHROW(db::apply(session, migration));
    CHECK(schema(url) == before);
  }
}

Dialect dialect() { return tests::on_postgres() ? Dialect::postgres : Dialect::sqlite; }

// What two threads get that do it at the same moment.
template <class Result>
std::array<std::optional<Result>, 2> at_once(const std::function<Result()>& act) {
  std::array<std::optional<Result>, 2> results;
  std::barrier start(2);
  std::vector<std::thread> threads;
  for (auto& result : results)
    threads.emplace_back([&] {
      start.arrive_and_wait();
      result.emplace(act());
    });
  for (auto& thread : threads) thread.join();
  return results;
}

// One has it, the other hears who.
template <class Result>
void check_one_owner(const std::array<std::optional<Result>, 2>& results) {
  const auto& loser = *results[0] ? *results[1] : *results[0];
  REQUIRE((*results[0] || *results[1]));
  REQUIRE_FALSE(loser);
  CHECK(loser.error().find("is in use by ") != std::string::npos);
}

}  // namespace

TEST_CASE("each migration can be run again, at once and after all that follow") {
  const Place place;
  const auto& content = db::content_migrations(dialect());
  const auto& archive = db::archive_migrations(dialect());
  run_each_twice(place.content_url, content);
  run_each_twice(place.archive_url, archive);
  Sql sql(place.content_url);
  REQUIRE(sql.error("INSERT INTO history (room_id, number, at_us, nick, sender, stanza, subject)"
                    " VALUES (1, 2, 3, 'n', 's', 'x', 1)") == "");
  run_all_again(place.content_url, content);
  run_all_again(place.archive_url, archive);
  CHECK(sql.rows("SELECT room_id, number, subject FROM history") ==
        std::vector<Sql::Row>{{"1", "2", "1"}});
}

TEST_CASE("the runner makes the same schema, and again on top of its own") {
  const Place by_hand, by_runner;
  run_each_twice(by_hand.content_url, db::content_migrations(dialect()));
  {
    Session session(target_of(by_runner.content_url), Session::Use::full);
    const auto& migrations = db::content_migrations(dialect());
    const auto version = db::migrate(session, migrations, "c", {1});
    REQUIRE(version);
    CHECK(*version == migrations.back().number);
    Sql sql(by_runner.content_url);
    // As where a row of it was lost, or the table put back from an older copy.
    REQUIRE(sql.error("DELETE FROM schema_version") == "");
    REQUIRE(db::migrate(session, migrations, "c", {2}));
    CHECK(sql.number("SELECT count(*) FROM schema_version") ==
          static_cast<std::int64_t>(migrations.size()));
  }
  CHECK(schema(by_hand.content_url) == schema(by_runner.content_url));
}

TEST_CASE("two that open new databases at the same moment: one owns them, the other hears who") {
  for (int round = 0; round < 3; ++round) {
    const Place place;
    using Content = decltype(db::Content::open("", "", db::Content::Access::own));
    auto contents = at_once<Content>([&] {
      return db::Content::open(place.content_url, place.dir.str(), db::Content::Access::own);
    });
    check_one_owner(contents);
    using Archive = decltype(db::open_archive("", ""));
    auto archives =
        at_once<Archive>([&] { return db::open_archive(place.archive_url, place.dir.str()); });
    check_one_owner(archives);
    Sql sql(place.content_url);
    CHECK(sql.number("SELECT count(*) FROM schema_version") ==
          static_cast<std::int64_t>(db::content_migrations(dialect()).size()));
    CHECK(sql.number("SELECT count(*) FROM secret") >= 4);
    contents = {};
    CHECK(db::Content::open(place.content_url, place.dir.str(), db::Content::Access::own));
  }
}

TEST_CASE("whoever owns a database loses it to nobody while his writer takes the lock over") {
  tests::World world;
  std::atomic<int> taken{0};
  std::vector<std::thread> others;
  for (int i = 0; i < 8; ++i)
    others.emplace_back([&] {
      if (db::Content::open(world.place.content_url, world.place.dir.str(),
                            db::Content::Access::own))
        ++taken;
    });
  if (tests::on_postgres()) {  // where they try again and again for three seconds
    Sql sql(world.place.content_url);
    tests::eventually([&] {
      return sql.number(
                 "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
                 " AND application_name = 'hansard'") > 8;
    });
  }
  const auto started = world.content->start_recording(world.config());
  for (auto& other : others) other.join();
  INFO((started ? "" : started.error()));
  CHECK(started);
  CHECK(taken == 0);
}

TEST_CASE("two that migrate a database at the same moment: one waits for the other",
          "[.postgresql]") {
  const Place place;
  const auto& migrations = db::content_migrations(dialect());
  const auto versions = at_once<std::string>([&] {
    Session session(target_of(place.content_url), Session::Use::full);
    const auto version = db::migrate(session, migrations, "c", {1});
    return version ? std::to_string(*version) : version.error();
  });
  for (const auto& version : versions) CHECK(*version == std::to_string(migrations.back().number));
  Sql sql(place.content_url);
  CHECK(sql.number("SELECT count(*) FROM schema_version") ==
        static_cast<std::int64_t>(migrations.size()));
}
