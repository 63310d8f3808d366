// SPDX-License-Identifier: Apache-2.0
#include "net/tls/pem_file.h"

#include <fcntl.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>

namespace net {
namespace {

constexpr std::size_t file_max = 1048576;

struct Descriptor {
  ~Descriptor() {
    if (fd >= 0) ::close(fd);
  }
  int fd;
};

base::Failure<std::string> cannot(const char* what, const std::string& file) {
  return base::fail(std::string("cannot ") + what + " " + file + ": " + std::strerror(errno));
}

bool write_all(int fd, const std::string& text) {
  for (std::size_t done = 0; done < text.size();) {
    const auto n = ::write(fd, text.data() + done, text.size() - done);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return false;
    done += static_cast<std::size_t>(n);
  }
  return ::fsync(fd) == 0;
}

}  // namespace

base::Result<std::string, std::string> read_file(const std::string& file) {
  const Descriptor in{::open(file.c_str(), O_RDONLY | O_CLOEXEC)};
  if (in.fd < 0) return cannot("read", file);
  std::string text;
  std::array<char, 4096> part;
  while (true) {
    const auto n = ::read(in.fd, part.data(), part.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return cannot("read", file);
    if (n == 0) return text;
    text.append(part.data(), static_cast<std::size_t>(n));
    if (text.size() > file_max) return base::fail(file + " is too large for a PEM file");
  }
}

base::Result<std::vector<CertificatePtr>, std::string> read_certificates(const std::string& file) {
  auto pem = read_file(file);
  if (!pem) return base::fail(pem.error());
  const BioPtr bio(BIO_new_mem_buf(pem->data(), static_cast<int>(pem->size())));
  std::vector<CertificatePtr> chain;
  while (auto* one = PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr)) {
    chain.emplace_back(one);
  }
  const bool clean_end = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
  ERR_clear_error();
  if (chain.empty()) return base::fail(file + " holds no certificate in PEM form");
  if (!clean_end) return base::fail(file + " holds a damaged certificate in its chain");
  return chain;
}

base::Result<void, std::string> write_file(const std::string& file, const std::string& text,
                                           unsigned mode) {
  const auto fresh = file + ".new";
  ::unlink(fresh.c_str());
  {
    const Descriptor out{
        ::open(fresh.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, static_cast<mode_t>(mode))};
    if (out.fd < 0) return cannot("create", fresh);
    if (!write_all(out.fd, text) || ::fchmod(out.fd, static_cast<mode_t>(mode)) != 0) {
      return cannot("write", fresh);
    }
  }
  if (std::rename(fresh.c_str(), file.c_str()) != 0) return cannot("create", file);
  return {};
}

}  // namespace net
