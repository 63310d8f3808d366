// SPDX-License-Identifier: Apache-2.0
// Ed25519 (RFC 8032) over OpenSSL's libcrypto, and its private keys in PKCS #8 PEM files. All
// functions are thread-safe.
#pragma once

#include <array>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"

namespace base {

using PublicKey = std::array<unsigned char, 32>;
using Signature = std::array<unsigned char, 64>;

// A private key. Never shown, never logged; its memory is OpenSSL's, which clears it.
class SigningKey {
 public:
  static SigningKey make();                            // by the operating system's random numbers
  static SigningKey from_seed(std::string_view seed);  // 32 bytes: RFC 8032's private key
  // The errors are sentences that name the file. load() refuses a file that others than its owner
  // may read; store() makes it with mode 0600, whole or not at all, and refuses to replace one.
  static Result<SigningKey, std::string> load(const std::string& file);
  Result<void, std::string> store(const std::string& file) const;

  PublicKey public_key() const;
  Signature sign(std::string_view text) const;

 private:
  struct Free {
    void operator()(void* key) const;
  };
  explicit SigningKey(void* key) : key_(key) {}
  std::unique_ptr<void, Free> key_;
};

bool verify(const PublicKey& key, std::string_view text, const Signature& signature);

}  // namespace base
