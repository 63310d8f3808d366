// SPDX-License-Identifier: Apache-2.0
#include "compliance/tree/note.h"

#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <cstdio>
#include <filesystem>
#include <fstream>

namespace {

using compliance::Note;
using compliance::NoteKey;
using compliance::Signed;

std::string bytes_of(std::string_view hex) {
  std::string out;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2)
    out += static_cast<char>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16));
  return out;
}

std::string file_of(const std::string& name) {
  const auto folder = std::filesystem::temp_directory_path() / "hansard-note-test";
  std::filesystem::create_directories(folder);
  std::filesystem::remove(folder / name);
  return folder / name;
}

}  // namespace

TEST_CASE("Ed25519 as RFC 8032 §7.1 has it") {
  const auto key = base::SigningKey::from_seed(
      bytes_of("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"));
  CHECK(base::hex(base::as_chars(key.public_key())) ==
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a");
  auto signature = key.sign("");
  CHECK(base::hex(base::as_chars(signature)) ==
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701c"
        "f9b4"
        "6bd25bf5f0595bbe24655141438e7a100b");
  CHECK(base::verify(key.public_key(), "", signature));
  CHECK_FALSE(base::verify(key.public_key(), "x", signature));
  signature[0] ^= 1;
  CHECK_FALSE(base::verify(key.public_key(), "", signature));
}

TEST_CASE("a key is kept in a file that its owner alone may read, and is never replaced") {
  const std::string file = file_of("archive.key");
  const auto key = base::SigningKey::make();
  REQUIRE(key.store(file));
  struct stat about {};
  REQUIRE(::stat(file.c_str(), &about) == 0);
  CHECK((about.st_mode & 0777) == 0600);
  const auto again = base::SigningKey::load(file);
  REQUIRE(again);
  CHECK(again->public_key() == key.public_key());
  CHECK_FALSE(base::SigningKey::make().store(file));
  CHECK(base::SigningKey::load(file)->public_key() == key.public_key());

  ::chmod(file.c_str(), 0640);
  const auto open = base::SigningKey::load(file);
  REQUIRE_FALSE(open);
  CHECK(open.error().find("chmod 600") != std::string::npos);

  const std::string other = file_of("other.key");
  std::ofstream(other) << "no key";
  ::chmod(other.c_str(), 0600);
  CHECK_FALSE(base::SigningKey::load(other));
  CHECK_FALSE(base::SigningKey::load(file_of("absent.key")));
}

// The example of the Go project's package for notes.
TEST_CASE("notes and keys of others are understood") {
  const auto key =
      NoteKey::parse("PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW");
  REQUIRE(key);
  CHECK(key->name == "PeterNeumann");
  CHECK(key->text() == "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW");
  const std::string text =
      "If you think cryptography is the answer to your problem,\n"
      "then you don't know what your problem is.\n"
      "\n"
      "\xe2\x80\x94 PeterNeumann "
      "x08go/ZJkuBS9UG/"
      "SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";
  const auto note = Note::parse(text);
  REQUIRE(note);
  CHECK(compliance::check_signatures(*note, {*key}) == Signed::yes);
  CHECK(compliance::check_signatures(*note, {}) == Signed::unknown);
  auto changed = *note;
  changed.text[0] = 'i';
  CHECK(compliance::check_signatures(changed, {*key}) == Signed::wrong);
}

TEST_CASE("a key that does not hold together is none") {
  for (const auto* text :
       {"", "name", "name+c74f20a3",
        "PeterNeumann+c74f20a4+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TX",
        "PeterNeumann+c74f20a3+Ahpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW", "+c74f20a3+AAAA"})
    CHECK_FALSE(NoteKey::parse(text));
}

TEST_CASE("checkpoints are signed by one key or, while keys change, by two") {
  const auto old_key = base::SigningKey::make(), new_key = base::SigningKey::make();
  const compliance::CheckpointText checkpoint{"localhost/archive/1", 5, base::sha256("root")};
  const std::string signed_note =
      compliance::sign_note(checkpoint.text(), checkpoint.origin, {&new_key, &old_key});
  const auto note = Note::parse(signed_note);
  REQUIRE(note);
  CHECK(note->signatures.size() == 2);
  const NoteKey one{checkpoint.origin, new_key.public_key()},
      two{checkpoint.origin, old_key.public_key()}, other{"localhost/archive/2", one.key};
  CHECK(compliance::check_signatures(*note, {one}) == Signed::yes);
  CHECK(compliance::check_signatures(*note, {two}) == Signed::yes);
  CHECK(compliance::check_signatures(*note, {other}) == Signed::unknown);
  const auto read = compliance::CheckpointText::parse(note->text);
  REQUIRE(read);
  CHECK(read->origin == checkpoint.origin);
  CHECK(read->size == 5);
  CHECK(read->root == checkpoint.root);
}

TEST_CASE("what is no checkpoint is not read as one") {
  const std::string root = base::base64(base::as_chars(base::sha256("")));
  const auto parse = [](const std::string& text) {
    return compliance::CheckpointText::parse(text);
  };
  CHECK(parse("o\n0\n" + root + "\n"));
  CHECK(parse("o\n5\n" + root + "\nmore\n"));
  CHECK_FALSE(parse("\n5\n" + root + "\n"));
  CHECK_FALSE(parse("o\n05\n" + root + "\n"));
  CHECK_FALSE(parse("o\n-5\n" + root + "\n"));
  CHECK_FALSE(parse("o\n5x\n" + root + "\n"));
  CHECK_FALSE(parse("o\n5\n" + root.substr(4) + "\n"));
  CHECK_FALSE(parse("o\n5\n"));
  CHECK_FALSE(parse(""));
}

TEST_CASE("notes in a file: one that was being written when the machine stopped is left out") {
  const auto key = base::SigningKey::make();
  std::string file;
  std::vector<std::string> written;
  for (const int size : {1, 2, 300}) {
    written.push_back(compliance::sign_note(
        compliance::CheckpointText{"o", size, base::sha256("r")}.text(), "o", {&key}));
    file += written.back() + "\n";
  }
  CHECK(compliance::notes_in(file) == written);
  written.pop_back();
  for (std::size_t cut = file.size() - 2; cut > file.size() - 40; --cut)
    CHECK(compliance::notes_in(file.substr(0, cut)) == written);
  CHECK(compliance::notes_in("").empty());

  // Wherever it was cut, what follows it is read.
  const std::size_t two = written[0].size() + 1 + written[1].size() + 1;
  for (std::size_t cut = two; cut < file.size() - 2; ++cut) {
    const auto found = compliance::notes_in(file.substr(0, cut) + "\n\n" + written[0] + "\n");
    REQUIRE(found == std::vector{written[0], written[1], written[0]});
  }
}
