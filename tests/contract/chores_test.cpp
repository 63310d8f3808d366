// SPDX-License-Identifier: Apache-2.0
// What cannot be deleted keeps nobody from talking, and is told.
#include <catch2/catch.hpp>

#include "tests/contract/world.h"

using record::Outcome;
using tests::KeptLog;
using tests::message;
using tests::Sql;

namespace {

const std::string refuse_sqlite =
    "CREATE TRIGGER stuck BEFORE DELETE ON history BEGIN SELECT RAISE(ABORT, 'stuck'); END";
const std::string refuse_postgres =
    "CREATE FUNCTION stuck() RETURNS trigger LANGUAGE plpgsql AS"
    " $$ BEGIN RAISE data_corrupted USING MESSAGE = 'stuck'; END $$;"
    "CREATE TRIGGER stuck BEFORE DELETE ON history FOR EACH ROW EXECUTE FUNCTION stuck()";

}  // namespace

TEST_CASE("history that cannot be deleted does not shut the door") {
  KeptLog log;
  tests::World world(&log);
  world.record();
  Sql sql(world.place.content_url);
  REQUIRE(world.commit({tests::room_created(1, "a@chat.localhost"), message(1, 2),
                        message(1, 3)}) == Outcome::durable);
  REQUIRE(sql.error(tests::on_postgres() ? refuse_postgres : refuse_sqlite) == "");

  const auto purged = world.content->purge_history(1, world.clock.wall() + base::minutes(1),
                                                   [](std::int64_t) { return true; });
  REQUIRE(purged);
  CHECK_FALSE(purged->complete);
  tests::eventually([&] { return log.has("cannot be deleted"); });
  CHECK(world.content->recorder().accepting());
  CHECK(world.commit({message(1, 4)}) == Outcome::durable);
  CHECK(world.content->recorder().accepting());
  CHECK(sql.number("SELECT count(*) FROM history") == 3);
  CHECK_FALSE(log.has("cannot be written"));

  // It was that one attempt which failed: others follow.
  REQUIRE(sql.error("DROP TRIGGER stuck" +
                    std::string(tests::on_postgres() ? " ON history" : "")) == "");
  const auto again = world.content->purge_history(1, world.clock.wall() + base::minutes(1),
                                                  [](std::int64_t) { return true; });
  REQUIRE(again);
  CHECK(again->messages == 3);
  CHECK(again->complete);
}

TEST_CASE("a rule that could not be carried out once is carried out in a later round") {
  KeptLog log;
  tests::World world(&log);
  world.record();
  Sql sql(world.place.content_url);
  for (int room = 1; room <= 2; ++room)
    REQUIRE(world.commit({tests::room_created(room, "r" + std::to_string(room) + "@chat.localhost"),
                          message(room, 2), message(room, 3)}) == Outcome::durable);
  REQUIRE(sql.error(tests::on_postgres() ? refuse_postgres : refuse_sqlite) == "");
  world.content->start_keeping({.messages = 1}, nullptr,
                               {.first = 0, .round = base::milliseconds(20), .page = 0});
  tests::eventually([&] { return log.has("cannot be deleted"); });
  REQUIRE(sql.error("DROP TRIGGER stuck" +
                    std::string(tests::on_postgres() ? " ON history" : "")) == "");
  tests::eventually([&] { return sql.number("SELECT count(*) FROM history") == 2; });
  world.content->stop_keeping();
}

TEST_CASE("so is a rule for people's archives, though nothing has come since") {
  KeptLog log;
  tests::World world(&log);
  world.record();
  Sql sql(world.place.content_url);
  auto said = tests::account_added("");
  said.actor.jid = tests::jid("romeo@localhost/o");
  said.body = record::DirectMessage{.to = tests::jid("juliet@localhost"),
                                    .stanza = "a",
                                    .body = "a",
                                    .for_sender = false,
                                    .for_recipient = true};
  REQUIRE(world.commit({tests::account_added("juliet"), said, said}) == Outcome::durable);
  std::string refuse = tests::on_postgres() ? refuse_postgres : refuse_sqlite;
  refuse.replace(refuse.find("history"), 7, "archived_message");
  REQUIRE(sql.error(refuse) == "");
  world.content->start_keeping({.messages = 1}, nullptr,
                               {.first = 0, .round = base::milliseconds(20), .page = 0});
  tests::eventually([&] { return log.has("cannot be deleted"); });
  REQUIRE(sql.error("DROP TRIGGER stuck" +
                    std::string(tests::on_postgres() ? " ON archived_message" : "")) == "");
  tests::eventually([&] { return sql.number("SELECT count(*) FROM archived_message") == 1; });
  world.content->stop_keeping();
}

TEST_CASE("a stop does not wait for what may go from the outbox, and it is no loss") {
  KeptLog log;
  tests::World world(&log);
  Sql sql(world.place.content_url);
  constexpr std::int64_t rows = 1'500'000;
  REQUIRE(sql.error("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < " +
                    std::to_string(rows) +
                    ") INSERT INTO outbox SELECT i, 'n1.0', i, '', 0, 0, 0, 0, '', '', '' FROM n;"
                    "ANALYZE outbox") == "");
  world.close();
  world.open();
  CHECK(world.content->outbox_rows() == rows);
  world.record();
  REQUIRE(world.content->outbox().clear(rows, {}));
  const auto begin = world.clock.monotonic();
  CHECK(world.content->stop_recording(base::seconds(1), "test"));
  CHECK(world.clock.monotonic() - begin < base::seconds(5));
  CHECK_FALSE(log.has("given up"));
  CHECK(sql.text("SELECT stopped FROM source_head") == "1");
  const auto left = sql.number("SELECT count(*) FROM outbox");
  CHECK(world.content->outbox_rows() == static_cast<std::uint64_t>(left));

  // At the next start the archivist finds it again.
  world.close();
  world.open();
  CHECK(world.content->outbox_rows() == static_cast<std::uint64_t>(left));
  world.record();
  REQUIRE(world.content->outbox().clear(rows, {}));
  tests::eventually([&] { return world.content->outbox_rows() == 3; });  // start, stop, start
  CHECK(sql.number("SELECT count(*) FROM outbox") == 3);
}
