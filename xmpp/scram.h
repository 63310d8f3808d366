// SPDX-License-Identifier: Apache-2.0
// SCRAM verifiers, RFC 5802 §3: what an account keeps in place of its password.
#pragma once

#include <string>
#include <string_view>

#include "base/crypto.h"

namespace xmpp {

struct ScramKeys {
  std::string salt;  // raw bytes
  int iterations = 0;
  std::string stored_key;  // raw bytes
  std::string server_key;  // raw bytes
  friend bool operator==(const ScramKeys&, const ScramKeys&) = default;
};

// The verifiers of one account, one for each hash.
struct ScramVerifiers {
  ScramKeys sha1;
  ScramKeys sha256;
};

// Slow on purpose (PBKDF2): call on a worker. `password` must be prepared already.
ScramKeys derive_scram_keys(base::Hash hash, std::string_view password, std::string_view salt,
                            int iterations);
// Whether `password` (prepared) belongs to the keys; slow, constant-time comparison.
bool password_matches(base::Hash hash, std::string_view password, const ScramKeys& keys);
// SASLprep (RFC 4013) of a password; empty if refused.
std::string prepare_password(std::string_view password);

}  // namespace xmpp
