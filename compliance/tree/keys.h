// SPDX-License-Identifier: Apache-2.0
// The archive's signing keys, in the folder of the data: `archive.key` (private, PEM, for its owner
// only), while a new one takes over `archive.key.before`, and `archive.pub` with the public halves
// of all there ever were, a line each, the latest first: what a stranger needs to check.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/signing.h"

namespace compliance {

struct ArchiveKeys {
  base::SigningKey current;
  std::optional<base::SigningKey> before;
  std::vector<base::PublicKey> known;  // current first
  bool made_now = false;
};

std::string key_file(const std::string& folder);
// Makes the key if there is none and none ever was: a key that is gone is not replaced silently.
// The errors are sentences. Blocks.
base::Result<ArchiveKeys, std::string> load_keys(const std::string& folder);
// Only the public halves, whether or not the private key may be read; empty if there is none yet.
base::Result<std::vector<base::PublicKey>, std::string> load_public_keys(const std::string& folder);
// A new key for the next start; the one before signs its first checkpoint too. Refuses while a
// rotation is not through.
base::Result<base::PublicKey, std::string> rotate_key(const std::string& folder);
// The first checkpoint of the new key is out: the private key before is not needed any more.
base::Result<void, std::string> forget_key_before(const std::string& folder);

}  // namespace compliance
