// SPDX-License-Identifier: Apache-2.0
// verifier/vectors.json, made by a program that knows docs/archive-format.md alone.
#include <catch2/catch.hpp>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "compliance/tree/merkle.h"
#include "compliance/tree/note.h"
#include "record/leaf.h"

namespace {

using compliance::Note;
using compliance::NoteKey;
using compliance::Signed;
using nlohmann::json;

const json& vectors() {
  static const json all = json::parse(std::ifstream(VERIFIER_VECTORS));
  return all;
}

// "leaf i is SHA-256 of 0x00 and i in decimal digits"
compliance::TreeHashes leaves() {
  return [](int level, std::int64_t first,
            std::size_t count) -> std::optional<std::vector<base::Sha256>> {
    if (level != 0) return std::nullopt;
    std::vector<base::Sha256> found;
    for (std::size_t i = 0; i < count; ++i)
      found.push_back(record::leaf_hash(std::to_string(first + static_cast<std::int64_t>(i))));
    return found;
  };
}

std::map<std::int64_t, std::string> roots() {
  std::map<std::int64_t, std::string> found;
  for (const auto& v : vectors()["trees"]["roots"]) found[v["size"]] = v["root"];
  return found;
}

std::string hex(const base::Sha256& hash) { return base::hex(base::as_chars(hash)); }
std::string base64(const base::Sha256& hash) { return base::base64(base::as_chars(hash)); }

std::vector<NoteKey> keys() {
  std::vector<NoteKey> found;
  for (const auto& v : vectors()["notes"]["keys"])
    found.push_back(NoteKey::parse(v["line"].get<std::string>()).value());
  return found;
}

base::SigningKey signing_key(std::size_t n) {
  return base::SigningKey::from_seed(
      base::from_hex(vectors()["notes"]["keys"][n]["seed"].get<std::string>()).value());
}

}  // namespace

TEST_CASE("roots are those of the verifier's vectors") {
  const auto expected = roots();
  REQUIRE(expected.size() > 30);
  compliance::CompactRange tree;
  for (std::int64_t size = 0; size <= 300; ++size) {
    if (const auto root = expected.find(size); root != expected.end()) {
      INFO(size);
      CHECK(hex(tree.root()) == root->second);
      CHECK(hex(compliance::tree_at(leaves(), size).value().root()) == root->second);
    }
    tree.append(record::leaf_hash(std::to_string(size)));
  }
}

TEST_CASE("paths are those of the verifier's vectors, and lead to the root") {
  const auto expected = roots();
  for (const auto& v : vectors()["trees"]["paths"]) {
    const std::int64_t size = v["size"], index = v["index"];
    INFO(index << " of " << size);
    auto path = compliance::inclusion_proof(leaves(), index, size).value();
    std::vector<std::string> steps;
    for (const auto& step : path) steps.push_back(hex(step));
    CHECK(json(steps) == v["path"]);
    const auto leaf = record::leaf_hash(std::to_string(index));
    CHECK(hex(compliance::root_from(path, leaf, index, size).value()) == expected.at(size));
    CHECK_FALSE(compliance::root_from(path, leaf, size, size));
    path.push_back(leaf);
    CHECK_FALSE(compliance::root_from(path, leaf, index, size));
    path.pop_back();
    if (path.empty()) continue;
    path.pop_back();
    CHECK_FALSE(compliance::root_from(path, leaf, index, size));
  }
}

TEST_CASE("what stands beside a range is that of the verifier's vectors") {
  const auto expected = roots();
  for (const auto& v : vectors()["trees"]["ranges"]) {
    const std::int64_t size = v["size"], first = v["first"], last = v["last"];
    INFO(first << " to " << last << " of " << size);
    const auto before = compliance::tree_at(leaves(), first).value();
    std::vector<std::string> left, right;
    for (const auto& peak : before.peaks()) left.push_back(base64(peak));
    CHECK(json(left) == v["left"]);
    auto tree = compliance::tree_of(before.peaks(), first).value();
    for (auto at = first; at <= last; ++at) tree.append(record::leaf_hash(std::to_string(at)));
    std::vector<int> heights;
    const auto behind = compliance::right_of(leaves(), last + 1, size).value();
    for (const auto& beside : behind) {
      right.push_back(base64(beside.hash));
      heights.push_back(beside.height);
      tree.append(beside.hash, beside.height);
    }
    CHECK(json(right) == v["right"]);
    CHECK(heights == compliance::heights_right_of(last + 1, size));
    CHECK(tree.size() == size);
    CHECK(hex(tree.root()) == expected.at(size));
  }
}

TEST_CASE("keys are written as in the verifier's vectors") {
  for (std::size_t n = 0; n < 3; ++n) {
    const auto& v = vectors()["notes"]["keys"][n];
    const NoteKey key{.name = v["name"], .key = signing_key(n).public_key()};
    CHECK(key.text() == v["line"]);
    CHECK(base::hex(key.id()) == v["id"]);
    CHECK(keys()[n] == key);
  }
}

TEST_CASE("notes are signed and read as in the verifier's vectors") {
  const auto all = keys();
  for (const auto& v : vectors()["notes"]["good"]) {
    INFO(v["name"]);
    const auto note = Note::parse(v["note"].get<std::string>());
    REQUIRE(note);
    CHECK(note->text == v["text"]);
    std::vector<base::SigningKey> signers;
    std::vector<const base::SigningKey*> these;
    for (const std::size_t n : v["keys"]) signers.push_back(signing_key(n));
    for (const auto& signer : signers) these.push_back(&signer);
    CHECK(compliance::sign_note(note->text, all[0].name, these) == v["note"]);
    for (std::size_t n = 0; n < all.size(); ++n) {
      const auto signers_of = v["keys"].get<std::set<std::size_t>>();
      const bool signed_it = signers_of.count(n) > 0;
      CHECK((compliance::check_signatures(*note, {all[n]}) == Signed::yes) == signed_it);
    }
  }
}

TEST_CASE("notes that the verifier refuses are refused") {
  const auto all = keys();
  for (const auto& v : vectors()["notes"]["bad"]) {
    INFO(v["name"]);
    const auto note = Note::parse(v["note"].get<std::string>());
    CHECK_FALSE((note && compliance::check_signatures(*note, {all[v["key"]]}) == Signed::yes));
  }
}

TEST_CASE("files of notes, whole and torn, are read as in the verifier's vectors") {
  const auto& files = vectors()["notes"]["files"];
  REQUIRE(files.size() > 30);
  for (const auto& v : files) {
    INFO(v["name"]);
    CHECK(json(compliance::notes_in(v["file"].get<std::string>())) == v["notes"]);
  }
}

TEST_CASE("checkpoints of the verifier's small archive are over its leaves") {
  const auto& archive = vectors()["archive"];
  std::string published;
  for (const auto& text : archive["checkpoints"]) {
    const auto note = Note::parse(text.get<std::string>()).value();
    const auto said = compliance::CheckpointText::parse(note.text).value();
    CHECK(said.text() == note.text);
    compliance::CompactRange tree;
    for (std::int64_t i = 0; i < said.size; ++i) {
      const auto& event = archive["events"][static_cast<std::size_t>(i)];
      tree.append(record::leaf_hash(event["leaf"].get<std::string>()));
    }
    CHECK(tree.root() == said.root);
  }
  const auto notes = compliance::notes_in(archive["published"].get<std::string>());
  CHECK(json(notes) == archive["checkpoints"]);
}
