// SPDX-License-Identifier: Apache-2.0
#include "bench/load/scram.h"

#include <fmt/format.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include <array>
#include <charconv>
#include <vector>

#include "bench/failed.h"

namespace bench {
namespace {

const EVP_MD* hash_of(Mechanism mechanism) {
  return mechanism == Mechanism::scram_sha_1 ? EVP_sha1() : EVP_sha256();
}

const unsigned char* bytes(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

std::string hmac(const EVP_MD* hash, std::string_view key, std::string_view data) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> out;
  unsigned size = 0;
  HMAC(hash, key.data(), static_cast<int>(key.size()), bytes(data), data.size(), out.data(), &size);
  return {out.begin(), out.begin() + size};
}

std::string digest(const EVP_MD* hash, std::string_view data) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> out;
  unsigned size = 0;
  EVP_Digest(data.data(), data.size(), out.data(), &size, hash, nullptr);
  return {out.begin(), out.begin() + size};
}

// What follows `name`= up to the next comma.
std::string_view field(std::string_view message, char name) {
  for (std::size_t at = 0; at < message.size();) {
    const auto end = std::min(message.find(',', at), message.size());
    const auto part = message.substr(at, end - at);
    if (part.size() > 2 && part[0] == name && part[1] == '=') return part.substr(2);
    at = end + 1;
  }
  return {};
}

std::string random_nonce() {
  std::array<unsigned char, 18> random;
  if (RAND_bytes(random.data(), random.size()) != 1) throw Failed("OpenSSL gives no random bytes");
  return to_base64({reinterpret_cast<const char*>(random.data()), random.size()});
}

}  // namespace

const char* name_of(Mechanism mechanism) {
  switch (mechanism) {
    case Mechanism::scram_sha_1:
      return "SCRAM-SHA-1";
    case Mechanism::scram_sha_256:
      return "SCRAM-SHA-256";
    case Mechanism::plain:
      break;
  }
  return "PLAIN";
}

std::string to_base64(std::string_view in) {
  std::vector<unsigned char> out(4 * ((in.size() + 2) / 3) + 1);
  const int n = EVP_EncodeBlock(out.data(), bytes(in), static_cast<int>(in.size()));
  return {out.begin(), out.begin() + n};
}

std::optional<std::string> from_base64(std::string_view text) {
  std::vector<unsigned char> out(3 * (text.size() / 4) + 3);
  const int n = EVP_DecodeBlock(out.data(), bytes(text), static_cast<int>(text.size()));
  if (n < 0 || text.size() % 4 != 0) return std::nullopt;
  const int padding = text.ends_with("==") ? 2 : text.ends_with('=') ? 1 : 0;
  return std::string(out.begin(), out.begin() + n - padding);
}

std::string salted_password(Mechanism mechanism, std::string_view password, std::string_view salt,
                            int iterations) {
  const auto* hash = hash_of(mechanism);
  std::string key(static_cast<std::size_t>(EVP_MD_get_size(hash)), '\0');
  PKCS5_PBKDF2_HMAC(password.data(), static_cast<int>(password.size()), bytes(salt),
                    static_cast<int>(salt.size()), iterations, hash, static_cast<int>(key.size()),
                    reinterpret_cast<unsigned char*>(key.data()));
  return key;
}

Scram::Scram(Mechanism mechanism, std::string localpart, std::string password)
    : mechanism_(mechanism),
      localpart_(std::move(localpart)),
      password_(std::move(password)),
      nonce_(random_nonce()),
      bare_(fmt::format("n={},r={}", localpart_, nonce_)) {}

std::string Scram::first() const { return "n,," + bare_; }

std::optional<std::string> Scram::final(std::string_view challenge) {
  const auto nonce = field(challenge, 'r');
  const auto salt = from_base64(field(challenge, 's'));
  const auto count = field(challenge, 'i');
  int iterations = 0;
  std::from_chars(count.data(), count.data() + count.size(), iterations);
  if (!nonce.starts_with(nonce_) || !salt || iterations <= 0) return std::nullopt;
  const auto* hash = hash_of(mechanism_);
  const auto salted = salted_password(mechanism_, password_, *salt, iterations);
  const auto without_proof = fmt::format("c={},r={}", to_base64("n,,"), nonce);
  const auto signed_text = fmt::format("{},{},{}", bare_, challenge, without_proof);
  auto proof = hmac(hash, salted, "Client Key");
  const auto signature = hmac(hash, digest(hash, proof), signed_text);
  for (std::size_t i = 0; i < proof.size(); ++i)
    proof[i] = static_cast<char>(proof[i] ^ signature[i]);
  server_signature_ = hmac(hash, hmac(hash, salted, "Server Key"), signed_text);
  return fmt::format("{},p={}", without_proof, to_base64(proof));
}

bool Scram::server_knows(std::string_view verdict) const {
  return !server_signature_.empty() && field(verdict, 'v') == to_base64(server_signature_);
}

}  // namespace bench
