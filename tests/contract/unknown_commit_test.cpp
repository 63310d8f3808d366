// SPDX-License-Identifier: Apache-2.0
// A COMMIT that says it failed although what it should write stands in the log: what was submitted
// must be there once and be answered once.
#include <sqlite3.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <cstring>

#include "tests/contract/world.h"

using record::Outcome;
using tests::Answers;
using tests::message;
using tests::Sql;

namespace {

// How many transactions that write history shall be committed and say that they were not.
std::atomic<int> to_deny{0};
std::atomic<int> denied{0};
thread_local bool writes_history = false;
// What somebody else does before the writer can ask what became of it.
std::function<void()> meanwhile;

bool begins(const char* text, const char* with) {
  return std::strncmp(text, with, std::strlen(with)) == 0;
}

// SQLite calls this after a commit has reached the log and its lock is gone; an error becomes that
// of the COMMIT.
int deny(void*, sqlite3* db, const char*, int) {
  sqlite3_wal_autocheckpoint(db, 1000);  // what stood here before
  ++denied;
  if (meanwhile) meanwhile();
  return SQLITE_IOERR;
}

int on_statement(unsigned, void* context, void*, void* text) {
  const char* sql = static_cast<const char*>(text);
  if (begins(sql, "BEGIN")) writes_history = false;
  if (begins(sql, "INSERT INTO history")) writes_history = true;
  if (begins(sql, "COMMIT") && writes_history && to_deny > 0) {
    --to_deny;
    sqlite3_wal_hook(static_cast<sqlite3*>(context), deny, nullptr);
  }
  return 0;
}

int watch(sqlite3* db, char**, const sqlite3_api_routines*) {
  return sqlite3_trace_v2(db, SQLITE_TRACE_STMT, on_statement, db);
}

// Every connection that is opened meanwhile is watched.
struct Denying {
  Denying() {
    denied = 0;
    sqlite3_auto_extension(reinterpret_cast<void (*)()>(watch));
  }
  ~Denying() {
    sqlite3_reset_auto_extension();
    to_deny = 0;
    meanwhile = nullptr;
  }
};

struct Recording : Denying, tests::World {
  Recording() : sql(place.content_url) { record(); }
  Sql sql;
};

}  // namespace

TEST_CASE("a COMMIT that failed by its own account but had committed is not repeated", "[sqlite]") {
  Recording world;
  REQUIRE(world.commit({tests::room_created(1, "a@chat.localhost")}) == Outcome::durable);
  for (int n = 2; n <= 6; ++n) {
    const int times = n == 4 ? 0 : 1;
    to_deny = times;
    const int before = denied;
    CHECK(world.commit({message(1, n)}) == Outcome::durable);
    CHECK(denied == before + times);
    CHECK(to_deny == 0);
  }
  CHECK(world.content->writer_stats().failures >= 4);
  CHECK(world.content->writer_stats().events == 6);
  CHECK(world.sql.number("SELECT count(*) FROM history") == 5);
  CHECK(world.sql.number("SELECT number FROM room_head WHERE room_id = 1") == 6);
  CHECK(world.sql.number("SELECT sn FROM source_head") == 7);  // with the server's start
  CHECK(world.sql.number("SELECT count(*) FROM outbox") == 7);
  CHECK(world.content->outbox_rows() == 7);
  CHECK(tests::verify_chains(world.sql, "outbox") == "");
  CHECK(world.content->recorder().accepting());
}

TEST_CASE("a batch of many rooms, some refused, keeps its outcomes over a COMMIT in doubt",
          "[sqlite]") {
  Recording world;
  for (int room = 1; room <= 3; ++room)
    REQUIRE(world.commit({tests::room_created(
                room, "r" + std::to_string(room) + "@chat.localhost")}) == Outcome::durable);
  REQUIRE(world.sql.error("INSERT INTO history (room_id, number, at_us, nick, sender, stanza)"
                          " VALUES (2, 2, 0, '', '', '')") == "");
  world.sql.hold();  // so that all go into one batch
  Answers answers;
  for (int room = 1; room <= 3; ++room) {
    std::vector<record::Event> events;
    events.push_back(message(room, 2));
    world.content->recorder().submit(std::move(events), answers.next());
  }
  to_deny = 1;
  world.sql.let_go();
  CHECK(answers.all() == std::vector<Outcome>{Outcome::durable, Outcome::broken, Outcome::durable});
  tests::eventually([] { return to_deny == 0; });
  CHECK(denied == 1);
  CHECK(world.sql.number("SELECT count(*) FROM history") == 3);
  CHECK(world.content->outbox_rows() ==
        static_cast<std::uint64_t>(world.sql.number("SELECT count(*) FROM outbox")));
  CHECK(tests::verify_chains(world.sql, "outbox") == "");
}

TEST_CASE("a COMMIT in doubt, and another owner before it is looked up: fenced for good",
          "[sqlite]") {
  Recording world;
  REQUIRE(world.commit({tests::room_created(1, "a@chat.localhost")}) == Outcome::durable);
  meanwhile = [&] { CHECK(world.sql.error("UPDATE source_head SET sn = sn + 1") == ""); };
  to_deny = 1;
  CHECK(world.commit({message(1, 2)}) == Outcome::fenced);
  CHECK(denied == 1);
  CHECK_FALSE(world.content->recorder().accepting());
  CHECK(world.commit({message(1, 3)}) == Outcome::fenced);
  CHECK(world.sql.number("SELECT count(*) FROM history") == 1);
}
