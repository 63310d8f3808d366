// SPDX-License-Identifier: Apache-2.0
// "Fail the n-th": whatever the database does at whichever moment, the promises to people hold.
#include "tests/faults/faults.h"

#include <catch2/catch.hpp>
#include <functional>

#include "tests/faults/io_faults.h"
#include "tests/faults/stage.h"

namespace faults = tests::faults;
using faults::Step;

namespace {

// More would mean that it never passes untouched.
constexpr int n_max = 500;

// In each step the first call fails, the second, and so on, until the step passes untouched. Gives
// how many failed.
int fail_each(faults::Stage& stage, const std::function<void(int)>& arm,
              const std::function<bool()>& disarm) {
  int failed = 0;
  for (const auto step :
       {Step::create, Step::configure, Step::enter, Step::talk, Step::kick, Step::leave}) {
    bool touched = true;
    for (int n = 1; touched; ++n) {
      INFO("step " << static_cast<int>(step) << ", call " << n);
      REQUIRE(n < n_max);
      bool under_way = false;
      stage.play([&](Step now) {
        if (now == step) arm(n);
        if (now != step && under_way) touched = disarm();
        under_way = now == step;
      });
      if (touched) ++failed;
    }
  }
  return failed;
}

int fail_each(faults::Stage& stage, faults::Kind kind) {
  faults::forget_struck();
  return fail_each(
      stage, [kind](int n) { faults::arm(kind, n); }, faults::disarm);
}

int fail_each(faults::Stage& stage, faults::IoKind kind) {
  return fail_each(
      stage, [kind](int n) { faults::arm_io(kind, n); }, faults::disarm_io);
}

void all_is_well(faults::Stage& stage) {
  CHECK(stage.play() == 0);
  CHECK(stage.chains() == "");
}

// All that a scene consists of has been hit.
void saw(const std::vector<std::string>& calls) {
  const auto struck = faults::struck();
  std::string all;
  for (const auto& call : struck) all += call + "\n";
  INFO(all);
  for (const auto& call : calls) CHECK(struck.contains(call));
}

const std::vector<std::string> of_a_scene = {"BEGIN",
                                             "COMMIT",
                                             "INSERT INTO outbox",
                                             "INSERT INTO history",
                                             "INSERT INTO occupancy",
                                             "DELETE FROM occupancy",
                                             "INSERT INTO room"};

}  // namespace

TEST_CASE("the n-th call to the database fails before its effect") {
  faults::Stage stage;
  CHECK(fail_each(stage, faults::Kind::before) > 50);
  saw(of_a_scene);
  all_is_well(stage);
}

TEST_CASE("the n-th call to the database fails after its effect") {
  faults::Stage stage;
  CHECK(fail_each(stage, faults::Kind::after) > 50);
  saw(of_a_scene);
  all_is_well(stage);
}

TEST_CASE("from the n-th call on the database is away") {
  faults::Stage stage;
  CHECK(fail_each(stage, faults::Kind::away) > 50);
  saw(of_a_scene);
  saw({"connect"});
  all_is_well(stage);
}

TEST_CASE("the n-th call to the database is answered late, and the door is shut meanwhile") {
  faults::Stage stage;
  const int late = fail_each(stage, faults::Kind::late);
  CHECK(late > 50);
  // All but those of readers, for whom no door is shut.
  CHECK(stage.door_was_shut() > static_cast<std::size_t>(late) / 2);
  saw(of_a_scene);
  all_is_well(stage);
}

TEST_CASE("the n-th row for the archive is refused, alone of its batch") {
  faults::Stage stage;
  const auto before = stage.written();
  REQUIRE(stage.play() == 0);
  const auto rows = stage.written() - before;
  REQUIRE(rows > 15);
  int touched = 0;
  for (std::int64_t n = 1; n <= rows; ++n) {
    INFO("row " << n);
    stage.refuse("outbox", std::to_string(n));
    if (stage.play() > 0) ++touched;
    CHECK(stage.refusing() == 0);
  }
  // A view of history that is not recorded is a history that is not shown.
  CHECK(touched >= rows - 2);
  all_is_well(stage);
}

TEST_CASE("one row of history or of those inside is refused, alone of its batch") {
  faults::Stage stage;
  for (const std::string body : {"m0", "m4", "m9"}) {
    INFO(body);
    stage.refuse("history", body);
    CHECK(stage.play() > 0);
  }
  for (const std::string nick : {"alice", "bob", "carol"}) {
    INFO(nick);
    stage.refuse("occupancy", nick);
    CHECK(stage.play() > 0);
  }
  all_is_well(stage);
}

TEST_CASE("BI-DB-07 the n-th write to the disk fails, or finds it full, or a read does",
          "[sqlite]") {
  faults::put_under_sqlite();
  faults::Stage stage;
  CHECK(fail_each(stage, faults::IoKind::write_error) > 50);
  CHECK(fail_each(stage, faults::IoKind::disk_full) > 50);
  CHECK(fail_each(stage, faults::IoKind::read_error) > 0);  // few: what is in memory is not read
  all_is_well(stage);
}
