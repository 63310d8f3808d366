// SPDX-License-Identifier: Apache-2.0
// A sealed file of the archive never changes: its copy is the same bytes, so that the two can be
// compared without looking into them.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>
#include <vector>

#include "db/keep/copy.h"
#include "db/sql/migrate.h"
#include "db/stores/archive/volumes/volumes.h"

namespace db {
namespace {

constexpr std::size_t bytes_a_step = std::size_t{1} << 20;

class File {
 public:
  File(std::string path, int flags, mode_t mode = 0)
      : path_(std::move(path)), fd_(::open(path_.c_str(), flags | O_CLOEXEC, mode)) {
    if (fd_ < 0) fail("cannot be opened");
  }
  ~File() { ::close(fd_); }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  int fd() const { return fd_; }
  [[noreturn]] void fail(const char* what) const {
    throw DatabaseError(path_ + " " + what + ": " + std::strerror(errno));
  }

 private:
  const std::string path_;
  const int fd_;
};

std::size_t read_some(const File& file, std::vector<char>& into) {
  for (;;) {
    const auto n = ::read(file.fd(), into.data(), into.size());
    if (n >= 0) return static_cast<std::size_t>(n);
    if (errno != EINTR) file.fail("cannot be read");
  }
}

void write_all(const File& file, const char* data, std::size_t size) {
  while (size > 0) {
    const auto n = ::write(file.fd(), data, size);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) file.fail("cannot be written");
    data += n;
    size -= static_cast<std::size_t>(n);
  }
}

class SealedCopy final : public Copy {
 public:
  explicit SealedCopy(Volume volume) : volume_(std::move(volume)) {
    Session session(volume_.target, Session::Use::reader);
    schema = schema_version(session);
    Statement(session).into(head).prepare(head_query(Copied::archive)).one();
    struct stat about {};
    if (::stat(volume_.target.where.c_str(), &about) == 0) bytes = about.st_size;
  }

  std::string file_name(const std::string& database) const override {
    return database + "." + volume_.label + ".db";
  }

  void write(const std::string& file, const GoOn& go_on) override {
    const File from(volume_.target.where, O_RDONLY);
    {
      const File to(file, O_WRONLY | O_CREAT | O_EXCL, S_IRUSR | S_IRGRP);
      std::vector<char> some(bytes_a_step);
      std::int64_t done = 0;
      while (const std::size_t n = read_some(from, some)) {
        write_all(to, some.data(), n);
        done += static_cast<std::int64_t>(n);
        if (!go_on(done)) throw DatabaseError("given up");
      }
    }
    sync_file(file);
  }

 private:
  const Volume volume_;
};

}  // namespace

std::vector<std::unique_ptr<Copy>> open_sealed_copies(const Target& archive) {
  std::vector<std::unique_ptr<Copy>> copies;
  for (auto& volume : sealed_volumes(archive))
    copies.push_back(std::make_unique<SealedCopy>(std::move(volume)));
  return copies;
}

}  // namespace db
