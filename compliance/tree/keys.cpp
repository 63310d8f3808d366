// SPDX-License-Identifier: Apache-2.0
#include "compliance/tree/keys.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <system_error>

#include "base/crypto.h"
#include "compliance/tree/durable.h"

namespace compliance {
namespace {

namespace fs = std::filesystem;

struct Files {
  explicit Files(const std::string& folder)
      : key(folder + "/archive.key"),
        before(folder + "/archive.key.before"),
        next(folder + "/archive.key.next"),
        known(folder + "/archive.pub") {}
  std::string key, before, next, known;
};

std::optional<base::PublicKey> parse(const std::string& line) {
  const auto bytes = base::from_base64(line);
  base::PublicKey key{};
  if (!bytes || bytes->size() != key.size()) return std::nullopt;
  std::ranges::transform(*bytes, key.begin(), [](char c) { return static_cast<unsigned char>(c); });
  return key;
}

base::Result<std::vector<base::PublicKey>, std::string> read_known(const std::string& file) {
  std::vector<base::PublicKey> keys;
  std::ifstream in(file);
  if (!in && fs::exists(file)) return base::fail(because(file + " cannot be read"));
  for (std::string line; std::getline(in, line);) {
    const auto key = parse(line);
    if (!key)
      return base::fail(file + " has a line that is no public key: put it back from a backup");
    keys.push_back(*key);
  }
  return keys;
}

// Whole or not at all, also if the machine stops: without it a key that is gone would be replaced.
base::Result<void, std::string> write_known(const std::string& file,
                                            const std::vector<base::PublicKey>& keys) {
  const std::string part = file + ".new";
  std::string text;
  for (const auto& key : keys) text += base::base64(base::as_chars(key)) + "\n";
  {
    const File out(::open(part.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644));
    if (out < 0 || !write_all(out, text) || ::fsync(out) != 0)
      return base::fail(because(part + " cannot be written"));
  }
  if (::rename(part.c_str(), file.c_str()) != 0 || !sync_folder(file))
    return base::fail(because(file + " cannot be written"));
  return {};
}

base::Result<void, std::string> move(const std::string& from, const std::string& to) {
  if (::rename(from.c_str(), to.c_str()) != 0 || !sync_folder(to))
    return base::fail(because(from + " cannot be renamed to " + to));
  return {};
}

}  // namespace

std::string key_file(const std::string& folder) { return Files(folder).key; }

base::Result<std::vector<base::PublicKey>, std::string> load_public_keys(
    const std::string& folder) {
  return read_known(Files(folder).known);
}

base::Result<ArchiveKeys, std::string> load_keys(const std::string& folder) {
  const Files files(folder);
  auto known = read_known(files.known);
  if (!known) return base::fail(known.error());
  // A rotation that was interrupted between its two renames.
  if (!fs::exists(files.key) && fs::exists(files.next))
    if (auto moved = move(files.next, files.key); !moved) return base::fail(moved.error());

  ArchiveKeys keys{base::SigningKey::make(), std::nullopt, *std::move(known)};
  if (!fs::exists(files.key)) {
    if (!keys.known.empty())
      return base::fail("the archive's key " + files.key + " is gone, and " + files.known +
                        " says that there was one: put it back from a backup");
    if (auto stored = keys.current.store(files.key); !stored) return base::fail(stored.error());
    keys.made_now = true;
  } else {
    auto loaded = base::SigningKey::load(files.key);
    if (!loaded) return base::fail(loaded.error());
    keys.current = *std::move(loaded);
  }
  if (fs::exists(files.before)) {
    auto loaded = base::SigningKey::load(files.before);
    if (!loaded) return base::fail(loaded.error());
    keys.before = *std::move(loaded);
  }
  const auto current = keys.current.public_key();
  if (keys.known.empty() || keys.known.front() != current) {
    std::erase(keys.known, current);
    keys.known.insert(keys.known.begin(), current);
    if (auto written = write_known(files.known, keys.known); !written)
      return base::fail(written.error());
  }
  return keys;
}

base::Result<base::PublicKey, std::string> rotate_key(const std::string& folder) {
  const Files files(folder);
  if (!fs::exists(files.key))
    return base::fail("there is no key " + files.key + " yet: the first start makes one");
  if (fs::exists(files.before))
    return base::fail(
        "the last rotation is not through: start the server, so that the key it made signs a "
        "checkpoint");
  std::error_code ignored;
  fs::remove(files.next, ignored);
  const auto key = base::SigningKey::make();
  if (auto stored = key.store(files.next); !stored) return base::fail(stored.error());
  if (auto moved = move(files.key, files.before); !moved) return base::fail(moved.error());
  if (auto moved = move(files.next, files.key); !moved) return base::fail(moved.error());
  if (auto loaded = load_keys(folder); !loaded) return base::fail(loaded.error());
  return key.public_key();
}

base::Result<void, std::string> forget_key_before(const std::string& folder) {
  const std::string file = Files(folder).before;
  if (::unlink(file.c_str()) != 0 && errno != ENOENT)
    return base::fail(because(file + " cannot be removed"));
  return {};
}

}  // namespace compliance
