// SPDX-License-Identifier: Apache-2.0
// kill -9 at random moments: what was acknowledged is there, once, in order, and so is its archive.
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdlib>
#include <ctime>
#include <thread>

#include "compliance/archivist.h"
#include "db/stores/archive.h"
#include "tests/contract/world.h"

using tests::message;
using tests::Sql;

namespace {

constexpr int rooms = 3;

std::string room_name(int room) { return "r" + std::to_string(room) + "@chat.localhost"; }

struct Acknowledged {
  std::int64_t room, number;
};

// The child: writes until it is killed, says what is durable.
[[noreturn]] void write_until_killed(const tests::Place& place, int pipe) {
  base::SystemClock clock;
  base::SystemRandom random;
  const auto log = base::make_null_log();
  auto content = db::Content::open(place.content_url, "", db::Content::Access::own);
  auto archive = db::open_archive(place.archive_url, "");
  if (!content || !archive) std::_Exit(2);
  compliance::Archivist archivist((*content)->outbox(), **archive, *log);
  (*content)->on_commit([&] { archivist.wake(); });
  db::RecordingConfig config;
  config.clock = &clock;
  config.random = &random;
  config.log = log.get();
  if (!(*content)->start_recording(config)) std::_Exit(3);
  archivist.start();
  auto& recorder = (*content)->recorder();
  std::int64_t next[rooms + 1];
  for (int room = 1; room <= rooms; ++room) {
    const auto stored = (*content)->rooms().load(tests::jid(room_name(room)), 0);
    if (!stored) std::_Exit(4);
    next[room] = *stored ? (*stored)->last_number + 1 : 1;
  }
  for (;;) {
    if ((*content)->writer_stats().queued > 2000) {
      std::this_thread::yield();
      continue;
    }
    for (int room = 1; room <= rooms; ++room) {
      const std::int64_t number = next[room]++;
      std::vector<record::Event> events;
      events.push_back(number == 1 ? tests::room_created(room, room_name(room))
                                   : message(room, number));
      recorder.submit(std::move(events), [=](record::Outcome outcome) {
        const Acknowledged said{room, number};
        if (outcome != record::Outcome::durable || ::write(pipe, &said, sizeof said) != sizeof said)
          std::_Exit(5);
      });
    }
  }
}

// Runs a child and kills it somewhat after its first acknowledgement. Gives the last number it
// acknowledged in each room.
void run_and_kill(const tests::Place& place, int after_acknowledgements,
                  std::int64_t (&last)[rooms + 1]) {
  int ends[2];
  REQUIRE(::pipe(ends) == 0);
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    ::close(ends[0]);
    write_until_killed(place, ends[1]);
  }
  ::close(ends[1]);
  Acknowledged said{};
  bool in_order = true;
  for (int count = 0; ::read(ends[0], &said, sizeof said) == sizeof said;) {
    in_order = in_order && said.number == last[said.room] + 1;
    last[said.room] = said.number;
    if (++count == after_acknowledgements) REQUIRE(::kill(child, SIGKILL) == 0);
  }
  ::close(ends[0]);
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  CHECK(WIFSIGNALED(status));
  CHECK(in_order);
  if (!tests::on_postgres()) return;
  // What the child had sent may be at work still.
  Sql sql(place.content_url);
  tests::eventually([&] {
    return sql.number("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()") ==
           1;
  });
}

}  // namespace

TEST_CASE("kill -9 at twenty random moments loses, doubles and reorders nothing acknowledged") {
  const tests::Place place;
  const auto seed = static_cast<std::uint64_t>(::time(nullptr));
  INFO("seed " << seed);
  tests::SeededRandom random(seed);
  for (int round = 0; round < 20; ++round) {
    INFO("round " << round);
    // Numbers acknowledged in this round continue what is stored, not what was acknowledged before:
    // a commit may have been durable without its acknowledgement.
    std::int64_t last[rooms + 1] = {};
    if (round > 0) {
      Sql sql(place.content_url);
      for (int room = 1; room <= rooms; ++room)
        last[room] = sql.number("SELECT coalesce(max(number), 0) FROM room_head WHERE room_id = " +
                                std::to_string(room));
    }
    std::byte dice[2];
    random.fill(dice);
    run_and_kill(place, 1 + std::to_integer<int>(dice[0]) * 4 + std::to_integer<int>(dice[1]),
                 last);
    Sql sql(place.content_url);
    for (int room = 1; room <= rooms; ++room) {
      const std::string where = " WHERE room_id = " + std::to_string(room);
      CHECK(sql.number("SELECT count(*) FROM room_head" + where +
                       " AND number >= " + std::to_string(last[room])) == (last[room] > 0 ? 1 : 0));
      // Every message from 2 to the head, once (the key sees to "once").
      CHECK(sql.number("SELECT count(*) FROM history" + where) ==
            std::max<std::int64_t>(
                0, sql.number("SELECT coalesce(max(number), 0) FROM room_head" + where) - 1));
    }
  }

  tests::World world;  // only for its logs and clocks; what is examined lies in `place`
  auto content = db::Content::open(place.content_url, "", db::Content::Access::own);
  auto archive = db::open_archive(place.archive_url, "");
  REQUIRE(content);
  REQUIRE(archive);
  compliance::Archivist archivist((*content)->outbox(), **archive, *world.log);
  while (archivist.step() == compliance::StepResult::copied) {
  }
  CHECK_FALSE(archivist.any_stopped());

  Sql stored(place.content_url), archived(place.archive_url);
  CHECK(stored.number("SELECT count(*) FROM outbox") == 0);
  CHECK(tests::verify_chains(archived, "event") == "");
  // The archive ends where the content's chains end, source for source and room for room.
  CHECK(archived.rows("SELECT src, sn, hash FROM head ORDER BY src") ==
        stored.rows("SELECT source, sn, hash FROM source_head WHERE sn > 0 ORDER BY source"));
  CHECK(archived.rows("SELECT room, rn, leaf_hash FROM event e WHERE rn = (SELECT max(rn) FROM"
                      " event last WHERE last.room = e.room) ORDER BY room") ==
        stored.rows("SELECT room_id, number, hash FROM room_head ORDER BY room_id"));
}
