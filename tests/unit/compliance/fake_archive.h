// SPDX-License-Identifier: Apache-2.0
// An archive in memory, written as the server writes one, that anybody may tamper with.
#pragma once

#include <algorithm>
#include <catch2/catch.hpp>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "compliance/tree/merkle.h"
#include "compliance/verify/archive.h"
#include "record/leaf.h"
#include "tests/support/fakes.h"

namespace tests {

using compliance::Checkpoint;
using compliance::Kind;
using compliance::StoredEvent;
using compliance::StoreError;

// An archive in memory that anybody may tamper with. What nobody asks for here is not there.
struct FakeArchive final : compliance::ArchiveReader {
  Read<std::string> id() override { return std::string("0123456789abcdef"); }
  Read<std::vector<StoredEvent>> events(std::int64_t first, std::size_t max) override {
    std::vector<StoredEvent> page;
    for (const auto& row : rows)
      if (row.seq >= first && page.size() < max) page.push_back(row);
    return page;
  }
  Read<std::optional<std::int64_t>> part_of_no_event(std::int64_t first,
                                                     std::int64_t end) override {
    const auto stray = stray_parts.lower_bound(first);
    if (stray == stray_parts.end() || *stray >= end) return std::optional<std::int64_t>();
    return std::optional(*stray);
  }
  Read<std::vector<StoredEvent>> room_events(std::int64_t, std::int64_t, std::size_t) override {
    return base::fail(StoreError::unavailable);
  }
  Read<std::optional<StoredEvent>> find(const std::string&) override {
    return std::optional<StoredEvent>();
  }
  Read<std::optional<std::int64_t>> first_at(std::int64_t) override {
    return std::optional<std::int64_t>();
  }
  Read<std::optional<std::int64_t>> last_before(std::int64_t) override {
    return std::optional<std::int64_t>();
  }
  Read<std::map<std::string, compliance::SourceHead>> heads() override { return stored_heads; }
  Read<std::int64_t> size() override { return static_cast<std::int64_t>(rows.size()); }
  Read<std::vector<base::Sha256>> leaf_hashes(std::int64_t first, std::size_t count) override {
    std::vector<base::Sha256> page;
    for (const auto& row : rows)
      if (row.seq >= first && page.size() < count)
        page.push_back(base::sha256_from_hex(row.leaf_hash).value_or(base::Sha256{}));
    return page;
  }
  Read<std::vector<base::Sha256>> subtrees(int level, std::int64_t first,
                                           std::size_t count) override {
    std::vector<base::Sha256> page;
    for (const auto& subtree : complete)
      if (subtree.level == level && subtree.index >= first && page.size() < count)
        page.push_back(subtree.hash);
    return page;
  }
  Read<std::vector<Checkpoint>> checkpoints(std::int64_t above, std::size_t max) override {
    std::vector<Checkpoint> page;
    for (const auto& checkpoint : signed_trees)
      if (checkpoint.size > above && page.size() < std::min(max, checkpoints_a_page))
        page.push_back(checkpoint);
    return page;
  }
  Read<std::optional<Checkpoint>> checkpoint_covering(std::int64_t) override {
    return std::optional<Checkpoint>();
  }
  Read<std::vector<compliance::StoredManifest>> manifests(std::int64_t above,
                                                          std::size_t max) override {
    std::vector<compliance::StoredManifest> page;
    for (const auto& manifest : exported)
      if (manifest.number > above && page.size() < max) page.push_back(manifest);
    return page;
  }
  Read<std::vector<std::int64_t>> rooms(const std::string&) override {
    return std::vector<std::int64_t>();
  }
  Read<std::vector<Stay>> present(std::int64_t, std::int64_t) override {
    return std::vector<Stay>();
  }
  Read<std::vector<std::int64_t>> given_out(std::int64_t, std::int64_t) override {
    return std::vector<std::int64_t>();
  }
  std::string last_error() const override { return "away"; }

