// SPDX-License-Identifier: Apache-2.0
// Rows as the outbox hands them on, made without a content database: sources and rooms go on where
// they were. And an open archive of its own.
#pragma once

#include <catch2/catch.hpp>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "compliance/archive_store.h"
#include "db/stores/archive.h"
#include "record/leaf.h"
#include "tests/contract/world.h"

namespace tests {

class ArchiveRows {
 public:
  // The next row of `source`. Room events get their room's next number, others its last.
  compliance::OutboxRow next(record::Event event, const std::string& source = "n1.1");
  std::int64_t number(std::int64_t room) const;  // its last

 private:
  struct Head {
    std::int64_t number = 0;
    base::Sha256 hash{};
  };
  std::map<std::string, Head> sources_;
  std::map<std::int64_t, Head> rooms_;
  std::int64_t ids_ = 0;
  SeededRandom random_;
};

struct ArchiveWorld {
  ArchiveWorld() { open(); }
  void open();
  void append(std::vector<compliance::OutboxRow> some) {
    REQUIRE(archive->append(some));
    rows.insert(rows.end(), some.begin(), some.end());
  }
  void add(record::Event event) { append({made.next(std::move(event))}); }
  std::unique_ptr<compliance::ArchiveReader> reader() const;

  Place place;
  std::unique_ptr<compliance::ArchiveStore> archive;
  ArchiveRows made;
  std::vector<compliance::OutboxRow> rows;  // all that is in it
};

}  // namespace tests
