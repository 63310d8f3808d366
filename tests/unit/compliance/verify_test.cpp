// SPDX-License-Identifier: Apache-2.0
// Each way of tampering with an archive, and the name by which it is found.
#include <algorithm>
#include <catch2/catch.hpp>
#include <limits>
#include <set>

#include "compliance/tree/merkle.h"
#include "compliance/verify/archive.h"
#include "compliance/verify/chains.h"
#include "record/leaf.h"
#include "tests/unit/compliance/fake_archive.h"

using compliance::Checkpoint;
using compliance::Kind;
using compliance::StoredEvent;
using tests::Archive;
using tests::Names;
using tests::room;
using tests::Writer;

TEST_CASE("an archive as it was written is clean") {
  Archive a;
  CHECK(a.names() == Names{});
  CHECK(a.verified.events == 600);
  CHECK(a.verified.parts == 1200);
  CHECK(a.verified.signed_to == 600);
  CHECK(a.verified.sources == 1);
}

TEST_CASE("an empty archive is clean, and says that nothing was signed") {
  Archive a(0);
  a.archive.signed_trees.clear();
  a.outside.clear();
  a.archive.stored_heads.clear();
  const auto found = a.verify();
  REQUIRE(found.size() == 1);
  CHECK(found[0].information);
}

TEST_CASE("C24: a byte of a leaf that is changed names that leaf and no other") {
  for (const std::size_t n : {std::size_t{0}, std::size_t{300}, std::size_t{599}}) {
    Archive a;
    auto& leaf = a.row(n).leaf;
    leaf[leaf.find("\"ts\":") + 8] ^= 1;
    const auto found = a.verify();
    REQUIRE_FALSE(found.empty());
    for (const auto& finding : found) CHECK(finding.seq == static_cast<std::int64_t>(n));
    CHECK(a.names().contains("LEAF_MODIFIED"));
  }
}

TEST_CASE("a leaf changed together with the hash beside it is found by the one after it") {
  Archive a;
  auto& row = a.row(300);
  row.leaf[row.leaf.find("\"stanza_id\":\"id\"") + 13] = 'x';
  row.leaf_hash = base::hex(base::as_chars(record::leaf_hash(row.leaf)));
  const auto found = a.verify();
  const auto modified = std::ranges::find(found, Kind::leaf_modified, &compliance::Finding::kind);
  REQUIRE(modified != found.end());
  CHECK(modified->seq == 300);
  CHECK(a.names() == Names{"LEAF_MODIFIED", "ROOT_MISMATCH", "CKPT_INCONSISTENT", "INDEX_STALE"});
}

TEST_CASE("a leaf whose own link was changed is named itself, not the one before it") {
  Archive a;
  auto& row = a.row(300);
  row.leaf[row.leaf.find("\"sp\":\"") + 6] ^= 1;
  row.leaf_hash = base::hex(base::as_chars(record::leaf_hash(row.leaf)));
  for (const auto& finding : a.verify())
    if (finding.kind == Kind::leaf_modified) CHECK(finding.seq == 300);
  CHECK(a.names().contains("LEAF_MODIFIED"));
}

TEST_CASE("C25: a column that does not say what the leaf says") {
  Archive a;
  const auto only = [&] {
    const auto found = a.verify();
    return found.size() == 1 && found[0].kind == Kind::projection_mismatch && found[0].seq == 300;
  };
  SECTION("src") { a.row(300).source = "n1.2"; }
  SECTION("sn") { a.row(300).sn = 5; }
  SECTION("event_id") { a.row(300).event_id = "x"; }
  SECTION("t") { a.row(300).code = 103; }
  SECTION("ts") { a.row(300).at_us += 1; }
  SECTION("room") { a.row(300).room_id = 9; }
  SECTION("no room") { a.row(300).room_id.reset(); }
  SECTION("rn") { a.row(300).number = 5; }
  SECTION("kind of a part") { a.row(300).parts[0].kind = "stanza"; }
  CHECK(only());
}

TEST_CASE("parts: changed, gone, too many, emptied though no event says so") {
  Archive a;
  auto& parts = a.row(300).parts;
  Kind kind = Kind::part_modified;
  SECTION("a text") { parts[0].data = "other"; }
  SECTION("a salt") { parts[0].salt[0] ^= 1; }
  SECTION("gone") {
    parts.erase(parts.begin());
    kind = Kind::part_missing;
  }
  SECTION("the last gone") {
    parts.pop_back();
    kind = Kind::part_missing;
  }
  SECTION("too many") { parts.push_back({2, "body", std::string(32, 's'), "x"}); }
  SECTION("one before the first") { parts.insert(parts.begin(), {-1, "body", "s", "x"}); }
  SECTION("emptied") {
    parts[0].data.clear();
    parts[0].salt.clear();
    kind = Kind::part_missing;
  }
  const auto found = a.verify();
  REQUIRE(found.size() == 1);
  CHECK(found[0].kind == kind);
  CHECK_FALSE(found[0].information);
  CHECK(found[0].seq == 300);
}

