// SPDX-License-Identifier: Apache-2.0
// Hashes, HMACs, key derivation and text encodings over OpenSSL's libcrypto. All functions are
// thread-safe and own nothing.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace base {

using Sha256 = std::array<unsigned char, 32>;

// View a digest (or any byte array) as characters, for hashing or storing.
template <std::size_t N>
std::string_view as_chars(const std::array<unsigned char, N>& bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), N};
}

Sha256 sha256(std::string_view data);
// sha256 over the concatenation of parts, without building it.
Sha256 sha256_parts(std::initializer_list<std::string_view> parts);

enum class Hash { sha1, sha256 };
std::string digest(Hash hash, std::string_view data);
std::string hmac(Hash hash, std::string_view key, std::string_view data);
// PKCS#5 PBKDF2; slow on purpose: call on a worker thread.
std::string pbkdf2(Hash hash, std::string_view password, std::string_view salt, int iterations);

// One AES-128 block; key and block are 16 bytes. A permutation of 128-bit values: what makes room
// numbers into unpredictable ids and back.
std::array<unsigned char, 16> aes128_encrypt_block(std::string_view key, std::string_view block);
std::array<unsigned char, 16> aes128_decrypt_block(std::string_view key, std::string_view block);

// For secrets of equal length the time does not depend on where they differ.
bool equal_constant_time(std::string_view a, std::string_view b) noexcept;

std::string base64(std::string_view bytes);                        // RFC 4648 §4, padded
std::optional<std::string> from_base64(std::string_view text);     // strict: canonical, padded
std::string base64url(std::string_view bytes);                     // §5, no padding
std::optional<std::string> from_base64url(std::string_view text);  // strict
std::string hex(std::string_view bytes);                           // lower case
std::optional<std::string> from_hex(std::string_view text);        // lower case only
// A digest out of the bytes that hex, base64 or a file gave; nullopt if they are not as many.
std::optional<Sha256> as_sha256(std::string_view bytes);
std::optional<Sha256> sha256_from_hex(std::string_view text);
std::optional<Sha256> sha256_from_base64(std::string_view text);

}  // namespace base
