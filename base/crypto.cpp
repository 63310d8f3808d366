// SPDX-License-Identifier: Apache-2.0
#include "base/crypto.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <climits>
#include <memory>

#include "base/check.h"

namespace base {
namespace {

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.empty() ? "" : text.data());
}

unsigned char* bytes_of(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }

int int_size(std::string_view text) {
  CHECK(text.size() <= INT_MAX);
  return static_cast<int>(text.size());
}

// Looked up once: OpenSSL 3 otherwise searches its providers at every use.
const EVP_MD* algorithm(Hash hash) {
  static const EVP_MD* const sha1 = EVP_MD_fetch(nullptr, "SHA1", nullptr);
  static const EVP_MD* const sha256 = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  const EVP_MD* found = hash == Hash::sha1 ? sha1 : sha256;
  CHECK(found != nullptr);
  return found;
}

std::size_t digest_size(Hash hash) { return hash == Hash::sha1 ? 20 : 32; }

struct FreeDigest {
  void operator()(EVP_MD_CTX* c) const { EVP_MD_CTX_free(c); }
};
struct FreeCipher {
  void operator()(EVP_CIPHER_CTX* c) const { EVP_CIPHER_CTX_free(c); }
};

std::array<unsigned char, 16> aes128_block(std::string_view key, std::string_view block,
                                           bool encrypt) {
  static const EVP_CIPHER* const aes = EVP_CIPHER_fetch(nullptr, "AES-128-ECB", nullptr);
  CHECK(aes != nullptr && key.size() == 16 && block.size() == 16);
  const std::unique_ptr<EVP_CIPHER_CTX, FreeCipher> context(EVP_CIPHER_CTX_new());
  CHECK(context != nullptr);
  CHECK(EVP_CipherInit_ex(context.get(), aes, nullptr, bytes_of(key), nullptr, encrypt ? 1 : 0) ==
        1);
  CHECK(EVP_CIPHER_CTX_set_padding(context.get(), 0) == 1);
  std::array<unsigned char, 16> out{};
  int size = 0;
  CHECK(EVP_CipherUpdate(context.get(), out.data(), &size, bytes_of(block), 16) == 1);
  CHECK(size == 16);
  return out;
}

}  // namespace

Sha256 sha256(std::string_view data) { return sha256_parts({data}); }

Sha256 sha256_parts(std::initializer_list<std::string_view> parts) {
  // Making a context costs as much as hashing a hundred bytes.
  thread_local const std::unique_ptr<EVP_MD_CTX, FreeDigest> context(EVP_MD_CTX_new());
  CHECK(context != nullptr);
  CHECK(EVP_DigestInit_ex(context.get(), algorithm(Hash::sha256), nullptr) == 1);
  for (const std::string_view part : parts)
    CHECK(EVP_DigestUpdate(context.get(), bytes_of(part), part.size()) == 1);
  Sha256 out{};
  CHECK(EVP_DigestFinal_ex(context.get(), out.data(), nullptr) == 1);
  return out;
}

std::string digest(Hash hash, std::string_view data) {
  std::string out(digest_size(hash), '\0');
  CHECK(EVP_Digest(bytes_of(data), data.size(), bytes_of(out), nullptr, algorithm(hash), nullptr) ==
        1);
  return out;
}

std::string hmac(Hash hash, std::string_view key, std::string_view data) {
  std::string out(digest_size(hash), '\0');
  CHECK(HMAC(algorithm(hash), bytes_of(key), int_size(key), bytes_of(data), data.size(),
             bytes_of(out), nullptr) != nullptr);
  return out;
}

std::string pbkdf2(Hash hash, std::string_view password, std::string_view salt, int iterations) {
  CHECK(iterations > 0);
  std::string out(digest_size(hash), '\0');
  CHECK(PKCS5_PBKDF2_HMAC(password.empty() ? "" : password.data(), int_size(password),
                          bytes_of(salt), int_size(salt), iterations, algorithm(hash),
                          int_size(out), bytes_of(out)) == 1);
  return out;
}

std::array<unsigned char, 16> aes128_encrypt_block(std::string_view key, std::string_view block) {
  return aes128_block(key, block, true);
}

std::array<unsigned char, 16> aes128_decrypt_block(std::string_view key, std::string_view block) {
  return aes128_block(key, block, false);
}

bool equal_constant_time(std::string_view a, std::string_view b) noexcept {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace base
