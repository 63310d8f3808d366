// SPDX-License-Identifier: Apache-2.0
// Tampering with what stands beside the events: checkpoints, parts of no event, manifests.
#include <algorithm>
#include <catch2/catch.hpp>
#include <limits>

#include "compliance/tree/merkle.h"
#include "compliance/verify/archive.h"
#include "record/leaf.h"
#include "tests/unit/compliance/fake_archive.h"

using compliance::Kind;
using tests::Archive;
using tests::Names;

TEST_CASE("a checkpoint that comes when the tree has gone past it hides none behind it") {
  Archive a;
  a.outside.clear();
  a.archive.checkpoints_a_page = 1;
  auto& trees = a.archive.signed_trees;
  SECTION("an old note again, and another behind it that does not fit") {
    trees[2].note = trees[0].note;
    CHECK(a.names() == Names{"CKPT_INCONSISTENT"});
    trees[4].root = base::sha256("other");
    trees[4].note = a.note(500, trees[4].root);
    CHECK(a.names() == Names{"CKPT_INCONSISTENT", "ROOT_MISMATCH"});
  }
  SECTION("one that does not fit itself") {
    trees[2].note = a.note(150, base::sha256("other"));
    CHECK(a.names() == Names{"CKPT_INCONSISTENT", "ROOT_MISMATCH"});
  }
  SECTION("behind the last event") {
    trees.push_back({700, base::sha256("x"), 0, a.note(150, base::sha256("other"))});
    trees.push_back({800, base::sha256("x"), 0, a.note(800, base::sha256("x"))});
    CHECK(a.names() == Names{"CKPT_INCONSISTENT", "ROOT_MISMATCH", "TRUNCATED"});
  }
  SECTION("from outside, in any order, of sizes that have no row") {
    compliance::CompactRange tree;
    for (std::size_t n = 0; n < 50; ++n) tree.append(record::leaf_hash(a.row(n).leaf));
    a.outside = {a.note(600, trees[5].root), a.note(50, tree.root()),
                 a.note(0, compliance::CompactRange().root())};
    CHECK(a.names() == Names{});
    a.outside.push_back(a.note(40, tree.root()));
    CHECK(a.names() == Names{"CKPT_INCONSISTENT"});
  }
}

TEST_CASE("parts of no event are named, wherever none is") {
  Archive a;
  std::int64_t seq = 0;
  Names names{"PART_MODIFIED"};
  SECTION("before the first") { seq = -7; }
  SECTION("behind the last") { seq = 600; }
  SECTION("under the largest number but one") {
    seq = std::numeric_limits<std::int64_t>::max() - 1;
  }
  SECTION("in a hole") {
    seq = 301;
    a.archive.rows.erase(a.archive.rows.begin() + 300, a.archive.rows.begin() + 302);
    names.merge(Names{"SEQ_GAP", "SRC_GAP", "ROOM_GAP"});
  }
  a.archive.stray_parts = {seq};
  const auto found = a.verify();
  const auto stray = std::ranges::find(found, Kind::part_modified, &compliance::Finding::kind);
  REQUIRE(stray != found.end());
  CHECK(stray->seq == seq);
  CHECK(a.names() == names);
}

TEST_CASE("manifests of exports are what was given out, each after the one before it") {
  Archive a;
  std::string before;
  for (int n = 1; n <= 120; ++n) {
    const std::string text = R"({"first":0,"kind":"range","last":4,"number":)" + std::to_string(n) +
                             R"(,"previous":")" + before + R"(","size":600,"v":1})" + "\n";
    before = base::hex(base::as_chars(base::sha256(text)));
    a.archive.exported.push_back({n, before, text});
  }
  CHECK(a.names() == Names{});
  auto& kept = a.archive.exported;
  const auto anew = [](compliance::StoredManifest& manifest) {
    manifest.sha256 = base::hex(base::as_chars(base::sha256(manifest.text)));
  };
  std::size_t findings = 1;
  std::string where = "manifest 70";
  SECTION("its hash") { kept[69].sha256[0] ^= 1; }
  SECTION("one taken out of the middle") { kept.erase(kept.begin() + 68); }
  SECTION("the last, rewritten") {
    kept[119].text.replace(kept[119].text.find("\"last\":4"), 8, "\"last\":9");
    where = "manifest 120";
  }
  SECTION("no manifest any more") {
    kept[119].text = "{}";
    anew(kept[119]);
    where = "manifest 120";
  }
  SECTION("rewritten with its hash: the next one names another") {
    kept[68].text.replace(kept[68].text.find("\"last\":4"), 8, "\"last\":9");
    anew(kept[68]);
  }
  SECTION("under another number") {
    kept[119].number = 121;
    where = "manifest 121";
  }
  SECTION("the first ones are in volumes elsewhere") {
    kept.erase(kept.begin(), kept.begin() + 69);
    findings = 0;
  }
  const auto found = a.verify();
  REQUIRE(found.size() == findings);
  for (const auto& finding : found)
    CHECK((finding.kind == Kind::file_modified && finding.where == where));
}
