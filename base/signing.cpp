// SPDX-License-Identifier: Apache-2.0
#include "base/signing.h"

#include <fcntl.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <system_error>

#include "base/check.h"

namespace base {
namespace {

EVP_PKEY* as_key(void* key) { return static_cast<EVP_PKEY*>(key); }
const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.empty() ? "" : text.data());
}

struct FreeContext {
  void operator()(EVP_MD_CTX* c) const { EVP_MD_CTX_free(c); }
};
using Context = std::unique_ptr<EVP_MD_CTX, FreeContext>;

struct CloseFile {
  void operator()(std::FILE* f) const { std::fclose(f); }
};
using File = std::unique_ptr<std::FILE, CloseFile>;

std::string because(const std::string& what) {
  return what + ": " + std::generic_category().message(errno);
}

}  // namespace

void SigningKey::Free::operator()(void* key) const { EVP_PKEY_free(as_key(key)); }

SigningKey SigningKey::make() {
  EVP_PKEY* key = EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519");
  CHECK(key != nullptr);
  return SigningKey(key);
}

SigningKey SigningKey::from_seed(std::string_view seed) {
  EVP_PKEY* key =
      EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, bytes_of(seed), seed.size());
  CHECK(key != nullptr);
  return SigningKey(key);
}

Result<SigningKey, std::string> SigningKey::load(const std::string& file) {
  const File in(std::fopen(file.c_str(), "re"));
  if (!in) return fail(because("the key " + file + " cannot be read"));
  struct stat about {};
  if (::fstat(::fileno(in.get()), &about) != 0)
    return fail(because("the key " + file + " cannot be read"));
  if ((about.st_mode & (S_IRWXG | S_IRWXO)) != 0)
    return fail("the key " + file + " may be used by others than its owner: chmod 600 " + file);
  EVP_PKEY* key = PEM_read_PrivateKey(in.get(), nullptr, nullptr, nullptr);
  SigningKey read(key);
  if (key == nullptr || EVP_PKEY_is_a(key, "ED25519") != 1)
    return fail("the key " + file + " is no Ed25519 private key in PEM form");
  return read;
}

// Written beside and linked to its name, so that there is never half a key, nor one replaced.
Result<void, std::string> SigningKey::store(const std::string& file) const {
  const std::string part = file + ".new";
  ::unlink(part.c_str());
  const int made = ::open(part.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (made < 0) return fail(because("the key " + part + " cannot be written"));
  File out(::fdopen(made, "w"));
  bool good = out && PEM_write_PKCS8PrivateKey(out.get(), as_key(key_.get()), nullptr, nullptr, 0,
                                               nullptr, nullptr) == 1;
  good = good && std::fflush(out.get()) == 0 && ::fsync(made) == 0;
  out.reset();
  if (good) good = ::link(part.c_str(), file.c_str()) == 0;
  const std::string why = good ? "" : because("the key " + file + " cannot be written");
  ::unlink(part.c_str());
  if (!good) return fail(why);
  return {};
}

PublicKey SigningKey::public_key() const {
  PublicKey key{};
  std::size_t size = key.size();
  CHECK(EVP_PKEY_get_raw_public_key(as_key(key_.get()), key.data(), &size) == 1);
  CHECK(size == key.size());
  return key;
}

Signature SigningKey::sign(std::string_view text) const {
  const Context context(EVP_MD_CTX_new());
  CHECK(context != nullptr);
  CHECK(EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, as_key(key_.get())) == 1);
  Signature signature{};
  std::size_t size = signature.size();
  CHECK(EVP_DigestSign(context.get(), signature.data(), &size, bytes_of(text), text.size()) == 1);
  CHECK(size == signature.size());
  return signature;
}

bool verify(const PublicKey& key, std::string_view text, const Signature& signature) {
  const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> theirs(
      EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, key.data(), key.size()),
      &EVP_PKEY_free);
  const Context context(EVP_MD_CTX_new());
  CHECK(context != nullptr);
  return theirs &&
         EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, theirs.get()) == 1 &&
         EVP_DigestVerify(context.get(), signature.data(), signature.size(), bytes_of(text),
                          text.size()) == 1;
}

}  // namespace base
