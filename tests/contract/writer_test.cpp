// SPDX-License-Identifier: Apache-2.0
// The record writer over SQLite: numbers and chains, atomic submissions, fencing, broken rooms,
// a disk that is full.
#include <signal.h>
#include <sys/resource.h>

#include <catch2/catch.hpp>

#include "tests/contract/world.h"

using record::Outcome;
using tests::account_added;
using tests::Answers;
using tests::message;
using tests::room_created;
using tests::Sql;
using tests::World;

namespace {

struct Recording : World {
  Recording() : sql(place.content_url) { record(); }
  std::int64_t messages(std::int64_t room) {
    return sql.number("SELECT count(*) FROM history WHERE room_id = " + std::to_string(room));
  }
  Sql sql;
};

std::vector<record::Event> one(record::Event event) {
  std::vector<record::Event> events;
  events.push_back(std::move(event));
  return events;
}

}  // namespace

TEST_CASE("numbers are dense and chains hold over many rooms and batches") {
  Recording world;
  Answers answers;
  auto& recorder = world.content->recorder();
  constexpr int rooms = 7, messages = 200;
  for (int room = 1; room <= rooms; ++room)
    recorder.submit(one(room_created(room, "r" + std::to_string(room) + "@chat.localhost")),
                    answers.next());
  for (int n = 2; n < messages + 2; ++n)
    for (int room = 1; room <= rooms; ++room)
      recorder.submit(one(message(room, n)), answers.next());
  for (const auto outcome : answers.all()) CHECK(outcome == Outcome::durable);
  CHECK(tests::verify_chains(world.sql, "outbox") == "");
  CHECK(world.messages(3) == messages);
  CHECK(world.sql.number("SELECT number FROM room_head WHERE room_id = 7") == messages + 1);
  const auto stats = world.content->writer_stats();
  CHECK(stats.events == rooms * (messages + 1));
  CHECK(stats.queued == 0);
  CHECK(stats.commits < stats.events);  // grouped
  CHECK(world.content->outbox_rows() == stats.events + 1);
}

TEST_CASE("a submission is committed as one or not at all") {
  Recording world;
  CHECK(world.commit({room_created(1, "a@chat.localhost"), message(1, 2), message(1, 3)}) ==
        Outcome::durable);
  // The second event is out of order: the first must not be there either.
  CHECK(world.commit({message(1, 4), message(1, 6)}) == Outcome::broken);
  // The second is refused by a constraint.
  CHECK(world.commit({message(1, 4), room_created(2, "a@chat.localhost")}) == Outcome::broken);
  CHECK(world.messages(1) == 2);
  CHECK(world.commit({message(1, 4)}) == Outcome::durable);
  CHECK(tests::verify_chains(world.sql, "outbox") == "");
}

TEST_CASE("a room whose row is refused is broken and hurts nobody else") {
  Recording world;
  CHECK(world.commit({room_created(1, "a@chat.localhost")}) == Outcome::durable);
  CHECK(world.commit({room_created(2, "b@chat.localhost")}) == Outcome::durable);
  // Damage: the row that message 3 of room 1 will need is taken.
  REQUIRE(world.sql.error("INSERT INTO history (room_id, number, at_us, nick, sender, stanza) "
                          "VALUES (1, 3, 0, '', '', '')") == "");
  Answers answers;
  auto& recorder = world.content->recorder();
  for (int n = 2; n <= 5; ++n)
    for (int room = 1; room <= 2; ++room) recorder.submit(one(message(room, n)), answers.next());
  const std::vector<Outcome> expected{
      Outcome::durable, Outcome::durable,  // number 2 of both
      Outcome::broken,  Outcome::durable,  // 3: refused in room 1
      Outcome::broken,  Outcome::durable,  // what follows no longer fits
      Outcome::broken,  Outcome::durable};
  CHECK(answers.all() == expected);
  CHECK(world.messages(2) == 4);
  // Read again, the room goes on from its stored head.
  REQUIRE(world.sql.error("DELETE FROM history WHERE room_id = 1 AND number = 3") == "");
  const auto room = world.content->rooms().load(tests::jid("a@chat.localhost"), 10);
  REQUIRE(room);
  CHECK((*room)->last_number == 2);
  CHECK(world.commit({message(1, 3)}) == Outcome::durable);
  CHECK(tests::verify_chains(world.sql, "outbox") == "");
}

TEST_CASE("a second owner of a room fences the first, for that room alone") {
  Recording world;
  CHECK(world.commit({room_created(1, "a@chat.localhost")}) == Outcome::durable);
  CHECK(world.commit({room_created(2, "b@chat.localhost")}) == Outcome::durable);
  const std::string other(64, 'a');
  REQUIRE(world.sql.error("UPDATE room_head SET number = 2, hash = '" + other +
                          "' WHERE room_id = 1") == "");
  Answers answers;
  auto& recorder = world.content->recorder();
  recorder.submit(one(message(1, 2)), answers.next());
  recorder.submit(one(message(2, 2)), answers.next());
  CHECK(answers.all() == std::vector<Outcome>{Outcome::fenced, Outcome::durable});
  CHECK(world.messages(1) == 0);
  CHECK(world.sql.text("SELECT hash FROM room_head WHERE room_id = 1") == other);
}

TEST_CASE("a second owner of the source stops the writer for good") {
  Recording world;
  CHECK(world.commit({room_created(1, "a@chat.localhost")}) == Outcome::durable);
  REQUIRE(world.sql.error("UPDATE source_head SET sn = sn + 1") == "");
  CHECK(world.commit({message(1, 2)}) == Outcome::fenced);
  CHECK_FALSE(world.content->recorder().accepting());
  CHECK(world.commit({account_added("juliet")}) == Outcome::fenced);
  CHECK(world.messages(1) == 0);
  CHECK(world.sql.number("SELECT count(*) FROM account") == 0);
}

