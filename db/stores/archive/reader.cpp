// SPDX-License-Identifier: Apache-2.0
#include "db/stores/archive/volumes/reader.h"

#include <algorithm>
#include <span>

#include "db/stores/archive/derived.h"
#include "db/stores/archive/reader_rows.h"
#include "db/stores/archive/rows.h"
#include "db/stores/archive/tree.h"

namespace db {
namespace {

using namespace archive;
using compliance::ArchiveReader;
using compliance::Checkpoint;
using compliance::SourceHead;
using compliance::StoredEvent;
using compliance::StoredManifest;
using compliance::StoreError;

constexpr std::size_t page_bytes = std::size_t{8} << 20;
constexpr std::size_t parts_a_time = 256;  // events whose parts are asked for at once
constexpr int spans = 54;                  // rooms' numbers have at most 53 bits

struct Reading {
  explicit Reading(const Target& target)
      : session(target, Session::Use::reader),
        id((plan_for_growth(session), session)),
        events(session),
        room_events(session),
        number(session),
        find(session),
        parts(session),
        stray_part(session),
        stretches(session),
        first_at(session),
        last_before(session),
        heads(session),
        count(session),
        leaf_hashes(session),
        subtrees(session),
        checkpoints(session),
        covering(session),
        manifests(session),
        rooms(session),
        stays(session),
        given(session) {}
  Session session;
  Prepared<ReadId> id;
  Prepared<ReadEvents> events;
  Prepared<ReadRoomEvents> room_events;
  Prepared<ReadNumber> number;
  Prepared<FindEvent> find;
  Prepared<ReadParts> parts;
  Prepared<PartOfNoEvent> stray_part;
  Prepared<StretchesOf> stretches;
  Prepared<FirstAt> first_at;
  Prepared<LastBefore> last_before;
  Prepared<ReadHeads> heads;
  Prepared<CountEvents> count;
  Prepared<ReadLeafHashes> leaf_hashes;
  Prepared<ReadSubtrees> subtrees;
  Prepared<ReadCheckpoints> checkpoints;
  Prepared<CoveringCheckpoint> covering;
  Prepared<ReadManifests> manifests;
  Prepared<RoomsOf> rooms;
  Prepared<StaysAt> stays;
  Prepared<GivenAt> given;
};

// Puts their parts to events, which are in order of seq.
void put_parts(Reading& db, std::span<StoredEvent> to) {
  if (to.empty()) return;
  auto at = to.begin();
  db.parts.row.first = to.front().seq;
  db.parts.row.last = to.back().seq;
  db.parts.each([&] {
    auto& row = db.parts.row;
    while (at != to.end() && at->seq < row.seq) ++at;
    if (at == to.end() || at->seq != row.seq) return;
    at->parts.push_back(
        {row.n, std::move(row.kind), from_hex(row.salt).value_or(row.salt), std::move(row.data)});
  });
}

std::size_t size_of(const StoredEvent& event) {
  std::size_t bytes = event.leaf.size();
  for (const auto& part : event.parts) bytes += part.data.size();
  return bytes;
}

class StoredReader final : public ArchiveReader {
 public:
  // A volume of `archive`. One whose ordinal is 0 is the one that grows at the first connection; a
  // later one does not take what has come into its place since for it.
  StoredReader(Target archive, Volume volume)
      : archive_(std::move(archive)), volume_(std::move(volume)) {}

  Extent connect() {
    const VolumeGate gate(archive_, VolumeGate::Side::opening);
    reading_ = std::make_unique<Reading>(volume_.target);
    const Extent extent = extent_of(reading_->session);
    if (volume_.ordinal == 0) volume_.ordinal = extent.ordinal;
    if (extent.ordinal == volume_.ordinal) return extent;
    reading_.reset();
    throw DatabaseError(volume_.target.name + " is not volume " + std::to_string(volume_.ordinal));
  }

  Read<std::string> id() override {
    return with([](Reading& db) {
      db.id.one();
      return db.id.row.id;
    });
  }