TEST_CASE("C26 c: a row taken out of the middle") {
  Archive a;
  a.archive.rows.erase(a.archive.rows.begin() + 300);
  SECTION("with the hole") { CHECK(a.names() == Names{"SEQ_GAP", "SRC_GAP", "ROOM_GAP"}); }
  SECTION("and the rest numbered anew") {
    for (std::size_t n = 300; n < a.archive.rows.size(); ++n) a.row(n).seq -= 1;
    CHECK(a.names() == Names{"SRC_GAP", "ROOM_GAP", "ROOT_MISMATCH", "CKPT_INCONSISTENT",
                             "INDEX_STALE", "TRUNCATED"});
  }
}

TEST_CASE("C26 a: the tail cut off, checkpoints and all") {
  Archive a;
  a.archive.rows.resize(450);
  std::erase_if(a.archive.signed_trees, [](const Checkpoint& c) { return c.size > 450; });
  a.archive.stored_heads["n1.1"] = {450, record::leaf_hash(a.row(449).leaf)};
  SECTION("is found by a checkpoint from outside") { CHECK(a.names() == Names{"TRUNCATED"}); }
  SECTION("and by nothing if both are lost: the stated limit") {
    a.outside.clear();
    CHECK(a.names() == Names{});
  }
}

TEST_CASE("a tail that was lost is found, accepted or not") {
  Archive a;
  a.archive.rows.resize(450);
  std::erase_if(a.archive.signed_trees, [](const Checkpoint& c) { return c.size > 450; });
  a.archive.stored_heads["n1.1"] = {450, record::leaf_hash(a.row(449).leaf)};
  compliance::CompactRange tree;
  for (const auto& row : a.archive.rows) tree.append(record::leaf_hash(row.leaf));
  const compliance::CheckpointText text{a.origin + "/2", 450, tree.root()};
  a.outside.push_back(compliance::sign_note(text.text(), a.origin, {&a.key}));
  for (const auto& finding : a.verify()) CHECK_FALSE(finding.information);
  CHECK(a.names() == Names{"TRUNCATED"});
}

TEST_CASE("the tail cut off behind a head that says otherwise") {
  Archive a;
  a.archive.rows.resize(599);
  CHECK(a.names() == Names{"TRUNCATED"});
}

TEST_CASE("a row put in between") {
  Archive a;
  auto twin = a.row(300);
  twin.event_id = "another";
  a.archive.rows.insert(a.archive.rows.begin() + 300, twin);
  for (std::size_t n = 301; n < a.archive.rows.size(); ++n) a.row(n).seq += 1;
  const auto names = a.names();
  CHECK(names.contains("SRC_DUP"));
  CHECK(names.contains("ROOT_MISMATCH"));
}

TEST_CASE("two rows in another order") {
  Archive a;
  std::swap(a.row(300), a.row(301));
  std::swap(a.row(300).seq, a.row(301).seq);
  const auto names = a.names();
  CHECK(names.contains("SRC_GAP"));
  CHECK(names.contains("SRC_DUP"));
  CHECK(names.contains("ROOT_MISMATCH"));
}

TEST_CASE("C29: everything written anew and signed with the stolen key") {
  Archive a, forged;
  forged.key = base::SigningKey::from_seed(std::string(32, 'k'));
  a.key = base::SigningKey::from_seed(std::string(32, 'k'));
  a.keys = forged.keys = {{a.origin, a.key.public_key()}};
  a.seal();
  forged.row(10) = [&] {
    Writer other;
    StoredEvent made;
    for (int n = 0; n <= 10; ++n)
      made = other.message(n == 10 ? "never said" : "text " + std::to_string(n),
                           n % 3 == 0 ? 8 : room);
    return made;
  }();
  forged.archive.rows.resize(11);
  forged.writer.sn = 11;
  forged.writer.previous = record::leaf_hash(forged.row(10).leaf);
  forged.seal();
  CHECK(forged.names() == Names{});  // by itself it holds together
  forged.outside = a.outside;
  CHECK(forged.names().contains("TRUNCATED"));
}

TEST_CASE("two checkpoints over as many events that contradict each other") {
  Archive a;
  a.outside.push_back(a.note(300, base::sha256("other")));
  CHECK(a.names() == Names{"CKPT_INCONSISTENT"});
}

TEST_CASE("checkpoints: signatures and keys") {
  Archive a;
  SECTION("a signature that is none") {
    auto& note = a.archive.signed_trees[2].note;
    note[note.size() - 10] ^= 1;
    CHECK(a.names() == Names{"CKPT_SIG_BAD"});
  }
  SECTION("a size that was not signed") {
    a.archive.signed_trees[2].root = base::sha256("x");
    CHECK(a.names() == Names{"CKPT_INCONSISTENT"});
  }
  SECTION("a key that nobody knows") {
    a.keys = {{a.origin, base::SigningKey::make().public_key()}};
    CHECK(a.names() == Names{"KEY_UNKNOWN"});
  }
}

