// SPDX-License-Identifier: Apache-2.0
#include "base/file_hash.h"

#include <fcntl.h>
#include <openssl/evp.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>
#include <vector>

#include "base/check.h"

namespace base {

Result<Sha256, std::string> sha256_of_file(const std::string& path,
                                           const std::function<bool()>& go_on) {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return fail(path + " cannot be opened: " + std::strerror(errno));
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(),
                                                                        &EVP_MD_CTX_free);
  CHECK(EVP_DigestInit_ex(context.get(), EVP_sha256(), nullptr) == 1);
  std::vector<char> piece(std::size_t{1} << 20);
  std::string wrong;
  for (;;) {
    const auto n = ::read(file, piece.data(), piece.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) wrong = path + " cannot be read: " + std::strerror(errno);
    if (n <= 0) break;
    CHECK(EVP_DigestUpdate(context.get(), piece.data(), static_cast<std::size_t>(n)) == 1);
    if (!go_on()) {
      wrong = "given up";
      break;
    }
  }
  ::close(file);
  if (!wrong.empty()) return fail(std::move(wrong));
  Sha256 digest{};
  CHECK(EVP_DigestFinal_ex(context.get(), digest.data(), nullptr) == 1);
  return digest;
}

}  // namespace base