  Read<std::vector<StoredEvent>> events(std::int64_t first, std::size_t max) override {
    return with([&](Reading& db) {
      std::vector<StoredEvent> page;
      std::size_t bytes = 0;
      db.events.row.first = first;
      while (page.size() < max && bytes < page_bytes) {
        const std::size_t before = page.size(), more = std::min(max - before, parts_a_time);
        db.events.row.max = static_cast<std::int64_t>(more);
        db.events.each([&] { page.push_back(db.events.row.event()); });
        const bool end = page.size() < before + more;
        put_parts(db, std::span(page).subspan(before));
        for (std::size_t i = before; i < page.size() && bytes < page_bytes; ++i)
          if ((bytes += size_of(page[i])) >= page_bytes) page.resize(i + 1);
        if (end) break;
        db.events.row.first = page.back().seq + 1;
      }
      return page;
    });
  }

  Read<std::optional<std::int64_t>> part_of_no_event(std::int64_t first,
                                                     std::int64_t end) override {
    return with([&](Reading& db) -> std::optional<std::int64_t> {
      db.stray_part.row.first = first;
      db.stray_part.row.end = end;
      if (!db.stray_part.one()) return std::nullopt;
      return db.stray_part.row.seq;
    });
  }

  Read<std::vector<StoredEvent>> room_events(std::int64_t room_id, std::int64_t first_rn,
                                             std::size_t max) override {
    return with([&](Reading& db) {
      std::vector<StoredEvent> page;
      std::size_t bytes = 0;
      auto& row = db.room_events.row;
      row.of_room = room_id;
      row.first = first_rn;
      row.max = static_cast<std::int64_t>(max);
      std::vector<StoredEvent> bare;
      db.room_events.each([&] { bare.push_back(row.event()); });
      const bool more = bare.size() == max;
      for (auto& event : bare) {
        if (bytes >= page_bytes && event.number != page.back().number) return page;
        put_parts(db, std::span(&event, 1));
        bytes += size_of(event);
        page.push_back(std::move(event));
      }
      if (!more || page.empty()) return page;
      // The last number may go on behind the page.
      const auto last = *page.back().number;
      if (*page.front().number != last) {
        std::erase_if(page, [&](const auto& event) { return event.number == last; });
        return page;
      }
      page.clear();
      db.number.row.of_room = room_id;
      db.number.row.number = last;
      std::vector<StoredEvent> all;
      db.number.each([&] { all.push_back(db.number.row.event()); });
      for (auto& event : all) {
        put_parts(db, std::span(&event, 1));
        page.push_back(std::move(event));
      }
      return page;
    });
  }

  Read<std::optional<StoredEvent>> find(const std::string& event_id) override {
    return with([&](Reading& db) -> std::optional<StoredEvent> {
      std::vector<std::int64_t> among;
      db.stretches.row.id = event_id;
      db.stretches.each([&] { among.push_back(db.stretches.row.stretch); });
      for (const auto stretch : among) {
        auto& row = db.find.row;
        row.id = event_id;
        row.first = stretch * stretch_size;
        row.end = row.first + stretch_size;
        if (!db.find.one()) continue;
        auto found = row.event();
        put_parts(db, std::span(&found, 1));
        return found;
      }
      return std::nullopt;
    });
  }

  Read<std::optional<std::int64_t>> first_at(std::int64_t at_us) override {
    return with([&](Reading& db) -> std::optional<std::int64_t> {
      db.first_at.row.at = at_us;
      if (!db.first_at.one()) return std::nullopt;
      return db.first_at.row.seq;
    });
  }

  Read<std::optional<std::int64_t>> last_before(std::int64_t at_us) override {
    return with([&](Reading& db) -> std::optional<std::int64_t> {
      db.last_before.row.at = at_us;
      if (!db.last_before.one()) return std::nullopt;
      return db.last_before.row.seq;
    });
  }

  Read<std::map<std::string, SourceHead>> heads() override {
    return with([](Reading& db) {
      std::map<std::string, SourceHead> heads;
      db.heads.each([&] {
        heads[db.heads.row.src] = {db.heads.row.sn, digest(db.heads.row.hash)};
      });
      return heads;
    });
  }

  Read<std::int64_t> size() override {
    return with([](Reading& db) {
      db.count.one();
      return db.count.row.count;
    });
  }

  Read<std::vector<base::Sha256>> leaf_hashes(std::int64_t first, std::size_t count) override {
    return with([&](Reading& db) {
      db.leaf_hashes.row.first = first;
      db.leaf_hashes.row.max = static_cast<std::int64_t>(count);
      return hashes(db.leaf_hashes);
    });
  }