TEST_CASE("what is kept of the tree is held against the leaves") {
  Archive a;
  a.archive.complete[1].hash[0] ^= 1;
  CHECK(a.names() == Names{"INDEX_STALE"});
}

TEST_CASE("a head that does not say where its source ends") {
  Archive a;
  a.archive.stored_heads["n1.1"].hash[0] ^= 1;
  CHECK(a.names() == Names{"INDEX_STALE"});
}

TEST_CASE("a source that ended, and whose tail was cut, is missed by the start after it") {
  Archive a;
  a.writer.restart();
  a.archive.rows.push_back(a.writer.started("n1.1", a.writer.ended.sn, a.writer.ended.hash));
  a.seal();
  CHECK(a.names() == Names{});
  SECTION("its last leaf cut off") {
    a.archive.rows.erase(a.archive.rows.begin() + 599);
    a.row(599).seq = 599;
    a.archive.stored_heads["n1.1"] = {599, record::leaf_hash(a.row(598).leaf)};
    a.seal();
    CHECK(a.names() == Names{"SRC_GAP"});
  }
  SECTION("another last leaf") {
    Writer other;
    other.random = tests::SeededRandom(5);
    std::vector<StoredEvent> rows;
    for (int n = 0; n < 600; ++n) rows.push_back(other.message("x", n % 3 == 0 ? 8 : room));
    std::copy(rows.begin(), rows.end(), a.archive.rows.begin());
    a.archive.stored_heads["n1.1"] = {600, other.previous};
    a.seal();
    CHECK(a.names() == Names{"LEAF_MODIFIED"});
  }
}

TEST_CASE("a hole that an event of a restore explains is information") {
  Archive a(10);
  a.writer.restart();
  a.archive.rows.push_back(a.writer.started("n1.1", 12, base::sha256("lost")));
  a.seal();
  CHECK(a.names() == Names{"SRC_GAP"});
  record::Event event;
  event.body = record::RestoreDetected{.older = record::RestoreDetected::Older::archive,
                                       .source = "n1.1",
                                       .content_sn = 12,
                                       .archive_sn = 10,
                                       .lost_first = 11,
                                       .lost_last = 12};
  a.archive.rows.push_back(a.writer.next(std::move(event)));
  a.seal();
  for (const auto& finding : a.verify()) CHECK(finding.information);
  CHECK(a.names() == Names{"SRC_GAP"});
}

TEST_CASE("C20: a clock that was set is noticed, and not one that is slow") {
  const auto after = [](base::Micros step) {
    Archive a(20);
    a.writer.clock.step_wall(step);
    for (int n = 0; n < 100; ++n) {
      a.archive.rows.push_back(a.writer.message("later"));
      a.writer.clock.advance(base::milliseconds(600));
    }
    a.seal();
    return a.names();
  };
  CHECK(after(0) == Names{});
  CHECK(after(base::seconds(2)) == Names{});
  CHECK(after(base::seconds(2) + base::milliseconds(10)) == Names{"CLOCK_STEP_UNEXPLAINED"});
  CHECK(after(base::seconds(3600)) == Names{"CLOCK_STEP_UNEXPLAINED"});
  CHECK(after(-base::seconds(3600)) == Names{"CLOCK_STEP_UNEXPLAINED"});
  CHECK(after(-base::seconds(1)) == Names{});
}

TEST_CASE("an archive that does not answer is not called clean") {
  Archive a;
  std::vector<compliance::Finding> found;
  compliance::Report report([&](const compliance::Finding& f) { found.push_back(f); });
  compliance::VerifyArchive what{a.keys, {}, [](std::int64_t, std::int64_t) { return false; }};
  CHECK_FALSE(compliance::verify_archive(a.archive, what, report));
}

TEST_CASE("a finding is a line of JSON") {
  const compliance::Finding finding{Kind::src_gap, false, 5, "source n1.1 sn 4", "missing"};
  CHECK(
      finding.json() ==
      R"({"finding":"SRC_GAP","information":false,"seq":5,"text":"missing","where":"source n1.1 sn 4"})");
}

TEST_CASE("rows under numbers that no event has are found, and end") {
  Archive a;
  auto row = a.row(5);
  SECTION("below zero") {
    row.seq = -1;
    a.archive.rows.insert(a.archive.rows.begin(), row);
  }
  SECTION("the largest there is") {
    row.seq = std::numeric_limits<std::int64_t>::max();
    a.archive.rows.push_back(row);
  }
  CHECK(a.names() == Names{"SEQ_GAP"});
}

TEST_CASE("heads that are gone are missed") {
  Archive a;
  a.archive.stored_heads.clear();
  CHECK(a.names() == Names{"INDEX_STALE"});
}