TEST_CASE("an account that exists is refused and nothing else is") {
  Recording world;
  CHECK(world.commit({account_added("romeo", true)}) == Outcome::durable);
  Answers answers;
  auto& recorder = world.content->recorder();
  recorder.submit(one(account_added("romeo")), answers.next());
  recorder.submit(one(account_added("juliet")), answers.next());
  auto gone = account_added("nobody");
  std::get<record::AccountChanged>(gone.body).action = record::AccountChanged::Action::removed;
  recorder.submit(one(gone), answers.next());
  CHECK(answers.all() == std::vector<Outcome>{Outcome::broken, Outcome::durable, Outcome::broken});
  CHECK(tests::verify_chains(world.sql, "outbox") == "");
}

TEST_CASE("ten thousand accounts go in as one") {
  Recording world;
  std::vector<record::Event> events;
  for (int i = 0; i < 10000; ++i) events.push_back(account_added("user" + std::to_string(i)));
  const auto begin = world.clock.monotonic();
  CHECK(world.commit(events) == Outcome::durable);
  CHECK(world.clock.monotonic() - begin < base::seconds(50));  // ten times what it may take
  CHECK(world.sql.number("SELECT count(*) FROM account") == 10000);
  CHECK(world.commit(std::move(events)) == Outcome::broken);
  CHECK(tests::verify_chains(world.sql, "outbox") == "");
}

TEST_CASE("a full disk acknowledges nothing, refuses at the door, and recovers by itself",
          "[sqlite]") {
  Recording world;
  CHECK(world.commit({room_created(1, "a@chat.localhost")}) == Outcome::durable);
  // Files may not grow beyond what they are: writes fail as on a full disk.
  rlimit before{};
  REQUIRE(::getrlimit(RLIMIT_FSIZE, &before) == 0);
  ::signal(SIGXFSZ, SIG_IGN);
  const rlimit small{4096, before.rlim_max};
  REQUIRE(::setrlimit(RLIMIT_FSIZE, &small) == 0);
  Answers answers;
  auto& recorder = world.content->recorder();
  for (int n = 2; n <= 50; ++n)
    recorder.submit(one(message(1, n, std::string(5000, 'x'))), answers.next());
  tests::eventually([&] { return world.content->writer_stats().failures >= 3; });
  CHECK_FALSE(recorder.accepting());
  CHECK(answers.count() == 0);
  recorder.submit(one(message(1, 51)), answers.next());  // leaves and the like still queue

  REQUIRE(::setrlimit(RLIMIT_FSIZE, &before) == 0);
  for (const auto outcome : answers.all()) CHECK(outcome == Outcome::durable);
  CHECK(recorder.accepting());
  CHECK(world.messages(1) == 50);
  CHECK(tests::verify_chains(world.sql, "outbox") == "");
}

TEST_CASE("a database that another process holds locked is waited for", "[sqlite]") {
  Recording world;
  CHECK(world.commit({room_created(1, "a@chat.localhost")}) == Outcome::durable);
  world.sql.hold();
  Answers answers;
  world.content->recorder().submit(one(message(1, 2)), answers.next());
  tests::eventually([&] { return world.content->writer_stats().failures >= 1; });
  CHECK(answers.count() == 0);
  world.sql.let_go();
  CHECK(answers.all() == std::vector<Outcome>{Outcome::durable});
  CHECK(world.content->writer_stats().events == 2);
}

TEST_CASE("stopping makes durable what was submitted, and says when it could not") {
  Recording world;
  Answers answers;
  for (int i = 0; i < 500; ++i)
    world.content->recorder().submit(one(account_added("u" + std::to_string(i))), answers.next());
  CHECK(world.stop());
  CHECK(answers.count() == 500);
  CHECK(world.sql.text("SELECT stopped FROM source_head") == "1");
  world.close();
  world.open();
  world.record();
  world.sql.hold();
  CHECK_FALSE(world.content->stop_recording(base::milliseconds(20), "test"));
  world.sql.let_go();
}

TEST_CASE("recording, 100-byte messages", "[.bench]") {
  Recording world;
  constexpr int rooms = 20, each = 5000;
  for (int room = 1; room <= rooms; ++room)
    world.commit({room_created(room, "r" + std::to_string(room) + "@chat.localhost")});
  rusage before{}, after{};
  ::getrusage(RUSAGE_SELF, &before);
  const auto begin = world.clock.monotonic();
  Answers answers;
  for (int n = 2; n < each + 2; ++n)
    for (int room = 1; room <= rooms; ++room)
      world.content->recorder().submit(one(message(room, n, std::string(100, 'm'))),
                                       answers.next());
  (void)answers.all();
  const auto took = static_cast<double>(world.clock.monotonic() - begin);
  ::getrusage(RUSAGE_SELF, &after);
  const auto us = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) * 1e6 + static_cast<double>(t.tv_usec);
  };
  const auto stats = world.content->writer_stats();
  WARN(rooms * each / took * 1e6 << " events/s, "
                                 << (us(after.ru_utime) - us(before.ru_utime) + us(after.ru_stime) -
                                     us(before.ru_stime)) /
                                        (rooms * each)
                                 << " us CPU each with the submitter's, " << stats.commits
                                 << " commits, largest " << stats.largest_batch);
}
