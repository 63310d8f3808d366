// SPDX-License-Identifier: Apache-2.0
#include "compliance/tree/keys.h"

#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>

namespace {

namespace fs = std::filesystem;

struct Folder {
  Folder() {
    fs::remove_all(path);
    fs::create_directories(path);
  }
  ~Folder() { fs::remove_all(path); }
  std::string file(const std::string& name) const { return path / name; }
  fs::path path = fs::temp_directory_path() / "hansard-keys-test";
};

compliance::ArchiveKeys load(const Folder& folder) {
  auto keys = compliance::load_keys(folder.path);
  if (!keys) FAIL(keys.error());
  return *std::move(keys);
}

}  // namespace

TEST_CASE("the first start makes a key, and every start after it has the same") {
  const Folder folder;
  CHECK(compliance::load_public_keys(folder.path)->empty());
  const auto first = load(folder);
  CHECK(first.made_now);
  CHECK(first.known == std::vector{first.current.public_key()});
  const auto second = load(folder);
  CHECK_FALSE(second.made_now);
  CHECK_FALSE(second.before);
  CHECK(second.known == first.known);
  CHECK(*compliance::load_public_keys(folder.path) == first.known);
}

TEST_CASE("a key that is gone is not replaced") {
  const Folder folder;
  load(folder);
  fs::remove(folder.file("archive.key"));
  const auto without = compliance::load_keys(folder.path);
  REQUIRE_FALSE(without);
  CHECK(without.error().find("from a backup") != std::string::npos);
  CHECK_FALSE(fs::exists(folder.file("archive.key")));
}

TEST_CASE("public halves that are gone come again from the key") {
  const Folder folder;
  const auto first = load(folder);
  fs::remove(folder.file("archive.pub"));
  CHECK(load(folder).known == first.known);
}

TEST_CASE("a rotation keeps the key before until it is not needed any more") {
  const Folder folder;
  CHECK_FALSE(compliance::rotate_key(folder.path));
  const auto first = load(folder).current.public_key();
  const auto made = compliance::rotate_key(folder.path);
  REQUIRE(made);
  const auto keys = load(folder);
  CHECK(keys.current.public_key() == *made);
  REQUIRE(keys.before);
  CHECK(keys.before->public_key() == first);
  CHECK(keys.known == std::vector{*made, first});
  CHECK_FALSE(compliance::rotate_key(folder.path));  // not through
  CHECK(compliance::forget_key_before(folder.path));
  CHECK(compliance::forget_key_before(folder.path));
  CHECK_FALSE(load(folder).before);
  const auto third = compliance::rotate_key(folder.path);
  REQUIRE(third);
  CHECK(load(folder).known == std::vector{*third, *made, first});
}

TEST_CASE("a rotation that was interrupted between its renames is through with the next start") {
  const Folder folder;
  const auto first = load(folder).current.public_key();
  const auto made = compliance::rotate_key(folder.path);
  REQUIRE(made);
  fs::rename(folder.file("archive.key"), folder.file("archive.key.next"));
  const auto keys = load(folder);
  CHECK(keys.current.public_key() == *made);
  CHECK(keys.before->public_key() == first);
}

TEST_CASE("a line that is no key is an error, not left out") {
  const Folder folder;
  load(folder);
  std::ofstream(folder.file("archive.pub"), std::ios::app) << "rubbish\n";
  CHECK_FALSE(compliance::load_keys(folder.path));
  CHECK_FALSE(compliance::load_public_keys(folder.path));
}

TEST_CASE("a key that is lost for good: its public half is put back beside the new one") {
  const Folder folder;
  const auto lost = load(folder).current.public_key();
  fs::remove(folder.file("archive.key"));
  fs::rename(folder.file("archive.pub"), folder.file("archive.pub.lost"));
  const auto made = load(folder);
  CHECK(made.made_now);
  std::ofstream(folder.file("archive.pub"), std::ios::app)
      << std::ifstream(folder.file("archive.pub.lost")).rdbuf();
  const auto keys = load(folder);
  CHECK_FALSE(keys.made_now);
  CHECK(keys.known == std::vector{made.current.public_key(), lost});
}
