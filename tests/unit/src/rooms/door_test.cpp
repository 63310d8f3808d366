// SPDX-License-Identifier: Apache-2.0
#include "src/rooms/door.h"

#include <catch2/catch.hpp>

#include "tests/unit/src/rooms/fakes.h"

namespace {

using server::Door;
using State = server::Door::State;

struct Doorway {
  Door door(bool refuse_in_trouble, std::uint64_t limit = 1000) {
    return Door(recorder,
                {.refuse_in_trouble = refuse_in_trouble,
                 .outbox_limit = limit,
                 .in_trouble = [this] { return trouble; },
                 .outbox_rows = [this] { return rows; }},
                log);
  }

  tests::FakeStore store;
  tests::FakeRecorder recorder{store};
  tests::FakeLog log;
  bool trouble = false;
  std::uint64_t rows = 0;
};

}  // namespace

TEST_CASE("door: closed while nothing can be recorded, whatever the archive does") {
  Doorway way;
  for (const bool refuse : {false, true}) {
    const Door door = way.door(refuse);
    CHECK(door.state() == State::open);
    way.recorder.accept(false);
    CHECK(door.state() == State::record_in_trouble);
    way.trouble = true;
    CHECK(door.state() == State::record_in_trouble);
    way.trouble = false;
    way.recorder.accept(true);
    CHECK(door.state() == State::open);
  }
  CHECK(way.log.count("") == 0);  // the recorder says it itself
}

TEST_CASE("door: an archive in trouble is waited for, or not") {
  Doorway way;
  way.trouble = true;
  way.rows = 999;
  CHECK(way.door(false).state() == State::open);
  const Door refusing = way.door(true);
  CHECK(refusing.state() == State::archive_in_trouble);
  way.trouble = false;
  CHECK(refusing.state() == State::open);
}

TEST_CASE("door: rows for the archive, one below the limit, at it and above") {
  for (const bool refuse : {false, true}) {
    Doorway way;
    const Door door = way.door(refuse, 1000);
    for (const std::uint64_t rows : {999u, 1000u, 1001u}) {
      way.rows = rows;
      CHECK(door.state() == (rows < 1000 ? State::open : State::outbox_full));
    }
    way.rows = 999;
    CHECK(door.state() == State::open);
  }
}

TEST_CASE("door: without an archive only the recorder is asked") {
  Doorway way;
  const Door door(way.recorder, {.refuse_in_trouble = true, .outbox_limit = 1}, way.log);
  CHECK(door.state() == State::open);
}

TEST_CASE("door: closing is said once, opening when it will last") {
  Doorway way;
  const Door door = way.door(false, 1000);
  for (const std::uint64_t rows : {1000u, 999u, 1001u, 950u, 1000u}) {
    way.rows = rows;
    (void)door.state();
  }
  CHECK(way.log.count("new messages are refused: too many rows") == 1);
  CHECK(way.log.count("taken again") == 0);
  way.rows = 901;
  (void)door.state();
  CHECK(way.log.count("taken again") == 0);
  way.rows = 900;
  (void)door.state();
  (void)door.state();
  CHECK(way.log.count("taken again") == 1);
}

TEST_CASE("door: an archive in trouble is said, where it matters") {
  Doorway way;
  way.trouble = true;
  (void)way.door(false).state();
  CHECK(way.log.count("") == 0);
  const Door door = way.door(true);
  (void)door.state();
  (void)door.state();
  CHECK(way.log.count("the archive cannot be written") == 1);
}