  Read<std::vector<base::Sha256>> subtrees(int level, std::int64_t first,
                                           std::size_t count) override {
    return with([&](Reading& db) {
      db.subtrees.row.level = level;
      db.subtrees.row.first = first;
      db.subtrees.row.max = static_cast<std::int64_t>(count);
      return hashes(db.subtrees);
    });
  }

  Read<std::vector<Checkpoint>> checkpoints(std::int64_t above, std::size_t max) override {
    return with([&](Reading& db) {
      std::vector<Checkpoint> out;
      db.checkpoints.row.above = above;
      db.checkpoints.row.max = static_cast<std::int64_t>(max);
      db.checkpoints.each([&] { out.push_back(checkpoint_of(db.checkpoints.row)); });
      return out;
    });
  }

  Read<std::optional<Checkpoint>> checkpoint_covering(std::int64_t size) override {
    return with([&](Reading& db) -> std::optional<Checkpoint> {
      db.covering.row.at_least = size;
      if (!db.covering.one()) return std::nullopt;
      return checkpoint_of(db.covering.row);
    });
  }

  Read<std::vector<StoredManifest>> manifests(std::int64_t above, std::size_t max) override {
    return with([&](Reading& db) {
      std::vector<StoredManifest> out;
      auto& row = db.manifests.row;
      row.above = above;
      row.max = static_cast<std::int64_t>(max);
      db.manifests.each([&] { out.push_back({row.number, row.sha256, row.body}); });
      return out;
    });
  }

  Read<std::vector<std::int64_t>> rooms(const std::string& jid) override {
    return with([&](Reading& db) {
      std::vector<std::int64_t> out;
      db.rooms.row.jid = jid;
      db.rooms.each([&] { out.push_back(db.rooms.row.room); });
      return out;
    });
  }

  Read<std::vector<Stay>> present(std::int64_t room_id, std::int64_t number) override {
    return with([&](Reading& db) {
      std::vector<Stay> out;
      auto& row = db.stays.row;
      row.of_room = room_id;
      row.number = number;
      for (row.span = -1; row.span < spans; ++row.span) {
        row.above = row.span < 0 ? -1 : number - (std::int64_t{1} << row.span);
        db.stays.each([&] {
          Stay& stay = out.emplace_back();
          stay.session = std::move(row.session);
          stay.pseudonym = std::move(row.person);
          stay.join_seq = row.join_seq;
          stay.join_rn = row.join_rn;
          stay.joined_us = row.joined;
          stay.jid = std::move(row.jid);
          stay.nick = std::move(row.nick);
          if (row.span < 0) return;
          stay.leave_seq = row.leave_seq;
          stay.leave_rn = row.leave_rn;
        });
      }
      if (!std::ranges::is_sorted(out, {}, &Stay::join_seq))
        std::ranges::sort(out, {}, &Stay::join_seq);
      return out;
    });
  }

  Read<std::vector<std::int64_t>> given_out(std::int64_t room_id, std::int64_t number) override {
    return with([&](Reading& db) {
      std::vector<std::int64_t> out;
      auto& row = db.given.row;
      row.of_room = room_id;
      row.number = number;
      for (row.span = 0; row.span < spans; ++row.span) {
        row.above = number - (std::int64_t{1} << row.span);
        db.given.each([&] { out.push_back(row.seq); });
      }
      std::ranges::sort(out);
      return out;
    });
  }

  std::string last_error() const override { return last_error_; }

 private:
  template <class F>
  auto with(F&& act) -> Read<std::invoke_result_t<F, Reading&>> {
    try {
      if (!reading_) connect();
      return act(*reading_);
    } catch (const DatabaseError& error) {
      last_error_ = error.what();
      reading_.reset();
      return base::fail(StoreError::unavailable);
    }
  }

  const Target archive_;
  Volume volume_;
  std::unique_ptr<Reading> reading_;
  std::string last_error_;
};

}  // namespace

namespace archive {

OpenVolume open_volume(const Target& archive, const Volume& volume) {
  auto reader = std::make_unique<StoredReader>(archive, volume);
  const Extent extent = reader->connect();
  return {extent, volume.target.name, std::move(reader)};
}

}  // namespace archive

}  // namespace db