  std::vector<StoredEvent> rows;
  std::map<std::string, compliance::SourceHead> stored_heads;
  std::vector<compliance::Subtree> complete;
  std::vector<Checkpoint> signed_trees;
  std::size_t checkpoints_a_page = 1000;
  std::set<std::int64_t> stray_parts;
  std::vector<compliance::StoredManifest> exported;
};

constexpr std::int64_t room = 7;

// Makes leaves as the writer does.
struct Writer {
  StoredEvent next(record::Event event) {
    event.at = clock.wall();
    clock.advance(base::milliseconds(5));
    if (event.room_id != 0) event.number = ++rooms[event.room_id].first;
    record::Placement placement;
    placement.source = source;
    placement.sn = ++sn;
    placement.previous = previous;
    if (event.room_id != 0) placement.room_previous = rooms[event.room_id].second;
    placement.id = base::uuid7(random, event.at);
    placement.mono_ns = clock.monotonic().us * 1000;
    placement.boot = "b1";
    auto leaf = record::build_leaf(event, placement, "key", random);
    previous = leaf.hash;
    if (event.room_id != 0) rooms[event.room_id].second = leaf.hash;
    StoredEvent row{.seq = seq++,
                    .leaf = leaf.bytes,
                    .leaf_hash = base::hex(base::as_chars(leaf.hash)),
                    .source = source,
                    .sn = sn,
                    .event_id = placement.id,
                    .code = static_cast<int>(event.code()),
                    .at_us = event.at.us};
    if (event.room_id != 0) row.room_id = event.room_id, row.number = event.number;
    row.parts = std::move(leaf.parts);
    return row;
  }
  StoredEvent message(const std::string& text, std::int64_t in = room) {
    record::Event event;
    event.room_id = in;
    event.actor.jid = *xmpp::Jid::parse("romeo@localhost/x");
    event.body = record::MessagePosted{"Romeo", "<message>" + text + "</message>", text, "id", ""};
    return next(std::move(event));
  }
  StoredEvent started(const std::string& before, std::int64_t last, const base::Sha256& hash) {
    record::Event event;
    event.body = record::ServerStarted{"1", "b1", before, last, base::hex(base::as_chars(hash))};
    return next(std::move(event));
  }
  // The source after this one.
  void restart() {
    const std::string before = std::exchange(source, source + "'");
    ended = {sn, previous};
    sn = 0;
    previous = {};
    (void)before;
  }

  tests::FakeClock clock;
  tests::SeededRandom random;
  std::string source = "n1.1";
  std::int64_t sn = 0, seq = 0;
  base::Sha256 previous{};
  compliance::SourceHead ended;
  std::map<std::int64_t, std::pair<std::int64_t, base::Sha256>> rooms;
};

struct Archive {
  explicit Archive(int events = 600) {
    for (int n = 0; n < events; ++n)
      archive.rows.push_back(writer.message("text " + std::to_string(n), n % 3 == 0 ? 8 : room));
    seal();
  }
  void seal() {
    compliance::CompactRange tree;
    archive.complete.clear();
    archive.signed_trees.clear();
    outside.clear();
    for (const auto& row : archive.rows) {
      tree.append(record::leaf_hash(row.leaf));
      std::ranges::copy(tree.completed(), std::back_inserter(archive.complete));
      if (tree.size() % 100 == 0 || tree.size() == static_cast<std::int64_t>(archive.rows.size())) {
        outside.push_back(note(tree.size(), tree.root()));
        archive.signed_trees.push_back({tree.size(), tree.root(), 0, outside.back()});
      }
    }
    archive.stored_heads[writer.source] = {writer.sn, writer.previous};
  }
  std::string note(std::int64_t size, const base::Sha256& root) const {
    return compliance::sign_note(compliance::CheckpointText{origin, size, root}.text(), origin,
                                 {&key});
  }
  std::vector<compliance::Finding> verify() {
    std::vector<compliance::Finding> found;
    compliance::Report report([&](const compliance::Finding& f) { found.push_back(f); });
    compliance::VerifyArchive what{keys, outside, {}};
    const auto done = compliance::verify_archive(archive, what, report);
    REQUIRE(done);
    verified = *done;
    return found;
  }
  // The names of what is found, and that it is nothing else.
  std::set<std::string> names() {
    std::set<std::string> names;
    for (const auto& finding : verify()) names.insert(std::string(name(finding.kind)));
    return names;
  }
  StoredEvent& row(std::size_t n) { return archive.rows[n]; }

  Writer writer;
  FakeArchive archive;
  base::SigningKey key = base::SigningKey::make();
  std::string origin = "localhost/archive/0123456789abcdef";
  std::vector<compliance::NoteKey> keys{{origin, key.public_key()}};
  std::vector<std::string> outside;
  compliance::Verified verified;
};

using Names = std::set<std::string>;

}  // namespace tests
