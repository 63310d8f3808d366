// SPDX-License-Identifier: Apache-2.0
// An archive on SQLite over months, with its archivist, its sealer and the file of checkpoints.
#pragma once

#include <catch2/catch.hpp>
#include <filesystem>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "compliance/archivist.h"
#include "compliance/tree/sealer.h"
#include "compliance/verify/archive.h"
#include "db/sql/target.h"
#include "tests/contract/archive_world.h"
#include "tests/contract/archiving.h"

namespace tests {

using compliance::OutboxRow;
using compliance::StoreError;
namespace fs = std::filesystem;

constexpr std::int64_t day = 86'400'000'000;
constexpr std::int64_t november = 1'793'491'200'000'000;  // the first, 00:00 UTC
constexpr std::int64_t december = november + 30 * day, january = december + 31 * day;

struct MonthlyOutbox final : FakeOutbox {
  base::Result<void, StoreError> clear(std::int64_t up_to, const Kept& kept) override {
    if (keep) return {};
    return FakeOutbox::clear(up_to, kept);
  }
  bool keep = false;  // as if a crash came before
};

// An archive with its archivist, its sealer and the file of checkpoints.
struct Monthly : ArchiveWorld {
  Monthly() { begin(); }
  void begin() {
    archivist.reset();
    sealer.emplace(compliance::Sealer::Parts{.store = *archive,
                                             .clock = clock,
                                             .log = *log,
                                             .key = key,
                                             .known = {{origin(), key.public_key()}},
                                             .origin = origin(),
                                             .file = place.dir.file("checkpoints.log")});
    archivist.emplace(outbox, *archive, *log, &*sealer);
  }
  void restart() {
    archivist.reset();
    sealer.reset();
    open();
    begin();
  }
  std::string origin() const { return "localhost/archive/" + *archive->id(); }
  void say(std::int64_t at_us, record::Event event) {
    event.at.us = at_us;
    rows.push_back(made.next(std::move(event)));
    outbox.rows.push_back(rows.back());
  }
  // Copies all, and has a checkpoint over it.
  void seal() {
    while (archivist->step() == compliance::StepResult::copied)
      ;
    clock.advance(compliance::checkpoint_time);
    archivist->step();
  }
  void month(std::int64_t begin, int messages) {
    for (int n = 0; n < messages; ++n) say(begin + n * base::seconds(60), message(1, 0));
    seal();
  }
  std::set<std::string> files() const {
    std::set<std::string> names;
    for (const auto& entry : fs::directory_iterator(place.dir.str()))
      if (const auto name = entry.path().filename().string();
          name.starts_with("archive") && name.ends_with(".db"))
        names.insert(name);
    return names;
  }
  std::vector<compliance::Finding> verify() {
    std::vector<compliance::Finding> found;
    compliance::Report report([&](const compliance::Finding& f) { found.push_back(f); });
    const compliance::VerifyArchive what{{{origin(), key.public_key()}}, {}, {}};
    const auto all = reader();
    const auto done = compliance::verify_archive(*all, what, report);
    if (!done) FAIL(done.error());
    signed_to = done->signed_to;
    return found;
  }
  void check_all_is_here() {
    const auto all = reader();
    CHECK(*all->size() == static_cast<std::int64_t>(rows.size()));
    std::vector<base::Sha256> hashes;
    std::size_t next = 0;
    for (;;) {
      const auto page = all->events(static_cast<std::int64_t>(next), 100);
      REQUIRE(page);
      if (page->empty()) break;
      for (const auto& event : *page) {
        REQUIRE(next < rows.size());
        CHECK((event.seq == static_cast<std::int64_t>(next) && event.leaf == rows[next].leaf));
        CHECK(event.parts.size() == rows[next].parts.size());
        hashes.push_back(rows[next++].leaf_hash);
      }
    }
    CHECK(next == rows.size());
    CHECK(*all->leaf_hashes(0, 10'000) == hashes);
    CHECK(*archive->leaf_hashes(0, 10'000) == hashes);
    CHECK(verify().empty());
    CHECK(signed_to == static_cast<std::int64_t>(rows.size()));
  }
  std::string growing() const { return place.dir.file("archive.db"); }
  db::Target target() const { return *db::parse_target(place.archive_url, place.dir.str()); }

  FakeClock clock;
  std::unique_ptr<base::Log> log = base::make_null_log();
  base::SigningKey key = base::SigningKey::make();
  MonthlyOutbox outbox;
  std::int64_t signed_to = 0;  // as the last verify() found
  std::optional<compliance::Sealer> sealer;
  std::optional<compliance::Archivist> archivist;
};

// Two sealed months and a third that goes on. The first event of a month is the last of the file
// before it, which it closes.
struct ThreeMonths : Monthly {
  ThreeMonths() {
    say(november, room_created(1, "a@chat.localhost"));
    say(november + 1, joined(1, 0, "romeo"));
    month(november + day, 400);
    say(december, joined(1, 0, "juliet"));
    seal();
    month(december + day, 300);
    say(january, left(1, 0, "romeo"));
    seal();
    month(january + day, 200);
  }
};

inline const std::set<std::string> three{"archive.0001-2026-11.db", "archive.0002-2026-12.db",
                                         "archive.db"};

}  // namespace tests
