// SPDX-License-Identifier: Apache-2.0
#include "db/sqlite/owner_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <fstream>
#include <thread>
#include <utility>

namespace db {
namespace {

constexpr int tries_max = 5;

// For whoever asks who has it. Without it, as on a full disk, the lock is as good.
void say_who(int fd) {
  const std::string pid = std::to_string(::getpid()) + "\n";
  if (::ftruncate(fd, 0) == 0) (void)!::pwrite(fd, pid.data(), pid.size(), 0);
}

}  // namespace

std::optional<OwnerLock> OwnerLock::take(const std::string& path, std::string& error) {
  const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0) {
    error = path + " cannot be opened: " + std::strerror(errno);
    return std::nullopt;
  }
  OwnerLock lock(fd);
  // flock, not fcntl: a second open in the same process is refused too. Who only looks (is_held)
  // has it for an instant: that is no owner.
  for (int tries = 0; ::flock(fd, LOCK_EX | LOCK_NB) != 0;) {
    if (errno == EINTR) continue;
    if (errno == EWOULDBLOCK && ++tries < tries_max) {
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
      continue;
    }
    if (errno != EWOULDBLOCK) error = path + " cannot be locked: " + std::strerror(errno);
    return std::nullopt;
  }
  say_who(fd);
  return lock;
}

std::int64_t OwnerLock::holder(const std::string& path) {
  std::int64_t pid = 0;
  std::ifstream file(path);
  return file >> pid && pid > 0 ? pid : 0;
}

bool OwnerLock::is_held(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return false;
  const bool held = ::flock(fd, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK;
  ::close(fd);
  return held;
}

OwnerLock::OwnerLock(OwnerLock&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}

OwnerLock& OwnerLock::operator=(OwnerLock&& other) noexcept {
  std::swap(fd_, other.fd_);
  return *this;
}

OwnerLock::~OwnerLock() {
  if (fd_ >= 0) ::close(fd_);
}

}  // namespace db
