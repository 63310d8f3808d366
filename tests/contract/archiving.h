// SPDX-License-Identifier: Apache-2.0
// A content database with four events and an archive to copy them into; outboxes for tests.
#pragma once

#include <algorithm>
#include <catch2/catch.hpp>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "compliance/archivist.h"
#include "db/stores/archive.h"
#include "tests/contract/world.h"

namespace tests {

using compliance::OutboxRow;
using compliance::StoreError;
using Kept = std::vector<compliance::Positions>;

struct Archiving : World {
  explicit Archiving(base::Log* told = nullptr) : World(told) {
    record();
    open_archive();
    must({room_created(1, "a@chat.localhost"), message(1, 2), message(1, 3)});
  }
  void open_archive() {
    auto opened = db::open_archive(place.archive_url, place.dir.str());
    if (!opened) FAIL(opened.error());
    archive = std::move(*opened);
  }
  void must(std::vector<record::Event> events) {
    REQUIRE(commit(std::move(events)) == record::Outcome::durable);
  }
  std::unique_ptr<compliance::ArchiveStore> archive;
};

// The content's outbox, kept from clearing, or from answering.
struct StubbornOutbox : compliance::Outbox {
  explicit StubbornOutbox(compliance::Outbox& o) : real(o) {}
  base::Result<std::vector<OutboxRow>, StoreError> next(std::int64_t after,
                                                        std::size_t max) override {
    return real.next(after, max);
  }
  base::Result<void, StoreError> clear(std::int64_t up_to, const Kept& kept) override {
    if (refuse_clear) return base::fail(StoreError::unavailable);
    return real.clear(up_to, kept);
  }
  base::Result<std::int64_t, StoreError> lost_up_to(const std::string& source) override {
    return real.lost_up_to(source);
  }
  std::int64_t end_of_source(std::int64_t position) const override {
    return real.end_of_source(position);
  }
  compliance::Outbox& real;
  bool refuse_clear = true;
};

struct FakeOutbox : compliance::Outbox {
  base::Result<std::vector<OutboxRow>, StoreError> next(std::int64_t after,
                                                        std::size_t max) override {
    std::vector<OutboxRow> out;
    for (const auto& row : rows)
      if (row.position > after && out.size() < max) out.push_back(row);
    return out;
  }
  base::Result<void, StoreError> clear(std::int64_t up_to, const Kept& kept) override {
    const auto stays = [&](std::int64_t position) {
      return std::ranges::any_of(
          kept, [&](const auto& k) { return k.first <= position && position <= k.last; });
    };
    std::erase_if(rows,
                  [&](const auto& row) { return row.position <= up_to && !stays(row.position); });
    return {};
  }
  base::Result<std::int64_t, StoreError> lost_up_to(const std::string&) override { return 0; }
  std::int64_t end_of_source(std::int64_t position) const override {
    return position | ((std::int64_t{1} << 40) - 1);
  }
  std::vector<OutboxRow> rows;
};

inline std::vector<OutboxRow> all_rows(World& world) {
  auto rows = world.content->outbox().next(0, 1000);
  REQUIRE(rows);
  return *rows;
}

}  // namespace tests
